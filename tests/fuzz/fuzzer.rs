//! The fuzzer of the readers in `harness/fuzz.rs`. `AUDIT578_FUZZ` names the reader.
#![no_main]

use std::env;
use std::sync::LazyLock;

use audit578::fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Target> = LazyLock::new(|| {
    let wanted = env::var("AUDIT578_FUZZ").unwrap_or_default();
    let reader = TARGETS.iter().find(|(name, _)| *name == wanted);
    let names = TARGETS.map(|(name, _)| name).join(", ");
    reader.unwrap_or_else(|| panic!("AUDIT578_FUZZ is `{wanted}`; expected one of {names}")).1
});

fuzz_target!(|input: &[u8]| READER(input));
