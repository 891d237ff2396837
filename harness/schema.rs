//! The committed JSON Schemas, which tests compare with the types that they describe.

use std::path::Path;
use std::{env, fs};

use schemars::{JsonSchema, schema_for};

/// Compares the schema of a type with the committed one. `AUDIT578_BLESS=1 cargo test` writes that anew.
pub(crate) fn check<T: JsonSchema>(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness").join(file);
    let schema = serde_json::to_string_pretty(&schema_for!(T)).expect("JSON") + "\n";
    if env::var_os("AUDIT578_BLESS").is_some() {
        fs::write(&path, &schema).expect("the schema can be written");
    }
    let committed = fs::read_to_string(&path).expect("the schema is committed");
    assert_eq!(committed, schema, "AUDIT578_BLESS=1 cargo test writes it anew");
}
