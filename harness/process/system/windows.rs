//! Windows: no groups, no signals, no terminals; a tree of processes is what its parents make of it.

#![cfg_attr(test, allow(dead_code, reason = "on other systems, only what is pure is tested"))]

use std::collections::BTreeMap;

use super::super::Exit;

/// The variables that every process of Windows has and needs, or that name the machine.
const OF_THE_SYSTEM: [&str; 6] =
    ["SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"];

/// The environment of a pass in a folder, where the variables of our own are given by a function.
fn environment_of(own: impl Fn(&str) -> Option<String>, folder: &str) -> BTreeMap<String, String> {
    let passed_on = OF_THE_SYSTEM.iter().filter_map(|name| Some(((*name).to_owned(), own(name)?)));
    let mut env: BTreeMap<String, String> = passed_on.collect();
    if let Some(root) = env.get("SystemRoot") {
        env.insert("PATH".to_owned(), format!(r"{root}\System32;{root}"));
    }
    env.extend(["USERPROFILE", "TEMP", "TMP"].map(|name| (name.to_owned(), folder.to_owned())));
    env
}

/// Reads an exit status, where a crash is one too: an `NTSTATUS` that is an error of Windows' own. -1 is none.
fn of_status(code: i32) -> Exit {
    let status = u32::from_ne_bytes(code.to_ne_bytes());
    if status >> 28 == 0xC { Exit::Exception(status) } else { Exit::Status(code) }
}

#[cfg(windows)]
pub use here::*;

#[cfg(windows)]
mod here {
    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::os::windows::process::CommandExt;
    use std::path::Path;
    use std::process::ExitStatus;
    use std::{env, io};

    use duct::{Expression, Handle, cmd};

    use super::super::super::Exit;
    use super::{environment_of, of_status};

    /// As which a process ends that gives itself up: `STATUS_STACK_BUFFER_OVERRUN`, as the C library has it.
    pub const ABORTED: Exit = Exit::Exception(0xC000_0409);

    /// The file in which nothing is.
    pub const NOTHING: &str = "NUL";

    /// The flag `CREATE_NEW_PROCESS_GROUP`.
    const NEW_GROUP: u32 = 0x200;

    /// The environment of a pass in a folder.
    pub fn environment(folder: &str) -> BTreeMap<String, String> {
        environment_of(|name| env::var(name).ok(), folder)
    }

    /// Does nothing: the folder's own rules are for its files.
    pub fn let_others_read(_: &mut tempfile::Builder) {}

    /// Makes the read-only files below a folder ordinary ones: others are not removed.
    pub fn make_removable(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            let mut permissions = found.permissions();
            if permissions.readonly() {
                permissions.set_readonly(false);
                // The removal fails on it, and says so.
                let _ = fs::set_permissions(entry.path(), permissions);
            }
            // Not of a link, which is none of ours.
            if found.is_dir() {
                make_removable(&entry.path());
            }
        }
    }

    /// How a child ended.
    pub fn ended(status: ExitStatus) -> Exit {
        of_status(status.code().unwrap_or(-1))
    }

    /// How a child of a child ended.
    pub fn waited(status: i32) -> Exit {
        of_status(status)
    }

    /// Keeps the console's control events of a child to itself: it must not interrupt us, nor our user it.
    pub fn in_own_group(command: &Expression) -> Expression {
        command.before_spawn(|command| {
            command.creation_flags(NEW_GROUP);
            Ok(())
        })
    }

    /// Kills a child that runs, and those that descend from it by parents that run. What a child leaves behind that has
    /// ended stays.
    pub fn kill(handle: &Handle) {
        if matches!(handle.try_wait(), Ok(None)) {
            handle.pids().iter().for_each(|process| kill_group(*process));
            // Fails when the child has ended, which is what we want.
            let _ = handle.kill();
        }
    }

    /// Kills a process, and those that descend from it.
    pub fn kill_group(leader: u32) {
        // Without it the process itself is still killed, by its handle.
        let _ = cmd!("taskkill", "/F", "/T", "/PID", leader.to_string()).stdout_null().stderr_null().unchecked().run();
    }

    /// A terminal, which cannot be had.
    pub struct Terminal;

    impl Terminal {
        /// Fails.
        ///
        /// # Errors
        /// Always.
        pub fn open(_: Vec<u8>, _: File) -> io::Result<(File, Terminal)> {
            Err(io::Error::new(io::ErrorKind::Unsupported, "terminals are for POSIX only"))
        }

        /// Does nothing.
        pub fn finish(self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_a_status() {
        let access_violation = 0xC000_0005_u32;
        assert_eq!(of_status(i32::from_ne_bytes(access_violation.to_ne_bytes())), Exit::Exception(access_violation));
        assert_eq!(Exit::Exception(access_violation).to_string(), "it was killed by exception 0xc0000005");
        for code in [0, 5, 139, -1] {
            assert_eq!(of_status(code), Exit::Status(code));
        }
    }

    #[test]
    fn an_environment_has_what_windows_needs_and_nothing_else_of_ours() {
        let own = |name: &str| match name {
            "SystemRoot" => Some(r"C:\Windows".to_owned()),
            "PATH" | "PYTHONPATH" => Some("ours".to_owned()),
            _ => None,
        };
        let env = environment_of(own, r"C:\t");
        let names: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("PATH", r"C:\Windows\System32;C:\Windows"),
            ("SystemRoot", r"C:\Windows"),
            ("TEMP", r"C:\t"),
            ("TMP", r"C:\t"),
            ("USERPROFILE", r"C:\t"),
        ];
        assert_eq!(names, expected);
    }
}
