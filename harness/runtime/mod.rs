//! Runtimes: the interpreters under test, how they are found and installed, and the trials of cases on them.
//!
//! `launchers/` has the scripts that `install` runs, and what they copy into the folder of a runtime.
//! Nothing here runs a case, and nothing here knows how the Python side works: `agent` asks an interpreter what it is.

mod origin;
pub mod places;
mod heat;
mod interpreter;
mod variant;
mod trial;
pub mod discover;
pub(crate) mod install;

pub use heat::Heat;
pub use interpreter::{Absent, Found, Isolation, Launch, Probe, Runtime};
pub(crate) use interpreter::{alias, make_unique};
pub use origin::Origin;
pub use trial::Trial;
pub use variant::Variant;
