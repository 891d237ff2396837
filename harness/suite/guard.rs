//! Guards: what versions, platforms and needs a case is for, and globs over names.

use std::fmt;

use pep440_rs::{Version, VersionSpecifiers};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A set of language versions: a PEP 440 specifier, or a list of which one must hold; all by default.
#[derive(Debug, Clone)]
pub struct Versions(Vec<VersionSpecifiers>);

impl Default for Versions {
    fn default() -> Versions {
        Versions(vec![VersionSpecifiers::default()])
    }
}

impl Versions {
    /// Tells whether a version is one of these.
    pub fn contain(&self, version: &Version) -> bool {
        self.0.iter().any(|specifiers| specifiers.contains(version))
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
    }
}

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Versions, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Versions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version specifier or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Versions, E> {
                let no_specifier = |_| E::custom(format!("`{text}` is no version specifier (PEP 440)"));
                Ok(Versions(vec![text.parse().map_err(no_specifier)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Versions, A::Error> {
                let mut all = Vec::new();
                while let Some(Versions(some)) = seq.next_element()? {
                    all.extend(some);
                }
                if all.is_empty() { Err(de::Error::custom("no version is listed")) } else { Ok(Versions(all)) }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A platform, or a family of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// FreeBSD.
    Freebsd,
    /// Windows.
    Windows,
    /// Everything but Windows.
    Unix,
    /// WebAssembly in a host of JavaScript, as Pyodide.
    Emscripten,
    /// WebAssembly with the system interface of its own.
    Wasi,
}

impl Platform {
    /// Tells whether a runtime's `sys.platform` is of this platform.
    pub fn is(self, sys_platform: &str) -> bool {
        match self {
            Platform::Linux => sys_platform == "linux",
            Platform::Macos => sys_platform == "darwin",
            Platform::Freebsd => sys_platform.starts_with("freebsd"),
            Platform::Windows => sys_platform == "win32",
            Platform::Unix => sys_platform != "win32",
            Platform::Emscripten => sys_platform == "emscripten",
            Platform::Wasi => sys_platform == "wasi",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Platform::Linux => "Linux",
            Platform::Macos => "macOS",
            Platform::Freebsd => "FreeBSD",
            Platform::Windows => "Windows",
            Platform::Unix => "Unix",
            Platform::Emscripten => "Emscripten",
            Platform::Wasi => "WASI",
        })
    }
}

/// The feature that isolation by fork needs, as the agent knows it.
pub const FORK: &str = "fork";

/// What a case needs of the runtime and its surroundings; the probe finds out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Need(String);

impl Need {
    const FEATURES: [&str; 15] = [
        "root",
        "tty",
        "symlink",
        FORK,
        "threads",
        "subprocess",
        "xattr",
        "permissions",
        "dup",
        "inheritance",
        "sockets",
        "loopback",
        "ioctl",
        "locks",
        "process-groups",
    ];
    /// What is before the dotted name that a need is about.
    const ABOUT: [&str; 4] = ["module", "attr", "fd", "dir_fd"];

    /// The need of isolation by fork.
    pub fn fork() -> Need {
        Need(FORK.to_owned())
    }

    /// The need of a native hook, which the harness itself tries.
    pub fn native() -> Need {
        Need("native".to_owned())
    }

    /// The need of a command line that can be watched, which the harness itself tries.
    pub fn customization() -> Need {
        Need("sitecustomize".to_owned())
    }

    /// Tells whether the harness tries it, and not the agent.
    pub fn is_tried(&self) -> bool {
        *self == Need::native() || *self == Need::customization()
    }

    /// Tells whether it is the runtime that lacks what is needed, and not its surroundings.
    pub fn is_of_runtime(&self) -> bool {
        self.0.contains(':') || *self == Need::native()
    }

    /// The need of a dotted name, such as `os.memfd_create`.
    pub fn attribute(dotted: &str) -> Need {
        Need(format!("attr:{dotted}"))
    }

    /// The need as the agent knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Need {
    type Error = String;

    fn try_from(text: String) -> Result<Need, String> {
        let about = |(what, name): (&str, &str)| Need::ABOUT.contains(&what) && is_dotted(name);
        if Need::FEATURES.contains(&text.as_str()) || text.split_once(':').is_some_and(about) {
            return Ok(Need(text));
        }
        let all = Need::ABOUT.map(|what| format!("{what}:NAME")).join(", ");
        Err(format!("`{text}` is no need: use {all}, {}", Need::FEATURES.join(", ")))
    }
}

impl From<Need> for String {
    fn from(need: Need) -> String {
        need.0
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(':') {
            Some(("module", name)) => write!(f, "module {name}"),
            Some(("fd", name)) => write!(f, "{name} of a descriptor"),
            Some(("dir_fd", name)) => write!(f, "{name} with dir_fd"),
            Some((_, name)) => f.write_str(name),
            None if *self == Need::native() => f.write_str("native hook (PySys_AddAuditHook by way of LD_PRELOAD)"),
            None if *self == Need::customization() => f.write_str("import of sitecustomize from PYTHONPATH"),
            None => f.write_str(&self.0),
        }
    }
}

/// Tells whether a text is a dotted Python name.
pub fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// What guards and known gaps ask of a runtime.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The runtime's unique name.
    pub name: String,
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The language version, without a release tag: 3.15.0rc1 is held to the promises of 3.15.
    pub language: Version,
    /// `sys.platform`.
    pub platform: String,
}

/// A glob pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Glob(glob::Pattern);

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Glob, String> {
        glob::Pattern::new(&text).map(Glob).map_err(|error| format!("`{text}`: {error}"))
    }
}

impl Glob {
    /// Tells whether the pattern matches a whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_a_specifier_or_a_union_of_them() {
        let versions = |yaml: &str| serde_yaml::from_str::<Versions>(yaml);
        let has = |yaml: &str, version: &str| versions(yaml).unwrap().contain(&version.parse().unwrap());
        assert!(has("'>=3.8,<3.12'", "3.11.7") && !has("'>=3.8,<3.12'", "3.12.0"));
        let union = "['>=3.8,<3.8.20', '>=3.12,<3.12.4']";
        assert!(has(union, "3.8.19") && has(union, "3.12.0") && !has(union, "3.8.20") && !has(union, "3.11.0"));
        assert_eq!(versions(union).unwrap().to_string(), ">=3.8, <3.8.20 or >=3.12, <3.12.4");
        assert!(versions("'>=3.x'").unwrap_err().to_string().contains("no version specifier"));
        assert!(versions("[]").unwrap_err().to_string().contains("no version is listed"));
    }

    #[test]
    fn a_need_is_a_feature_or_says_what_it_is_about() {
        let need = |text: &str| Need::try_from(text.to_owned());
        for text in ["module:zlib", "attr:os.pipe", "fd:os.scandir", "dir_fd:os.link"] {
            assert!(need(text).unwrap().is_of_runtime(), "{text}");
        }
        assert!(!need("loopback").unwrap().is_of_runtime());
        assert_eq!(need("dir_fd:os.link").unwrap().to_string(), "os.link with dir_fd");
        for text in ["fd:", "fd:4", "dirfd:os.link", "socket", "native", "sitecustomize"] {
            assert!(
                need(text).unwrap_err().contains("use module:NAME, attr:NAME, fd:NAME, dir_fd:NAME, root"),
                "{text}"
            );
        }
    }
}
