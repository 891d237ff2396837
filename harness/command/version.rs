//! `--version`: all that tells two builds apart.

use anyhow::Result;

use super::cli::exit;
use super::files::print;
use crate::report::compatibility;
use crate::suite::Suite;
use crate::{coverage, results, run};

pub(super) fn version() -> Result<u8> {
    print(&format!(
        "audit578 {}\nsuite {}\nformats: results {}, data {}, guard {}, coverage {}\n",
        env!("CARGO_PKG_VERSION"),
        Suite::embedded_hash(),
        results::FORMAT,
        compatibility::FORMAT,
        run::guard::FORMAT,
        coverage::FORMAT,
    ))?;
    Ok(exit::CONFORMANT)
}
