//! The command line: the arguments, and one file for each command.
//!
//! A command reads its files, calls the folders above, writes what they return, and returns an exit code.
//! Nothing here judges a trial or decides how a result looks. Nothing here exits, except when the user interrupts a
//! command a second time.

mod after_help;
pub mod cli;
mod stop;
mod files;
mod interrupt;
mod gaps;
mod interpreters;
mod progress;
mod publish;
mod cache;
mod resume;
mod results_file;
mod selection;
mod shard;
mod bless;
mod compare;
mod coverage;
mod differential;
mod explain;
mod export;
mod guard;
mod help;
mod install;
mod list;
mod merge;
mod record;
mod report;
mod repro;
mod require;
mod run;
mod runtimes;
mod schema;
mod version;
mod execute;

pub use execute::execute;
pub use files::say;
pub use stop::Stop;
