//! Gaps files: the known gaps that belong to whoever keeps them. Pure.
//!
//! ```text
//! # A comment.
//! suite 0.1.0 bd71483e9228...
//! missing os.chmod::path @ windows  # a reason, or a link
//! ```
//!
//! The first line that is not a comment names the suite. Each further one is a gap: a verdict or `flaky`, a glob over ids
//! of cases, where it holds, and a comment. The text of a line is kept, so that a file can be written again without a
//! change to the lines that nobody meant.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use pep440_rs::Version;

use super::case::{Case, EventFile};
use super::files::not_utf8;
use super::guard::{Glob, Identity, Platform, Versions};
use super::verdict::Verdict;
use super::yaml::Fault;

/// The largest size of a gaps file, in bytes. One line for each case of the suite has a tenth of that.
const LARGEST: usize = 1 << 20;

/// The most faults that are shown. A file of another kind has one on each line.
const MOST: usize = 50;

/// The word for a case that passes at one time and fails at another.
const FLAKY: &str = "flaky";

/// The word that begins the header.
const HEADER: &str = "suite";

/// A gaps file.
#[derive(Debug, Clone)]
pub struct GapsFile {
    /// The suite that it was last written for.
    pub pin: Pin,
    /// The line of the pin, from 1.
    pub(crate) pin_line: usize,
    /// The gaps, in the order of the lines.
    pub gaps: Vec<GapLine>,
    /// All lines, with their line ends.
    pub(crate) lines: Vec<String>,
}

/// The suite that a gaps file was last written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The version of audit578.
    pub version: Version,
    /// The hash of the suite, in hexadecimal.
    pub suite: String,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADER} {} {}", self.version, self.suite)
    }
}

/// One gap of a gaps file.
#[derive(Debug, Clone)]
pub struct GapLine {
    /// Its line, from 1.
    pub line: usize,
    /// The failure that it excuses.
    pub listed: ListedAs,
    /// The cases: a glob over their ids.
    pub pattern: Glob,
    /// Where it holds; everywhere when left out.
    pub place: Option<Place>,
    /// The text behind `#`.
    pub comment: Option<String>,
}

/// The verdict that a line lists for its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedAs {
    /// They fail with this verdict.
    Failure(Verdict),
    /// They may pass, or fail in any way.
    Flaky,
}

impl ListedAs {
    /// Returns the failure, unless it is flaky.
    pub(crate) fn failure(self) -> Option<Verdict> {
        match self {
            ListedAs::Failure(failure) => Some(failure),
            ListedAs::Flaky => None,
        }
    }
}

impl fmt::Display for ListedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListedAs::Failure(verdict) => verdict.fmt(f),
            ListedAs::Flaky => f.pad(FLAKY),
        }
    }
}

/// Where a gap holds.
#[derive(Debug, Clone)]
pub enum Place {
    /// On a platform.
    Platform(Platform),
    /// In some versions of the language.
    Versions(Versions),
    /// In some versions of an implementation.
    Implementation(String, Versions),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Platform(platform) => f.write_str(&platform.word()),
            Place::Versions(versions) => versions.fmt(f),
            Place::Implementation(name, versions) => write!(f, "{name}{versions}"),
        }
    }
}

impl GapLine {
    /// Returns the line without its comment.
    pub(crate) fn content(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(" @ {place}")).unwrap_or_default();
        format!("{self}{place}")
    }

    /// Tells whether the pattern is the id of one case.
    pub(crate) fn is_exact(&self) -> bool {
        !self.pattern.as_str().contains(['*', '?', '['])
    }

    /// Tells whether the gap holds on a runtime.
    pub(crate) fn holds_on(&self, runtime: &Identity) -> bool {
        match &self.place {
            None => true,
            Some(Place::Platform(platform)) => platform.is(&runtime.platform),
            Some(Place::Versions(versions)) => versions.contain(&runtime.language),
            Some(Place::Implementation(name, versions)) => {
                runtime.implementation == *name && runtime.is_one_of(versions)
            }
        }
    }

    /// Tells whether the line is about a case. A glob is not about cases that cannot fail in its way.
    pub(crate) fn is_about(&self, file: &EventFile, case: &Case) -> bool {
        let is_possible = match self.listed {
            ListedAs::Failure(failure) => self.is_exact() || file.can_have(case, failure),
            ListedAs::Flaky => true,
        };
        is_possible && self.pattern.matches(&file.id(case))
    }
}

