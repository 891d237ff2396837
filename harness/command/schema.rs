//! `schema`: the JSON Schemas of the file formats.

use anyhow::Result;

use super::cli::{self, SchemaFormat, exit};
use super::files::print_exactly;

pub(super) fn schema(args: &cli::Schema) -> Result<u8> {
    print_exactly(match args.format {
        SchemaFormat::Case => include_str!("../suite/case.schema.json"),
        SchemaFormat::Door => include_str!("../suite/door.schema.json"),
        SchemaFormat::Runtimes => include_str!("../runtime/runtimes.schema.json"),
        SchemaFormat::Results => include_str!("../results/results.schema.json"),
        SchemaFormat::Compare => include_str!("../results/compare.schema.json"),
        SchemaFormat::Guard => include_str!("../run/guard/guard.schema.json"),
        SchemaFormat::Coverage => include_str!("../coverage/coverage.schema.json"),
        SchemaFormat::Data => include_str!("../report/compatibility.schema.json"),
        SchemaFormat::Require => include_str!("../report/require/require.schema.json"),
    })?;
    Ok(exit::CONFORMANT)
}
