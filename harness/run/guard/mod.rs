//! The guard: judges a user's hook by operations that were tried without it and under it. Pure.
//!
//! `policy` says what the user demands of the hook, `attempt` judges one operation, and `harmless` has operations that
//! every hook must let pass. `cost` compares times. `answer` joins all findings, and is the JSON of `guard`.

mod policy;
mod attempt;
mod harmless;
mod cost;
mod answer;

pub use answer::{Answer, FORMAT, Findings, Row, Seen, Tried};
pub use attempt::{Attempt, Outcome, failure};
pub use cost::{Cost, Round, costs};
pub use harmless::{Control, HARMLESS};
pub use policy::{Must, Policy};
