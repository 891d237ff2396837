//! Explanations: all that the suite knows of an event, a case, a capability, a verdict or a runtime, as text for a
//! terminal. Pure.

mod gaps;
mod arguments;
mod veto;
mod event;
mod case;
mod verdict;
mod capability;
mod definitions;
mod runtime;
mod topic;

pub(crate) use topic::render;
