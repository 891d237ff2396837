//! Rules of Windows that can be tested on every system: the variables that a process needs, and the statuses of crashes.
//! Pure.

use std::collections::BTreeMap;

use super::super::exit::Exit;

/// The variables that every process of Windows has and needs, or that name the machine.
const OF_THE_SYSTEM: [&str; 6] =
    ["SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"];

/// Returns the environment of a pass in a folder. `own` returns a variable of our own environment.
pub fn environment_of(own: impl Fn(&str) -> Option<String>, folder: &str) -> BTreeMap<String, String> {
    let inherited = OF_THE_SYSTEM.iter().filter_map(|name| Some(((*name).to_owned(), own(name)?)));
    let mut env: BTreeMap<String, String> = inherited.collect();
    if let Some(root) = env.get("SystemRoot") {
        env.insert("PATH".to_owned(), format!(r"{root}\System32;{root}"));
    }
    env.extend(["USERPROFILE", "TEMP", "TMP"].map(|name| (name.to_owned(), folder.to_owned())));
    env
}

/// Returns the exit of an exit status. A crash is a status too: an `NTSTATUS` that is an error of Windows' own. -1 is not
/// one.
pub fn exit_of_status(code: i32) -> Exit {
    let status = u32::from_ne_bytes(code.to_ne_bytes());
    if status >> 28 == 0xC { Exit::Exception(status) } else { Exit::Status(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_a_status() {
        let access_violation = 0xC000_0005_u32;
        assert_eq!(
            exit_of_status(i32::from_ne_bytes(access_violation.to_ne_bytes())),
            Exit::Exception(access_violation)
        );
        assert_eq!(Exit::Exception(access_violation).to_string(), "it was killed by exception 0xc0000005");
        for code in [0, 5, 139, -1] {
            assert_eq!(exit_of_status(code), Exit::Status(code));
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
