//! Guards: the versions, platforms and needs that a case is for, and globs over names.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Serialize};

use super::form::OneOrMany;

/// A set of versions: a PEP 440 specifier, or a list of specifiers. At least one must hold. All versions by
/// default.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "OneOrMany<Specifier>"))]
#[serde(try_from = "OneOrMany<Specifier>")]
pub struct Versions(Vec<VersionSpecifiers>);

/// A PEP 440 specifier, such as `>=3.8,<3.12`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "String", extend("pattern" = SPECIFIER)))]
#[serde(try_from = "String")]
struct Specifier(VersionSpecifiers);

#[cfg(test)]
const SPECIFIER: &str = r"^(~=|===?|!=|<=?|>=?)\s*\d+(\.\d+)*(\.\*|(a|b|rc)\d+)?(\s*,\s*(~=|===?|!=|<=?|>=?)\s*\d+(\.\d+)*(\.\*|(a|b|rc)\d+)?)*$";

impl TryFrom<String> for Specifier {
    type Error = String;

    fn try_from(text: String) -> Result<Specifier, String> {
        let message = |_| format!("`{text}` is not a version specifier of PEP 440, such as `>=3.8,<3.12`");
        text.parse().map(Specifier).map_err(message)
    }
}

impl TryFrom<OneOrMany<Specifier>> for Versions {
    type Error = &'static str;

    fn try_from(specifiers: OneOrMany<Specifier>) -> Result<Versions, &'static str> {
        let specifiers: Vec<_> = specifiers.into_vec().into_iter().map(|Specifier(specifiers)| specifiers).collect();
        if specifiers.is_empty() { Err("the list of versions is empty") } else { Ok(Versions(specifiers)) }
    }
}

impl Default for Versions {
    fn default() -> Versions {
        Versions(vec![VersionSpecifiers::default()])
    }
}

/// Reads the text that `Display` writes.
impl FromStr for Versions {
    type Err = String;

    fn from_str(text: &str) -> Result<Versions, String> {
        let specifiers = text.split(" or ").map(|text| Specifier::try_from(text.to_owned()));
        specifiers
            .map(|specifier| specifier.map(|Specifier(specifiers)| specifiers))
            .collect::<Result<_, _>>()
            .map(Versions)
    }
}

impl Versions {
    /// Tells whether a version is one of these.
    pub fn contain(&self, version: &Version) -> bool {
        self.0.iter().any(|specifiers| specifiers.contains(version))
    }

    /// Returns the specifiers. A version is one of these if at least one holds.
    pub(crate) fn specifiers(&self) -> &[VersionSpecifiers] {
        &self.0
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
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
    /// Every platform except Windows.
    Unix,
    /// WebAssembly in a JavaScript host, such as Pyodide.
    Emscripten,
    /// WebAssembly with its own system interface, WASI.
    Wasi,
}

impl Platform {
    /// All platforms, families last.
    pub(super) const ALL: [Platform; 7] = [
        Platform::Linux,
        Platform::Macos,
        Platform::Freebsd,
        Platform::Windows,
        Platform::Emscripten,
        Platform::Wasi,
        Platform::Unix,
    ];

    /// Returns the narrowest platform that a runtime's `sys.platform` is of. Every system but Windows is a Unix here.
    pub(crate) fn of(sys_platform: &str) -> Platform {
        Platform::ALL.into_iter().find(|platform| platform.is(sys_platform)).unwrap_or(Platform::Unix)
    }

    /// Returns the platform that a word in files means.
    pub(crate) fn named(word: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.word() == word)
    }

    /// Returns `sys.platform` of a runtime on it; for the family of all but Windows, that of a platform without a name of
    /// its own.
    pub(crate) fn sys_platform(self) -> &'static str {
        match self {
            Platform::Linux => "linux",
            Platform::Macos => "darwin",
            Platform::Freebsd => "freebsd14",
            Platform::Windows => "win32",
            Platform::Emscripten => "emscripten",
            Platform::Wasi => "wasi",
            Platform::Unix => "unix",
        }
    }

    /// Returns the word for it in files.
    pub(crate) fn word(self) -> String {
        self.to_string().to_lowercase()
    }

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

/// The agent's name for the feature that isolation by fork needs.
pub const FORK: &str = "fork";

/// Something that a case needs of the runtime or its surroundings. The probe finds out whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = only_needs))]
#[serde(try_from = "String", into = "String")]
pub struct Need(String);

impl Need {
    const FEATURES: [&str; 19] = [
        "build:release",
        "build:jit",
        "build:free-threaded",
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
        "namespaces",
        "locks",
        "process-groups",
    ];
    /// The words before the colon of a need that has a dotted name.
    const WITH_NAME: [&str; 4] = ["module", "attr", "fd", "dir_fd"];

    /// Returns the need of isolation by fork.
    pub fn fork() -> Need {
        Need(FORK.to_owned())
    }

