//! Children: the processes that we start, and how they are ended.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use duct::{Expression, Handle};

use super::containment;
use super::exit::Exit;
use super::strays;
use super::system::{
    PROGRAM, arguments, end_namespace, exit_of, in_own_group, init, kill, kill_group, kill_inside, kill_orphans,
    kill_process, usage,
};
use super::usage::Usage;

/// The time in which all processes must have ended that were killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// A child to start. Its output goes to files: a pipe would stay open while any grandchild lives.
#[derive(Debug)]
pub struct Spawn {
    /// The executable and its arguments.
    pub argv: Vec<String>,
    /// The working directory.
    pub folder: PathBuf,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    /// The standard input.
    pub stdin: Stdin,
    /// The file for standard output.
    pub stdout: PathBuf,
    /// The file for standard error.
    pub stderr: PathBuf,
    /// Whether it has namespaces of its own, if the system can do that.
    pub is_contained: bool,
    /// The folders in which it cannot write, if it is contained.
    pub read_only: Vec<PathBuf>,
    /// The folders in those in which it can write all the same.
    pub writable: Vec<PathBuf>,
}

/// The standard input of a child.
#[derive(Debug, Clone)]
pub enum Stdin {
    /// There is nothing to read.
    Empty,
    /// A file.
    File(PathBuf),
    /// A terminal. The text of a file is typed on it. The other standard streams are the same terminal, and its output
    /// goes to the file for standard output.
    Terminal(PathBuf),
}

/// A child that runs, or has ended. Dropping it kills it, with all that it started.
#[derive(Debug)]
pub struct Child {
    handle: Handle,
    /// Whether it is a keeper, whose child is the interpreter.
    is_kept: bool,
    /// The first process of the keeper's namespace, once it was needed.
    init: OnceCell<u32>,
}

impl Child {
    /// Starts a child with the standard streams that `connect` gives it.
    ///
    /// # Errors
    /// When it cannot be started. Of a child with a keeper, this may only show when it ends.
    pub fn start(spawn: &Spawn, connect: impl FnOnce(&Expression) -> Expression) -> io::Result<Child> {
        let is_kept = spawn.is_contained && containment::state().is_ok();
        let command = if is_kept { kept(spawn) } else { plain(spawn)? };
        let handle = strays::start(|| start_on_thread(connect(&command)))?;
        Ok(Child { handle, is_kept, init: OnceCell::new() })
    }

    /// Waits for its end, but not longer than a time.
    ///
    /// # Errors
    /// When the system cannot wait for it.
    pub fn wait(&self, time: Duration) -> io::Result<Option<Exit>> {
        Ok(self.handle.wait_timeout(time)?.map(|output| exit_of(output.status)))
    }

    /// Kills a process that it forked and has not waited for yet, by the number that it gave.
    pub fn kill_forked(&self, number: u32) {
        match self.number() {
            Some(keeper) if self.is_kept => kill_inside(keeper, number),
            _ => kill_process(number),
        }
    }

    /// Ends what a process has left behind that it forked. The process itself has ended.
    pub fn end_rest(&self, forked: u32) {
        if !self.is_kept {
            return kill_group(forked);
        }
        let Some(init) = self.init() else { return };
        let start = Instant::now();
        // The children of an orphan become orphans when it ends.
        while kill_orphans(init) > 0 && start.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns how much it uses at this moment, with all that it started.
    pub fn usage(&self) -> Usage {
        self.number().map(usage).unwrap_or_default()
    }

    /// Returns the first process of its namespace, if it is a keeper and has started it.
    fn init(&self) -> Option<u32> {
        let found = self.init.get().copied();
        found.or_else(|| {
            let init = init(self.number().filter(|_| self.is_kept)?)?;
            Some(*self.init.get_or_init(|| init))
        })
    }

    fn number(&self) -> Option<u32> {
        self.handle.pids().first().copied()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let runs = matches!(self.handle.try_wait(), Ok(None));
        if let Some(init) = runs.then(|| self.init()).flatten() {
            end_namespace(init);
            // An error is the end, too.
            let _ = self.handle.wait_timeout(PATIENCE);
        }
        kill(&self.handle);
        strays::forget(&self.handle);
    }
}

/// Returns the command of a child in its own process group.
///
/// # Errors
/// When there is no executable.
fn plain(spawn: &Spawn) -> io::Result<Expression> {
    let [program, args @ ..] = spawn.argv.as_slice() else {
        return Err(io::Error::other("the command is empty"));
    };
    Ok(in_own_group(&duct::cmd(program, args)).dir(&spawn.folder).full_env(&spawn.env).unchecked())
}

/// Returns the command of the keeper of a child.
fn kept(spawn: &Spawn) -> Expression {
    let mut argv = spawn.argv.clone();
    // The keeper would look for `./python` in the child's folder.
    if let Some(path) =
        argv.first().filter(|program| program.contains('/')).map(std::path::absolute).and_then(Result::ok)
    {
        argv[0] = path.to_string_lossy().into_owned();
    }
    let nothing = BTreeMap::<String, String>::new();
    duct::cmd(PROGRAM, arguments(&argv, &spawn.env, &spawn.read_only, &spawn.writable))
        .dir(&spawn.folder)
        .full_env(nothing)
        .unchecked()
}

/// Starts a command on a thread that never ends: a keeper dies when the thread ends that started it.
fn start_on_thread(command: Expression) -> io::Result<Handle> {
    type Order = (Expression, Sender<io::Result<Handle>>);
    static STARTER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
        let (orders, received) = channel::<Order>();
        thread::spawn(move || {
            for (command, answer) in received {
                // The other end waits for the answer.
                let _ = answer.send(command.start());
            }
        });
        Mutex::new(orders)
    });
    let (answer, answered) = channel();
    let gone = || io::Error::other("the thread that starts processes is gone");
    STARTER.lock().unwrap_or_else(PoisonError::into_inner).send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}