impl fmt::Display for GapLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.listed, self.pattern.as_str())
    }
}

impl GapsFile {
    /// Reads a gaps file.
    ///
    /// # Errors
    /// Returns the faults, in the order of the lines.
    pub fn parse(bytes: &[u8]) -> Result<GapsFile, Vec<Fault>> {
        if bytes.len() > LARGEST {
            let message = format!("the file has {} bytes, and a gaps file has at most {LARGEST}", bytes.len());
            return Err(vec![fault(1, 1, message, None)]);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| vec![not_utf8(bytes, error.valid_up_to())])?;
        let mut pin = None;
        let mut gaps = Vec::<GapLine>::new();
        let mut before = BTreeMap::new();
        let mut faults = Vec::new();
        let mut more = 0;
        let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for (index, line) in lines.iter().enumerate() {
            let number = index + 1;
            let bare = line.trim_start_matches('\u{feff}').trim_end();
            let (content, comment) = split_comment(bare);
            if content.trim().is_empty() {
                continue;
            }
            let parsed = match pin {
                None => header(content, number).map(|found| pin = Some((found, number))),
                Some(_) => {
                    gap(content, comment, number).and_then(|gap| unique(gap, &mut before)).map(|gap| gaps.push(gap))
                }
            };
            let is_header = pin.is_none();
            match parsed {
                Err(_) if faults.len() == MOST => more += 1,
                parsed => faults.extend(parsed.err()),
            }
            if is_header && pin.is_none() {
                // Without a header, the file may be of any other kind.
                return Err(faults);
            }
        }
        if more > 0 {
            let message = format!("{more} more faults are not shown");
            faults.push(fault(lines.len(), 1, message, Some("correct the others first")));
        }
        match pin {
            _ if !faults.is_empty() => Err(faults),
            Some((pin, pin_line)) => Ok(GapsFile { pin, pin_line, gaps, lines }),
            None => Err(vec![no_header(1, 1)]),
        }
    }

    /// Returns what follows the words of a line: spaces, the comment, the line end.
    pub(crate) fn tail(&self, line: usize) -> &str {
        let text = &self.lines[line - 1];
        &text[split_comment(text.trim_end()).0.trim_end().len()..]
    }

    /// Returns the lines that apply to a case on a runtime.
    pub(crate) fn applying(&self, file: &EventFile, case: &Case, runtime: &Identity) -> Vec<&GapLine> {
        self.gaps.iter().filter(|gap| gap.holds_on(runtime) && gap.is_about(file, case)).collect()
    }
}

/// The own gaps of a runtime: they replace those of the suite.
#[derive(Debug, Clone)]
pub struct OwnGaps {
    /// The name of the file, as it was given.
    pub name: String,
    /// The file.
    pub file: GapsFile,
    /// Whether a case that is newer than the pinned suite may fail.
    pub excuses_new: bool,
}

impl OwnGaps {
    /// Returns the own gaps of a file for a suite with a hash. `new_fails` means that new cases get no excuse.
    pub fn new(name: String, file: GapsFile, suite: &str, new_fails: bool) -> OwnGaps {
        let is_pinned = !suite.is_empty() && suite.starts_with(&file.pin.suite);
        OwnGaps { excuses_new: !new_fails && !is_pinned, name, file }
    }

    /// Returns the place of a line, as messages name it.
    pub(crate) fn place(&self, gap: &GapLine) -> String {
        format!("{}:{}", self.name, gap.line)
    }

    /// Tells whether a case is newer than the pinned suite, and may fail.
    pub(crate) fn excuses(&self, case: &Case) -> bool {
        self.excuses_new && case.since.as_ref().is_some_and(|since| *since > self.file.pin.version)
    }
}

/// Splits a line before the first `#` that begins a word.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let begins_word = |&(at, _): &(usize, &str)| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    match line.match_indices('#').find(begins_word) {
        Some((at, _)) => (&line[..at], Some(line[at + 1..].trim())),
        None => (line, None),
    }
}

fn fault(line: usize, column: usize, message: String, hint: Option<&str>) -> Fault {
    Fault { line, column, path: String::new(), message, hint: hint.map(str::to_owned) }
}

fn no_header(line: usize, column: usize) -> Fault {
    let message = format!("expected `{HEADER} VERSION HASH` as the first line of a gaps file");
    fault(line, column, message, Some("`audit578 bless RESULTS --gaps FILE` writes a gaps file"))
}

