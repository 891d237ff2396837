//! Spawning: starts a child, and runs it to its end.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::child::{Child, Spawn, Stdin};
use super::exit::Exit;
use super::limits::{CHECK, Limits};
use super::system::{FAILED, NOT_STARTED, Terminal};
use crate::input;

/// Runs a child to its end, and ends all that it started.
pub fn run(spawn: &Spawn, limits: &Limits) -> (Exit, Duration) {
    let start = Instant::now();
    let exit = match launch(spawn) {
        Ok((child, terminal)) => {
            let exit = limits.wait(start, || child.usage(), |time| child.wait(time));
            drop(child);
            if let Some(terminal) = terminal {
                terminal.finish();
            }
            refusal(spawn, &exit).unwrap_or(exit)
        }
        Err(error) => Exit::NotStarted(error.to_string()),
    };
    (exit, start.elapsed())
}

/// Returns why a keeper could not start the child, if that is so.
fn refusal(spawn: &Spawn, exit: &Exit) -> Option<Exit> {
    let is_possible = spawn.is_contained && *exit == Exit::Status(i32::from(FAILED));
    let written = is_possible.then(|| input::read(&spawn.stderr, input::TEXT).ok())??;
    let reason = String::from_utf8_lossy(&written).strip_prefix(NOT_STARTED)?.trim_end().to_owned();
    // The child itself has said nothing. If the file cannot be emptied, the reason is shown twice.
    let _ = File::create(&spawn.stderr);
    Some(Exit::NotStarted(reason))
}

/// Runs a child to its end without limits, and passes on each whole line of its standard output as it comes. A byte
/// that is not UTF-8 becomes U+FFFD. Returns `None` when `stop` was set before the end; the child is then killed.
pub fn follow(spawn: &Spawn, stop: &AtomicBool, mut on_line: impl FnMut(&str)) -> Option<Exit> {
    let not_started = |error: io::Error| Exit::NotStarted(error.to_string());
    let child = match launch(spawn) {
        Ok((child, _)) => child,
        Err(error) => return Some(not_started(error)),
    };
    let mut output = input::open(&spawn.stdout).map(BufReader::new).ok();
    // The file may end within a line. The rest is read the next time, so that no character is cut.
    let mut line = Vec::new();
    loop {
        let exit = child.wait(CHECK).unwrap_or_else(|error| Some(not_started(error)));
        while output.as_mut().is_some_and(|output| output.read_until(b'\n', &mut line).is_ok()) && line.ends_with(b"\n")
        {
            String::from_utf8_lossy(&line).lines().for_each(&mut on_line);
            line.clear();
        }
        let is_stopped = stop.load(Ordering::Relaxed);
        if is_stopped || exit.is_some() {
            return exit.filter(|_| !is_stopped);
        }
    }
}

fn launch(spawn: &Spawn) -> io::Result<(Child, Option<Terminal>)> {
    let (stdout, stderr) = (&spawn.stdout, &spawn.stderr);
    match &spawn.stdin {
        Stdin::Terminal(path) => {
            let (near, terminal) = Terminal::open(input::read(path, input::TEXT)?, File::create(stdout)?)?;
            let streams = (near.try_clone()?, near.try_clone()?, near);
            let child = Child::start(spawn, |command| {
                command.stdin_file(streams.0).stdout_file(streams.1).stderr_file(streams.2)
            })?;
            Ok((child, Some(terminal)))
        }
        Stdin::Empty => {
            Ok((Child::start(spawn, |command| command.stdin_null().stdout_path(stdout).stderr_path(stderr))?, None))
        }
        Stdin::File(path) => {
            Ok((Child::start(spawn, |command| command.stdin_path(path).stdout_path(stdout).stderr_path(stderr))?, None))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Follows a shell script, and returns the lines that it printed.
    fn follow_script(script: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let spawn = Spawn {
            argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
            folder: folder.path().to_owned(),
            env: std::env::vars().filter(|(name, _)| name == "PATH").collect(),
            stdin: Stdin::Empty,
            stdout: folder.path().join("out"),
            stderr: folder.path().join("err"),
            is_contained: false,
            read_only: Vec::new(),
            writable: Vec::new(),
        };
        let mut lines = Vec::new();
        let exit = follow(&spawn, &AtomicBool::new(false), |line| lines.push(line.to_owned()));
        assert_eq!(exit, Some(Exit::Status(0)), "{script}");
        lines
    }

    #[test]
    fn each_whole_line_is_passed_on_once_whatever_its_bytes_are() {
        for (script, lines) in [
            ("", &[][..]),
            ("echo one; echo; echo two", &["one", "", "two"]),
            // The last line has no end.
            ("echo one; printf two", &["one"]),
            ("echo one; sleep 0.3; echo two", &["one", "two"]),
            ("printf o; sleep 0.3; echo ne", &["one"]),
            // Bytes that are not UTF-8, alone and after lines that were passed on already.
            (r"printf '\377\n'", &["\u{fffd}"]),
            (r"echo one; sleep 0.3; printf '\377two\n'; sleep 0.3; echo three", &["one", "\u{fffd}two", "three"]),
            // A character that comes in two pieces.
            (r"echo one; printf '\303'; sleep 0.3; printf '\274\n'; echo two", &["one", "\u{fc}", "two"]),
        ] {
            assert_eq!(follow_script(script), lines, "{script}");
        }
    }
}
