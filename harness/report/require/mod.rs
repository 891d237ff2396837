//! Requirements: the events that a monitor depends on, and the releases that keep them. Pure.

mod literals;
mod dependency;
mod requirement;
mod render;

pub(crate) use dependency::{Dependency, Known, joined, of_hook, parse, parse_list};
pub(crate) use render::render;
pub(crate) use requirement::{Choice, Requirement, is_chosen};