/// Returns the words of a line, each with its column.
fn words(content: &str) -> Vec<(usize, &str)> {
    let (mut end, mut column) = (0, 1);
    let place = |word| {
        let at = str::as_ptr(word) as usize - content.as_ptr() as usize;
        column += content[end..at].chars().count();
        end = at;
        (column, word)
    };
    content.split_whitespace().map(place).collect()
}

fn header(content: &str, line: usize) -> Result<Pin, Fault> {
    let words = words(content);
    let [(_, HEADER), (column, version), (hash_column, hash)] = words[..] else {
        return Err(no_header(line, words.first().map_or(1, |(column, _)| *column)));
    };
    let version = version.parse().map_err(|_| fault(line, column, format!("`{version}` is not a version"), None))?;
    let is_hash = (12..=64).contains(&hash.len()) && hash.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f'));
    if !is_hash {
        let message = format!("`{hash}` is not the hash of a suite, of 12 to 64 hexadecimal digits");
        return Err(fault(line, hash_column, message, None));
    }
    Ok(Pin { version, suite: hash.to_owned() })
}

fn gap(content: &str, comment: Option<&str>, line: usize) -> Result<GapLine, Fault> {
    let words = words(content);
    let (column, verdict) = words[0];
    let listed = match Verdict::ALL.into_iter().find(|known| known.is_failure() && known.to_string() == verdict) {
        Some(failure) => ListedAs::Failure(failure),
        None if verdict == FLAKY => ListedAs::Flaky,
        None => return Err(unknown_verdict(line, column, verdict)),
    };
    let end = content.trim_end().chars().count() + 1;
    let Some(&(column, pattern)) = words.get(1).filter(|(_, word)| !word.starts_with('@')) else {
        return Err(fault(
            line,
            words.get(1).map_or(end, |(column, _)| *column),
            "expected the id of a case".into(),
            None,
        ));
    };
    let pattern = Glob::try_from(pattern.to_owned()).map_err(|message| fault(line, column, message, None))?;
    let place = match words.get(2) {
        None => None,
        Some((_, word)) if word.starts_with('@') => {
            let text = content.split_once('@').map_or("", |(_, rest)| rest).trim();
            let column = words.get(3).filter(|_| *word == "@").unwrap_or(&words[2]).0;
            Some(place(text).map_err(|message| fault(line, column, message, None))?)
        }
        Some((column, word)) => {
            let message = format!("expected `@ PLATFORM`, `@ VERSIONS` or `# COMMENT` instead of `{word}`");
            return Err(fault(line, *column, message, Some("write one gap on each line")));
        }
    };
    Ok(GapLine { line, listed, pattern, place, comment: comment.map(str::to_owned).filter(|text| !text.is_empty()) })
}

fn unknown_verdict(line: usize, column: usize, word: &str) -> Fault {
    if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains(&word) {
        let hint = "keep the lines of both sides, and delete the markers";
        return fault(line, column, "the file has an unresolved merge conflict".to_owned(), Some(hint));
    }
    if word == HEADER {
        let hint = "keep one of the two headers";
        return fault(line, column, "the file has two headers".to_owned(), Some(hint));
    }
    let failures = Verdict::ALL.into_iter().filter(|verdict| verdict.is_failure());
    let failures = failures.map(|verdict| format!("`{verdict}`")).collect::<Vec<_>>().join(", ");
    fault(line, column, format!("unknown verdict `{word}`; expected {failures} or `{FLAKY}`"), None)
}

fn place(text: &str) -> Result<Place, String> {
    if let Some(platform) = Platform::ALL.into_iter().find(|platform| platform.word() == text) {
        return Ok(Place::Platform(platform));
    }
    let platforms = Platform::ALL.map(|platform| format!("`{}`", platform.word())).join(", ");
    let message = |_| {
        format!(
            "`{text}` is neither a platform ({platforms}) nor a version specifier, such as `>=3.9` for Python or \
             `pypy>=8` for an implementation"
        )
    };
    let (name, specifier) = text.split_at(text.find(['<', '>', '=', '!', '~']).unwrap_or(text.len()));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    match name.trim_end() {
        name if specifier.is_empty() || !is_name(name) => Err(message(String::new())),
        "" => specifier.parse().map(Place::Versions).map_err(message),
        name => specifier.parse().map(|versions| Place::Implementation(name.to_owned(), versions)).map_err(message),
    }
}

