//! Terminals: a pseudo-terminal for a child that behaves differently on one. Text is typed on it, and its output is
//! kept.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{self, Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The byte that ends the input of a terminal (Ctrl-D).
const END_OF_INPUT: &[u8] = b"\x04";

/// The time until the end of the input is typed again. A program that edits lines itself, as readline does, does not
/// see what was typed before it began.
const RETYPE: Duration = Duration::from_millis(30);

/// The time that the rest of the output has when the child is gone. Only a process that has left the child's group can
/// keep the terminal open longer.
const FLUSH: Duration = Duration::from_secs(1);

/// Closes the far end in other children that start at this moment, on systems that can do that.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
const CLOSED: OpenptFlags = OpenptFlags::CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
const CLOSED: OpenptFlags = OpenptFlags::empty();

/// The far end of a terminal.
#[derive(Debug)]
pub struct Terminal {
    /// Disconnects when all output is in its file.
    read: Receiver<()>,
    /// Stops the typing when it is dropped.
    _typing: Sender<()>,
}

impl Terminal {
    /// Opens a terminal. Types a text and the end of the input on it, and writes its output to a file. Also returns the
    /// end that the child gets.
    ///
    /// # Errors
    /// When no terminal can be opened.
    pub fn open(typed: Vec<u8>, mut output: File) -> io::Result<(OwnedFd, Terminal)> {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | CLOSED)?;
        fcntl_setfd(&far, FdFlags::CLOEXEC)?;
        grantpt(&far)?;
        unlockpt(&far)?;
        let name = ptsname(&far, Vec::new())?;
        let near = fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        tcsetwinsize(&near, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 })?;
        let far = File::from(far);
        let (typing, typed_enough) = channel();
        let keyboard = far.try_clone()?;
        thread::spawn(move || type_on(keyboard, &typed, &typed_enough));
        let (sender, read) = channel();
        thread::spawn(move || {
            keep(far, &mut output);
            drop(sender);
        });
        Ok((near, Terminal { read, _typing: typing }))
    }

    /// Waits until the output of a child that has ended is in its file.
    pub fn finish(self) {
        // Both errors are the end: the sender is gone, or the time is over.
        let _ = self.read.recv_timeout(FLUSH);
    }
}

/// Types a text, then the end of the input again and again until `enough` disconnects or the near end is closed.
fn type_on(mut keyboard: File, text: &[u8], enough: &Receiver<()>) {
    let mut wanted = keyboard.write_all(text).is_ok();
    while wanted {
        wanted =
            keyboard.write_all(END_OF_INPUT).is_ok() && enough.recv_timeout(RETYPE) == Err(RecvTimeoutError::Timeout);
    }
}

/// Copies the output of the terminal to a file. Ends when reading fails, because the other end is closed then.
fn keep(mut screen: File, output: &mut File) {
    let mut buffer = [0; 4096];
    while let Ok(size @ 1..) = screen.read(&mut buffer) {
        if output.write_all(&buffer[..size]).is_err() {
            break;
        }
    }
}
