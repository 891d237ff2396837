//! The keeper on Linux: a process of ours between us and an interpreter.
//!
//! It gives the interpreter namespaces of its own, in which there are no processes but those that the interpreter
//! started, and ends when all of these have ended:
//!
//! - we start the *keeper*, which makes the namespaces and leads a session without a terminal;
//! - the keeper starts *init*, the first process of the new namespace: it mounts `/proc`, becomes the parent of orphans and
//!   reaps them, and the kernel ends all other processes of the namespace with it;
//! - the keeper starts the *interpreter*, waits for it, ends init, and ends as the interpreter did.
//!
//! The keeper dies with us, and init with the keeper. Both are this program again, started with hidden arguments. A user
//! who is not root gets a namespace for users too, in which user and group are the same as outside.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::{env, fs, process, thread};

use nix::sched::CloneFlags;
use nix::sys::signal::{SigSet, Signal as Caught};
use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_change, mount_remount};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, getgid, getppid, getuid, set_parent_process_death_signal, setrlimit,
    setsid, wait,
};
use rustix::thread::{CapabilitySet, capabilities, configure_capability_in_ambient_set, set_capabilities};

/// The program of a keeper: this one, also when its file was replaced since.
pub const PROGRAM: &str = "/proc/self/exe";

/// The first argument of a keeper, and of init.
const KEEPER: &str = "__keeper";
const INIT: &str = "__init";

/// The first argument of a program that does nothing.
const NOTHING: &str = "__nothing";

/// Stands in front of each folder in which the interpreter cannot write.
const READ_ONLY: &str = "--read-only";

/// Stands in front of each folder in those in which it can write all the same.
const WRITABLE: &str = "--writable";

/// Stands between the environment of the interpreter and its command line.
const END: &str = "--";

/// The text that the keeper writes to standard error before the reason, if it cannot start the interpreter.
pub const NOT_STARTED: &str = "audit578: not started: ";

/// The exit status of the keeper then.
pub const FAILED: u8 = 255;

/// The size, in bytes, that a file of an interpreter may have.
const FILE_SIZE: u64 = 4 << 30;

/// Returns the arguments of a keeper that runs a command line in an environment, and lets it write nothing in the folders that
/// are read-only, except in those that are writable. Its own environment must be empty, so that no variable, such as
/// `LD_PRELOAD`, changes what it does.
pub fn arguments(
    argv: &[String],
    env: &BTreeMap<String, String>,
    read_only: &[PathBuf],
    writable: &[PathBuf],
) -> Vec<String> {
    let own = [KEEPER.to_owned(), process::id().to_string()].into_iter();
    let folder = |word: &str, path: &PathBuf| [word.to_owned(), path.to_string_lossy().into_owned()];
    let variables = env.iter().map(|(name, value)| format!("{name}={value}"));
    own.chain(read_only.iter().flat_map(|path| folder(READ_ONLY, path)))
        .chain(writable.iter().flat_map(|path| folder(WRITABLE, path)))
        .chain(variables)
        .chain([END.to_owned()])
        .chain(argv.iter().cloned())
        .collect()
}

/// Returns the arguments of a keeper whose interpreter is this program, and does nothing.
pub fn arguments_of_trial() -> Vec<String> {
    arguments(&[PROGRAM, NOTHING].map(str::to_owned), &BTreeMap::new(), &[env::temp_dir()], &[])
}

/// Is a keeper or init, if this program was started as one.
pub fn serve() -> Option<ExitCode> {
    let mut args = env::args_os().skip(1);
    let end = match args.next()?.to_str()? {
        KEEPER => keep(args),
        INIT => reap(),
        NOTHING => return Some(ExitCode::SUCCESS),
        _ => return None,
    };
    Some(match end {
        Ok(status) => end_as(status),
        Err(error) => {
            eprintln!("{NOT_STARTED}{error}");
            ExitCode::from(FAILED)
        }
    })
}