/// Returns a gap if no gap before it says the same. `before` has the lines of the others.
fn unique(gap: GapLine, before: &mut BTreeMap<String, usize>) -> Result<GapLine, Fault> {
    match before.entry(gap.content()) {
        Entry::Occupied(other) => {
            let message = format!("line {} lists `{gap}` already", other.get());
            Err(fault(gap.line, 1, message, Some("delete one of the two lines")))
        }
        Entry::Vacant(free) => {
            free.insert(gap.line);
            Ok(gap)
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    const HASH: &str = "0123456789ab";

    fn parse(lines: &str) -> Result<GapsFile, Vec<Fault>> {
        GapsFile::parse(format!("suite 0.1.0 {HASH}\n{lines}").as_bytes())
    }

    #[test]
    fn a_line_has_a_verdict_a_pattern_a_place_and_a_comment() {
        for (line, shown, place, comment) in [
            ("missing m.f::a", "missing m.f::a", None, None),
            ("  wrong-args\tm.*::*  ", "wrong-args m.*::*", None, None),
            ("flaky m.f::a # under load", "flaky m.f::a", None, Some("under load")),
            ("missing m.f::a#b", "missing m.f::a#b", None, None),
            ("crash m.f::a @ linux # https://x/#1", "crash m.f::a", Some("linux"), Some("https://x/#1")),
            ("crash m.f::a @linux#", "", None, None),
            ("error m.f::a @ >=3.9, <3.12 #", "error m.f::a", Some(">=3.9, <3.12"), None),
            ("timeout m.f::a @ ==3.9.*\r", "timeout m.f::a", Some("==3.9.*"), None),
            ("missing m.f::a @ pypy>=7.3,<8 # until 8", "missing m.f::a", Some("pypy>=7.3, <8"), Some("until 8")),
            ("missing m.f::a @ pypy >= 8", "missing m.f::a", Some("pypy>=8"), None),
        ] {
            let Ok(file) = parse(line) else {
                assert_eq!(shown, "", "{line}");
                continue;
            };
            let gap = &file.gaps[0];
            let found = gap.place.as_ref().map(ToString::to_string);
            assert_eq!((gap.to_string().as_str(), found.as_deref(), gap.comment.as_deref()), (shown, place, comment));
            assert_eq!((gap.line, file.pin_line), (2, 1));
            assert_eq!(file.pin.to_string(), format!("suite 0.1.0 {HASH}"));
        }
    }

    #[test]
    fn a_gap_holds_on_a_platform_in_a_version_of_the_language_or_of_an_implementation() {
        let version = |text: &str| text.parse::<Version>().expect("a version");
        let pypy = Identity {
            name: "r".to_owned(),
            implementation: "pypy".to_owned(),
            version: Some(version("8.0.1")),
            language: version("3.11.17"),
            platform: "linux".to_owned(),
        };
        let unreadable = Identity { version: None, ..pypy.clone() };
        for (place, holds, holds_if_unreadable) in [
            ("", true, true),
            ("@ unix", true, true),
            ("@ windows", false, false),
            ("@ <3.12", true, true),
            ("@ >=8", false, false),
            ("@ pypy>=8", true, false),
            ("@ pypy==8.0.*", true, false),
            ("@ pypy<8", false, false),
            ("@ graalpy>=8", false, false),
        ] {
            let file = parse(&format!("missing m.f::a {place}")).expect("a gaps file");
            let found = [&pypy, &unreadable].map(|runtime| file.gaps[0].holds_on(runtime));
            assert_eq!(found, [holds, holds_if_unreadable], "{place}");
        }
    }

    #[test]
    fn comments_blank_lines_and_line_ends_are_kept() {
        for text in [
            "suite 0.1.0 0123456789ab\n",
            "\u{feff}# one\r\n\r\n# two\r\nsuite 0.1.0 0123456789ab # three\r\n\r\nmissing m.f::a\r\n# four",
        ] {
            let file = GapsFile::parse(text.as_bytes()).expect("a gaps file");
            assert_eq!(file.lines.concat(), text);
        }
    }

    #[test]
    fn a_fault_has_its_place_and_says_what_is_expected() {
        for (line, column, message) in [
            (
                "mising m.f::a",
                1,
                "unknown verdict `mising`; expected `missing`, `wrong-count`, `wrong-args`, `unvetoed`, `cold-only`, `error`, `crash`, `timeout` or `flaky`",
            ),
            ("pass m.f::a", 1, "unknown verdict `pass`; expected"),
            ("skipped m.f::a", 1, "unknown verdict `skipped`; expected"),
            ("missing", 8, "expected the id of a case"),
            ("missing  # m.f::a", 8, "expected the id of a case"),
            ("missing @ linux", 9, "expected the id of a case"),
            (" missing m.f::[a", 10, "`m.f::[a` is not a glob pattern"),
            ("missing m.f::a m.f::b", 16, "expected `@ PLATFORM`, `@ VERSIONS` or `# COMMENT` instead of `m.f::b`"),
            ("missing m.f::a @", 16, "`` is neither a platform (`linux`, `macos`,"),
            ("missing m.f::a @ Linux", 18, "`Linux` is neither a platform"),
            ("missing m.f::a @ linux macos", 18, "`linux macos` is neither a platform"),
            ("missing é::a @ 3.9", 16, "`3.9` is neither a platform"),
            ("missing m.f::a @ pypy", 18, "`pypy` is neither a platform"),
            ("missing m.f::a @ pypy>=x", 18, "`pypy>=x` is neither a platform"),
            ("missing m.f::a @ pypy 8>=8", 18, "`pypy 8>=8` is neither a platform"),
            ("missing m.f::a @ >=3.9 pypy>=8", 18, "`>=3.9 pypy>=8` is neither a platform"),
            ("<<<<<<< HEAD", 1, "the file has an unresolved merge conflict"),
            ("suite 0.2.0 0123456789ab", 1, "the file has two headers"),
            ("\0", 1, "unknown verdict `\0`"),
        ] {
            let faults = parse(&format!("\n{line}\n")).expect_err(line);
            assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, 3, column), "{line}: {faults:?}");
            assert!(faults[0].message.starts_with(message), "{line}: {}", faults[0].message);
        }
    }

    #[test]
    fn every_faulty_line_is_reported() {
        let faults = parse("mising a\nmissing a\nmissing\nmissing a # again\nmissing a @ linux\n").expect_err("faults");
        let found: Vec<_> = faults.iter().map(|fault| (fault.line, fault.message.as_str())).collect();
        assert_eq!(found[1..], [(4, "expected the id of a case"), (5, "line 3 lists `missing a` already")]);
        assert_eq!(found[0].0, 2);
    }

    #[test]
    fn the_largest_file_takes_no_more_than_its_share_of_time_and_faults() {
        // Neither many lines nor many words take the square of their number.
        let many: String = (0..30_000).map(|number| format!("error e::c{number}\n")).collect();
        assert_eq!(parse(&many).map(|file| file.gaps.len()).ok(), Some(30_000));
        let faults = parse(&format!("error {}", "\u{e9} ".repeat(200_000))).expect_err("too many words");
        assert_eq!((faults.len(), faults[0].column), (1, 9));
        let faults = parse(&"x\n".repeat(200_000)).expect_err("200000 faults");
        assert_eq!((faults.len(), faults[MOST].line), (MOST + 1, 200_001));
        assert_eq!(faults[MOST].message, "199950 more faults are not shown");
    }

    #[test]
    fn a_file_begins_with_its_suite() {
        for (text, line, column, message) in [
            ("", 1, 1, "expected `suite VERSION HASH`"),
            ("# only a comment\n", 1, 1, "expected `suite VERSION HASH`"),
            ("# one\nmissing m.f::a\nmissing m.f::b\n", 2, 1, "expected `suite VERSION HASH`"),
            ("suite 0.1.0", 1, 1, "expected `suite VERSION HASH`"),
            ("suite new 0123456789ab", 1, 7, "`new` is not a version"),
            ("suite 0.1.0 0123", 1, 13, "`0123` is not the hash of a suite"),
            ("suite 0.1.0 0123456789AB", 1, 13, "`0123456789AB` is not the hash of a suite"),
        ] {
            let faults = GapsFile::parse(text.as_bytes()).expect_err(text);
            assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, line, column), "{text}");
            assert!(faults[0].message.starts_with(message), "{text}: {}", faults[0].message);
        }
        let faults = GapsFile::parse(b"# \xff").expect_err("not UTF-8");
        assert_eq!((faults[0].column, faults[0].message.as_str()), (3, "byte 0xff is not UTF-8"));
        let faults = GapsFile::parse(&vec![b'#'; LARGEST + 1]).expect_err("too large");
        assert!(faults[0].message.starts_with("the file has 1048577 bytes"));
    }
}