    /// Returns the need of a native hook. The harness itself tries it.
    pub fn native() -> Need {
        Need("native".to_owned())
    }

    /// Returns the need of a command line that the agent can watch. The harness itself tries it.
    pub fn customization() -> Need {
        Need("sitecustomize".to_owned())
    }

    /// Tells whether the harness itself tries it, and not the agent.
    pub fn is_tried(&self) -> bool {
        *self == Need::native() || *self == Need::customization()
    }

    /// Tells whether the need is of the runtime itself, and not of its surroundings.
    pub fn is_of_runtime(&self) -> bool {
        self.0.contains(':') || *self == Need::native()
    }

    /// Returns the need of a dotted name, such as `os.memfd_create`.
    pub fn attribute(dotted: &str) -> Need {
        Need(format!("attr:{dotted}"))
    }

    /// Returns the need as the agent knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Need {
    type Error = String;

    fn try_from(text: String) -> Result<Need, String> {
        let has_name = |(word, name): (&str, &str)| Need::WITH_NAME.contains(&word) && is_dotted(name);
        if Need::FEATURES.contains(&text.as_str()) || text.split_once(':').is_some_and(has_name) {
            return Ok(Need(text));
        }
        let with_name = Need::WITH_NAME.iter().map(|word| format!("`{word}:NAME`"));
        let features = Need::FEATURES.iter().map(|feature| format!("`{feature}`"));
        let expected = with_name.chain(features).collect::<Vec<_>>().join(", ");
        Err(format!("unknown need `{text}`, expected one of {expected}"))
    }
}

#[cfg(test)]
fn only_needs(schema: &mut schemars::Schema) {
    let pattern = format!("^({}):{NAME}(\\.{NAME})*$", Need::WITH_NAME.join("|"), NAME = "[A-Za-z_][A-Za-z0-9_]*");
    schema.insert("anyOf".to_owned(), serde_json::json!([{ "enum": Need::FEATURES }, { "pattern": pattern }]));
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
            Some(("build", name)) => write!(f, "{name} build"),
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

/// The properties of a runtime that guards and known gaps are compared with.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The runtime's unique name.
    pub name: String,
    /// `sys.implementation.name`.
    pub implementation: String,
    /// The version of the implementation, without a release tag, if it has a readable one.
    pub version: Option<Version>,
    /// The language version, without a release tag: 3.15.0rc1 is held to the promises of 3.15.
    pub language: Version,
    /// `sys.platform`.
    pub platform: String,
}

/// The implementation whose versions are those of the language, as `sys.implementation.name` has it.
pub(crate) const CPYTHON: &str = "cpython";

impl Identity {
    /// Returns the place in reports: Linux stands first, on each system CPython does, and of each implementation the newest
    /// version.
    pub fn place(&self) -> impl Ord + use<> {
        let Identity { implementation, platform, version, language, .. } = self.clone();
        let is_other = implementation != CPYTHON;
        // An implementation other than CPython has versions of its own.
        let version = Some(language.clone()).filter(|_| !is_other).or(version);
        (platform != "linux", is_other && platform == "linux", platform, implementation, Reverse((version, language)))
    }

    /// Tells whether the version of the implementation is one of these. An unreadable version is none of any.
    pub(super) fn is_one_of(&self, versions: &Versions) -> bool {
        self.version.as_ref().is_some_and(|version| versions.contain(version))
    }
}

/// A glob pattern.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub struct Glob(glob::Pattern);

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Glob, String> {
        let message = |error: glob::PatternError| {
            format!("`{text}` is not a glob pattern: {} at character {}", error.msg, error.pos + 1)
        };
        glob::Pattern::new(&text).map(Glob).map_err(message)
    }
}

impl Glob {
    /// Returns the pattern that matches a text and nothing else.
    pub fn escape(text: &str) -> String {
        glob::Pattern::escape(text)
    }

