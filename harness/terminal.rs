//! Terminals: a pseudo-terminal for a child that behaves differently on one. Text is typed on it, its output is kept.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What ends the input of a terminal (Ctrl-D).
const END: &[u8] = b"\x04";

/// How long the rest of the output may take when the child is gone. Only a process that has left its group can keep the
/// terminal open longer.
const REST: Duration = Duration::from_secs(1);

/// The far end of a terminal.
#[derive(Debug)]
pub struct Terminal {
    done: Receiver<()>,
}

impl Terminal {
    /// Opens a terminal on which a text and the end of the input are typed, and whose output goes to a file. Returns the
    /// near end too, for the child.
    ///
    /// # Errors
    /// When the system has no terminal for us.
    pub fn open(typed: Vec<u8>, mut output: File) -> io::Result<(OwnedFd, Terminal)> {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&far)?;
        unlockpt(&far)?;
        let name = ptsname(&far, Vec::new())?.into_string().map_err(io::Error::other)?;
        let flags = OFlags::NOCTTY.bits().cast_signed();
        let near: OwnedFd = OpenOptions::new().read(true).write(true).custom_flags(flags).open(name)?.into();
        tcsetwinsize(&near, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 })?;
        let (sender, done) = channel();
        let mut far = File::from(far);
        thread::spawn(move || {
            // Fails when the child ends before it has read all, and the reading below at last when it ends.
            let _ = far.write_all(&[typed.as_slice(), END].concat());
            let mut buffer = [0; 4096];
            while let Ok(size @ 1..) = far.read(&mut buffer) {
                if output.write_all(&buffer[..size]).is_err() {
                    break;
                }
            }
            drop(sender);
        });
        Ok((near, Terminal { done }))
    }

    /// Waits until the output of a child that has ended is in its file.
    pub fn finish(self) {
        // An error is the end: the sender is gone, or the time.
        let _ = self.done.recv_timeout(REST);
    }
}
