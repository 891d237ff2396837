//! The origin of an interpreter that a recipe set up: the package that was installed, and the file that is the interpreter.

use std::io;
use std::path::{Path, PathBuf};

use crate::input;
use serde::Deserialize;

/// The file that a recipe leaves beside `python`.
const FILE: &str = "audit578.json";

/// The origin of an interpreter, as its recipe wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The kind of package, its name and its version, and the place where it came from if versions differ by place.
    pub package: String,
    /// The file that is the interpreter, where `python` is a launcher. A relative path begins in the folder of `python`.
    pub interpreter: PathBuf,
}

impl Origin {
    /// Reads what a recipe left in the folder of a runtime. Returns `None` if no recipe left anything there.
    ///
    /// # Errors
    /// Returns what is wrong with the file.
    pub fn read(folder: &Path) -> Result<Option<Origin>, String> {
        let path = folder.join(FILE);
        let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = match input::read_to_string(&path, input::TEXT) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(fault(&error)),
        };
        let origin: Origin = serde_json::from_str(&text).map_err(|error| fault(&error))?;
        let interpreter = folder.join(origin.interpreter);
        match interpreter.is_file() {
            true => Ok(Some(Origin { interpreter, ..origin })),
            false => Err(fault(&format_args!("the interpreter {} is not a file", interpreter.display()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_origin_is_read_or_its_fault_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            fs::write(folder.path().join(FILE), text).expect("a file");
            Origin::read(folder.path())
        };
        assert_eq!(Origin::read(folder.path()), Ok(None));
        assert_eq!(Origin::read(&folder.path().join("missing")), Ok(None));
        let text = r#"{"package": "crate x 1.0", "interpreter": "bin/x"}"#;
        let fault = read(text).expect_err("no interpreter");
        assert!(fault.ends_with("bin/x is not a file") && fault.contains(FILE), "{fault}");
        let interpreter = folder.path().join("bin/x");
        fs::create_dir(folder.path().join("bin")).and_then(|()| fs::write(&interpreter, "")).expect("a file");
        assert_eq!(read(text), Ok(Some(Origin { package: "crate x 1.0".to_owned(), interpreter })));
        for (text, fault) in
            [("{", "EOF"), (r#"{"package": "x"}"#, "missing field"), (r#"{"packages": 1}"#, "unknown field")]
        {
            assert!(read(text).expect_err(text).contains(fault), "{text}");
        }
    }
}