    /// Tells whether the pattern matches a whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_a_specifier_or_a_list_of_which_one_must_hold() {
        for (yaml, inside, outside, written) in [
            ("'>=3.8,<3.12'", ["3.8", "3.11.7"], ["3.7.17", "3.12.0"], ">=3.8, <3.12"),
            ("'==3.11.*'", ["3.11", "3.11.7"], ["3.10", "3.12"], "==3.11.*"),
            (
                "['>=3.8,<3.8.20', '>=3.12,<3.12.4']",
                ["3.8.19", "3.12.0"],
                ["3.8.20", "3.11.0"],
                ">=3.8, <3.8.20 or >=3.12, <3.12.4",
            ),
        ] {
            let versions: Versions = serde_yaml::from_str(yaml).expect("versions");
            let contain = |version: &str| versions.contain(&version.parse().expect("a version"));
            assert_eq!(inside.map(contain), [true; 2], "{yaml}");
            assert_eq!(outside.map(contain), [false; 2], "{yaml}");
            assert_eq!(versions.to_string(), written);
            assert_eq!(written.parse::<Versions>().expect("versions").to_string(), written);
        }
        let all = Versions::default();
        assert!(all.contain(&"2.7".parse().expect("a version")));
        assert_eq!(all.to_string(), "");
    }

    #[test]
    fn faulty_versions_are_refused() {
        let not_a_specifier = "`>=3.x` is not a version specifier of PEP 440, such as `>=3.8,<3.12`";
        for (yaml, message) in [
            ("'>=3.x'", not_a_specifier),
            ("['>=3.8', '>=3.x']", not_a_specifier),
            ("[]", "the list of versions is empty"),
            ("3.8", "invalid type: floating point `3.8`, expected a string"),
            ("3", "invalid type: integer `3`, expected a string"),
            ("{python: '>=3.8'}", "invalid type: map, expected a string"),
        ] {
            let error = serde_yaml::from_str::<Versions>(yaml).expect_err(yaml).to_string();
            assert!(error.contains(message), "{yaml}: {error}");
        }
    }

    #[test]
    fn a_need_is_a_feature_or_has_a_dotted_name() {
        for (text, is_of_runtime, shown) in [
            ("module:zlib", true, "module zlib"),
            ("attr:os.pipe", true, "os.pipe"),
            ("fd:os.scandir", true, "os.scandir of a descriptor"),
            ("dir_fd:os.link", true, "os.link with dir_fd"),
            ("build:jit", true, "jit build"),
            ("loopback", false, "loopback"),
        ] {
            let need = Need::try_from(text.to_owned()).expect(text);
            assert_eq!(need.as_str(), text);
            assert_eq!((need.is_of_runtime(), need.is_tried()), (is_of_runtime, false), "{text}");
            assert_eq!(need.to_string(), shown);
            assert_eq!(String::from(need), text);
        }
        for text in
            ["", "fd:", "fd:4", "fd:os..link", "dirfd:os.link", "socket", "native", "sitecustomize", "attr", "build:x"]
        {
            let message = Need::try_from(text.to_owned()).expect_err(text);
            let start = format!("unknown need `{text}`, expected one of `module:NAME`, `attr:NAME`, `fd:NAME`, ");
            assert!(message.starts_with(&start) && message.ends_with("`locks`, `process-groups`"), "{message}");
        }
    }

    #[test]
    fn the_harness_itself_has_needs_that_no_case_file_names() {
        for (need, text, shown, is_tried, is_of_runtime) in [
            (Need::fork(), "fork", "fork", false, false),
            (Need::attribute("os.fork"), "attr:os.fork", "os.fork", false, true),
            (Need::native(), "native", "native hook (PySys_AddAuditHook by way of LD_PRELOAD)", true, true),
            (Need::customization(), "sitecustomize", "import of sitecustomize from PYTHONPATH", true, false),
        ] {
            assert_eq!((need.as_str(), need.to_string().as_str()), (text, shown));
            assert_eq!((need.is_tried(), need.is_of_runtime()), (is_tried, is_of_runtime), "{text}");
        }
    }

    #[test]
    fn a_platform_is_told_by_its_name_in_python() {
        use Platform::{Emscripten, Freebsd, Linux, Macos, Unix, Wasi, Windows};
        let all = [Linux, Macos, Freebsd, Windows, Unix, Emscripten, Wasi];
        for (sys_platform, of) in [
            ("linux", vec![Linux, Unix]),
            ("darwin", vec![Macos, Unix]),
            ("freebsd14", vec![Freebsd, Unix]),
            ("win32", vec![Windows]),
            ("emscripten", vec![Unix, Emscripten]),
            ("wasi", vec![Unix, Wasi]),
            ("cygwin", vec![Unix]),
        ] {
            let found: Vec<_> = all.into_iter().filter(|platform| platform.is(sys_platform)).collect();
            assert_eq!(found, of, "{sys_platform}");
        }
        let names = all.map(|platform| platform.to_string());
        assert_eq!(names, ["Linux", "macOS", "FreeBSD", "Windows", "Unix", "Emscripten", "WASI"]);
    }

    #[test]
    fn dotted_names_are_those_that_python_could_import() {
        for text in ["os", "os.path", "_thread", "http.client", "os.open2", "größe.x"] {
            assert!(is_dotted(text), "{text}");
        }
        for text in ["", ".", "os.", ".os", "os..path", "2to3", "os.2", "import statement", "a-b", "f()"] {
            assert!(!is_dotted(text), "{text}");
        }
    }

    #[test]
    fn a_glob_matches_a_whole_text() {
        let glob = Glob::try_from("cpython-3.1*".to_owned()).expect("a glob");
        assert!(glob.matches("cpython-3.12.1") && !glob.matches("cpython-3.9.1") && !glob.matches("x-cpython-3.1"));
        assert_eq!(glob.as_str(), "cpython-3.1*");
        let message = Glob::try_from("a[b".to_owned()).expect_err("no glob");
        assert_eq!(message, "`a[b` is not a glob pattern: invalid range pattern at character 2");
    }
}
