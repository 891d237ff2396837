//! Containment: whether interpreters run in namespaces of their own, each with a keeper.
//!
//! It keeps half-built interpreters and careless snippets from the processes of the user. It is no sandbox: nothing
//! keeps a malicious program from the user's files and network.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::system::{PROGRAM, arguments_of_trial, serve};

/// Whether this program can be started as a keeper, and may be.
static MAY_BE: AtomicBool = AtomicBool::new(false);

/// Whether a keeper was seen to work, or why it does not.
static STATE: OnceLock<Result<(), String>> = OnceLock::new();

/// Serves as a keeper, if this program was started as one. Otherwise interpreters have keepers from now on, and the
/// descriptors of whoever started this program do not reach them. A program calls this before all else.
pub fn serve_keeper() -> Option<ExitCode> {
    let served = serve();
    if served.is_none() {
        #[cfg(unix)]
        close_fds::set_fds_cloexec(3, &[]);
        MAY_BE.store(true, Ordering::Relaxed);
    }
    served
}

/// Begins to find out whether a keeper works, on a thread, so that nobody waits for that later.
pub(crate) fn begin() {
    thread::spawn(state);
}

/// Tells whether interpreters are contained, or why they are not.
///
/// # Errors
/// The reason.
pub fn state() -> Result<(), &'static str> {
    if !MAY_BE.load(Ordering::Relaxed) {
        return Err("this program does not serve as a keeper");
    }
    STATE.get_or_init(try_out).as_ref().map(|&()| ()).map_err(String::as_str)
}

/// Starts a keeper whose interpreter does nothing.
fn try_out() -> Result<(), String> {
    if PROGRAM.is_empty() {
        return Err("only Linux has namespaces".to_owned());
    }
    let args = arguments_of_trial();
    let output =
        duct::cmd(PROGRAM, args).full_env([("", ""); 0]).stdin_null().stdout_null().stderr_capture().unchecked();
    match output.run() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(text.trim().rsplit(super::system::NOT_STARTED).next().unwrap_or_default().to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}
