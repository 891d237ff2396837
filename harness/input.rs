//! Input: files that others wrote. Only regular files are opened, because others may never have anything to read, or never
//! end; and only so much is read as the reader can use.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

/// The most bytes of a text that people write, such as a case file. The largest of the suite have some tens of kilobytes.
pub const TEXT: u64 = 1 << 20;

/// The most bytes of a page of documentation, or of a list.
pub const PAGE: u64 = 64 << 20;

/// The most bytes of a record, which is a line.
pub const RECORD: u64 = 64 << 20;

/// Opens a file. Never waits for it.
///
/// # Errors
/// When it cannot be opened, or is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    // To open a pipe that nobody writes to would wait for a writer.
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(flags.try_into().map_err(io::Error::other)?);
    }
    let file = options.open(path)?;
    let kind = file.metadata()?;
    if kind.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    match kind.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

/// Reads a file.
///
/// # Errors
/// As [`open`], and when it has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes"))),
        false => Ok(bytes),
    }
}

/// Reads a text in UTF-8.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_to_string(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads a line with its end, and returns its length; 0 is the end of the file.
///
/// # Errors
/// When reading fails, or the line has more than [`RECORD`] bytes.
pub fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let length = file.take(RECORD + 1).read_until(b'\n', line)?;
    match length as u64 > RECORD {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("a line has more than {RECORD} bytes"))),
        false => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        std::fs::write(&path, "abc").expect("a file");
        assert_eq!(read(&path, 3).expect("bytes"), b"abc");
        assert_eq!(read(&path, 2).expect_err("too large").to_string(), "it has more than 2 bytes");
        std::fs::write(&path, b"\xff").expect("a file");
        assert!(read_to_string(&path, 9).expect_err("no text").to_string().contains("utf-8"));
    }

    #[test]
    fn a_line_that_does_not_end_is_an_error() {
        let mut line = Vec::new();
        let mut endless = io::BufReader::new(io::repeat(b'x'));
        assert!(
            read_line(&mut endless, &mut line).expect_err("no end").to_string().starts_with("a line has more than")
        );
        line.clear();
        assert_eq!((read_line(&mut &b"a\nb"[..], &mut line).ok(), line.as_slice()), (Some(2), &b"a\n"[..]));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_but_a_regular_file_is_opened_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
        let said = |path: &Path| open(path).expect_err("no regular file").to_string();
        assert_eq!(said(&pipe), "it is not a regular file");
        assert_eq!(said(Path::new("/dev/zero")), "it is not a regular file");
        assert_eq!(said(folder.path()), "it is a folder, not a file");
    }
}