/// Runs an interpreter in namespaces of its own, until nothing of it is left.
fn keep(mut words: impl Iterator<Item = OsString>) -> io::Result<ExitStatus> {
    let parent = words.next().and_then(|parent| parent.to_str()?.parse::<i32>().ok());
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before.
    if parent != getppid().map(Pid::as_raw_pid) {
        return Err(io::Error::other("a keeper is started by audit578 itself only"));
    }
    let (mut variables, mut folders) = (Vec::new(), Vec::new());
    while let Some(word) = words.next().filter(|word| word != END) {
        if word == READ_ONLY || word == WRITABLE {
            folders.extend(words.next().map(|folder| (folder, word == WRITABLE)));
        } else {
            let word = word.to_string_lossy().into_owned();
            variables.extend(word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
    let program = words.next().ok_or_else(|| io::Error::other("the command is empty"))?;
    setsid()?;
    enter_namespaces()?;
    folders.iter().try_for_each(|(folder, is_writable)| let_write(Path::new(folder), *is_writable))?;
    // The working directory is still what was there before.
    env::set_current_dir(env::current_dir()?)?;
    let mut init = start_init()?;
    limit()?;
    let status = Command::new(program).args(words).env_clear().envs(variables).process_group(0).spawn()?.wait()?;
    drop(init.stdin.take());
    init.wait()?;
    Ok(status)
}

/// Makes the namespaces for all that this process starts. Its user stays the same.
fn enter_namespaces() -> io::Result<()> {
    let (user, group) = (getuid(), getgid());
    let ours = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWPID;
    if user.is_root() {
        // Root in a namespace for users could do less than root.
        nix::sched::unshare(ours)?;
    } else {
        nix::sched::unshare(ours | CloneFlags::CLONE_NEWUSER)?;
        // Without this, the kernel lets nobody set the groups.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{0} {0} 1", user.as_raw()))?;
        fs::write("/proc/self/gid_map", format!("{0} {0} 1", group.as_raw()))?;
    }
    // What is mounted here is seen here only.
    Ok(mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?)
}

/// Lets everybody in the namespace write in a folder, as far as its modes do, or nobody.
fn let_write(folder: &Path, is_allowed: bool) -> io::Result<()> {
    // What a file system forbids already, a user who is not root cannot allow again. These have the same numbers.
    let kept =
        statvfs(folder)?.f_flag & (StatVfsMountFlags::NOSUID | StatVfsMountFlags::NODEV | StatVfsMountFlags::NOEXEC);
    let kept = MountFlags::from_bits_truncate(u32::try_from(kept.bits()).unwrap_or_default());
    mount_bind(folder, folder)?;
    let forbidden = if is_allowed { MountFlags::empty() } else { MountFlags::RDONLY };
    Ok(mount_remount(folder, MountFlags::BIND | forbidden | kept, "")?)
}

/// Limits what the interpreter may use: no core file, and no file without end.
fn limit() -> io::Result<()> {
    let at_most = |maximum| Rlimit { current: Some(maximum), maximum: Some(maximum) };
    setrlimit(Resource::Core, at_most(0))?;
    Ok(setrlimit(Resource::Fsize, at_most(FILE_SIZE))?)
}

/// Starts init, and waits until it is ready.
fn start_init() -> io::Result<Child> {
    may_children_mount(true)?;
    let mut command = Command::new(PROGRAM);
    command.arg(INIT).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut init = command.spawn()?;
    let mut answer = String::new();
    init.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?.read_to_string(&mut answer)?;
    may_children_mount(false)?;
    match answer.as_str() {
        READY => Ok(init),
        reason => Err(io::Error::other(format!("the first process of its namespace fails: {reason}"))),
    }
}

/// Lets the programs that this process starts mount file systems in its namespaces, or lets them do that no more. Only the
/// programs of root may do that otherwise.
fn may_children_mount(they_may: bool) -> io::Result<()> {
    if getuid().is_root() {
        return Ok(());
    }
    let mut sets = capabilities(None)?;
    sets.inheritable.set(CapabilitySet::SYS_ADMIN, they_may);
    set_capabilities(None, sets)?;
    // A capability that is not inheritable any more is not ambient either.
    if they_may {
        configure_capability_in_ambient_set(CapabilitySet::SYS_ADMIN, true)?;
    }
    Ok(())
}

/// The answer of init when it is ready.
const READY: &str = "ready";

/// Is the first process of the namespace, until the keeper ends.
fn reap() -> io::Result<ExitStatus> {
    let ended = SigSet::from_iter([Caught::SIGCHLD]);
    // The thread below inherits this, so that the signal waits for us.
    ended.thread_block()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let mounted = mount("proc", "/proc", "proc", flags, None);
    let answer = mounted.map_or_else(|error| format!("/proc cannot be mounted: {error}"), |()| READY.to_owned());
    let mut stdout = io::stdout();
    stdout.write_all(answer.as_bytes())?;
    stdout.flush()?;
    // The keeper reads to the end. Descriptors 1 and 2 stay open, so that no file gets their numbers.
    rustix::stdio::dup2_stdout(fs::File::open("/dev/null")?)?;
    thread::spawn(|| {
        // The end of the keeper is the end of this file.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    loop {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        ended.wait()?;
    }
}

/// Ends this process as another one ended. Its standard error is that of the interpreter.
fn end_as(status: ExitStatus) -> ExitCode {
    if let Some(signal) = status.signal() {
        // It does not return, unless the signal ends no process. Then this is how a shell says it.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(FAILED));
    }
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED))
}
