//! Processes: the only module that starts them.
//!
//! Each child has a working directory, an environment, a process group, a deadline and limits. When it has ended, nothing
//! that it started continues to run: on Linux, a keeper ends all processes of its namespaces (`containment`), and where
//! there are none, `strays` ends what has left the group. On Windows that is true only for children that we kill, and on
//! other systems than Linux not for what has left the group. `system` has all that differs between systems. Nothing here
//! knows what the children run.

mod exit;
mod usage;
pub(crate) mod system;
pub mod containment;
pub(crate) mod strays;
mod child;
mod limits;
mod spawn;
mod warm;

pub use child::{Spawn, Stdin};
pub(crate) use exit::Exit;
#[cfg(test)]
pub(crate) use exit::Resource;
pub use limits::Limits;
pub(crate) use spawn::follow;
pub use spawn::run;
pub use usage::Usage;
pub(crate) use warm::Warm;
