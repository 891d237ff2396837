//! The runner: the ways to run a job in an interpreter.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::imports::{groups, imports};
use super::jobs::Job;
use super::observation::Observation;
use super::pool::{Pool, Pooled, Seat};
use super::script::{Script, Scripts};
use super::workspace::{Kept, Workspace, in_workspace};
use crate::process::{self, Exit, Limits, Spawn, Stdin};
use crate::runtime::{Heat, Launch};
use crate::suite::Invoke;

/// The default deadline of a pass.
const DEADLINE: Duration = Duration::from_secs(10);

/// The argument of an agent that forks a child for each job.
const FORKS: &str = "serve";

/// Runs jobs.
#[derive(Debug)]
pub struct Runner {
    /// The agent on disk.
    pub scripts: Scripts,
    /// The warm interpreters.
    pub pool: Pool,
    deadline: Duration,
}

/// The end of a job, and the time that it took.
pub type Ended = (Exit, Duration);

impl Runner {
    /// Writes the agent to disk. The deadline is for passes of runtimes without a configured one.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written.
    pub fn new(deadline: Option<Duration>) -> io::Result<Runner> {
        Ok(Runner { scripts: Scripts::new()?, pool: Pool::default(), deadline: deadline.unwrap_or(DEADLINE) })
    }

    /// Returns the deadline of one pass of a runtime.
    pub fn deadline(&self, launch: &Launch) -> Duration {
        launch.timeout.unwrap_or(self.deadline)
    }

    /// Runs a pass on a seat that no other pass has meanwhile, in a new workspace or in one that is kept.
    pub fn seated(
        &self,
        launch: &Launch,
        kept: Option<&Kept>,
        pass: impl FnOnce(&mut Seat, &Workspace) -> io::Result<Ended>,
    ) -> Observation {
        let mut seat = match self.pool.take(launch) {
            Ok(seat) => seat,
            Err(error) => return in_workspace(Err(error), |_| Err(io::ErrorKind::NotFound.into())),
        };
        let workspace = match kept {
            Some(kept) => Workspace::kept(kept, &seat.room),
            None => Workspace::new(&seat.room),
        };
        let seen = in_workspace(workspace, |workspace| pass(&mut seat, workspace));
        if seat.room.restore() {
            self.pool.give_back(seat);
        }
        seen
    }

    /// Runs the agent as a script in a new process.
    ///
    /// # Errors
    /// When a file cannot be written, or a warm interpreter cannot be started.
    pub fn run_script(&self, seat: &mut Seat, launch: &Launch, workspace: &Workspace, job: &Job) -> io::Result<Ended> {
        let spawn = workspace.spawn(launch, with_job(self.argv(launch, &[])?, workspace, job)?);
        self.start(seat, launch, workspace, &spawn, job)
    }

    /// Runs the script of the probe in a new process. Its argument is the agent, if that is to be compiled, or the part of it
    /// that answers.
    ///
    /// # Errors
    /// As `run_script`.
    pub fn run_probe(&self, seat: &mut Seat, launch: &Launch, workspace: &Workspace, job: &Job) -> io::Result<Ended> {
        let agent = job.compile.then(|| self.scripts.of(launch)).transpose()?;
        let script = agent.as_ref().map_or_else(|| self.scripts.identity(), Script::source);
        let scripts = [self.scripts.probe(), script].map(|path| path.to_string_lossy().into_owned());
        let argv = with_job([launch.command.as_slice(), &launch.args, &scripts].concat(), workspace, job)?;
        let mut spawn = workspace.spawn(launch, argv);
        // The compiled agent is written there.
        spawn.writable.extend(agent.map(|agent| agent.site));
        self.start(seat, launch, workspace, &spawn, job)
    }

    /// Runs the agent as `sitecustomize` in a process with the command line of a case, which may have a native hook.
    ///
    /// # Errors
    /// As `run_script`.
    pub fn run_command_line(
        &self,
        seat: &mut Seat,
        launch: &Launch,
        workspace: &Workspace,
        job: &Job,
        invoke: &Invoke,
    ) -> io::Result<Ended> {
        let in_work = |text: &String| text.replace("{tmp}", &workspace.work.to_string_lossy());
        for (name, text) in &invoke.files {
            let path = workspace.work.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&workspace.work))?;
            fs::write(path, text)?;
        }
        let args: Vec<String> = invoke.args.iter().map(in_work).collect();
        let mut spawn = workspace.spawn(launch, [launch.command.as_slice(), &args].concat());
        let stdin = workspace.path("stdin");
        fs::write(&stdin, &invoke.stdin)?;
        spawn.stdin = if invoke.terminal { Stdin::Terminal(stdin) } else { Stdin::File(stdin) };
        let mut put =
            |name: &str, value: &Path| spawn.env.insert(name.to_owned(), value.to_string_lossy().into_owned());
        put("AUDIT578_JOB", &job.write(workspace)?);
        put("PYTHONPATH", &self.scripts.of(launch)?.site);
        if job.native {
            put("AUDIT578_NATIVE", &job.files.report);
            if let Some(event) = job.veto {
                put("AUDIT578_VETO", Path::new(event));
            }
            let others = launch.env.get("LD_PRELOAD").into_iter().cloned();
            let ours = self.scripts.native().to_string_lossy().into_owned();
            let all = others.chain([ours]).collect::<Vec<_>>().join(":");
            put("LD_PRELOAD", Path::new(&all));
        }
        spawn.env.extend(invoke.env.iter().map(|(name, value)| (name.clone(), in_work(value))));
        self.start(seat, launch, workspace, &spawn, job)
    }

    /// Runs a command line in a new process, or in a launcher that serves and gives it a new interpreter.
    fn start(
        &self,
        seat: &mut Seat,
        launch: &Launch,
        workspace: &Workspace,
        spawn: &Spawn,
        job: &Job,
    ) -> io::Result<Ended> {
        let limits = self.limits(launch, &[workspace], job.hot);
        if !launch.serves || matches!(spawn.stdin, Stdin::Terminal(_)) {
            return Ok(process::run(spawn, &limits));
        }
        let mut launcher = take(seat, launch, &[launch.command.as_slice(), &["--serve".to_owned()]].concat())?;
        let (exit, time, goes_on) = launcher.warm.serve(spawn, launch.command.len(), &limits);
        if goes_on {
            seat.keep(launcher);
        }
        Ok((exit, time))
    }

    /// Runs the agent in a child that a warm interpreter forks. An interpreter that is lost is not used again. There is a
    /// second workspace if the job has a second pass.
    ///
    /// # Errors
    /// When the warm interpreter cannot be started, or is lost.
    pub fn run_forked(
        &self,
        seat: &mut Seat,
        launch: &Launch,
        workspaces: &[&Workspace],
        job: &Job,
    ) -> io::Result<Ended> {
        let mut interpreter = take(seat, launch, &self.argv(launch, &[FORKS])?)?;
        let limits = self.limits(launch, workspaces, job.hot);
        let ended = interpreter.warm.fork(&job.lines(&groups(job.setup))?, &limits)?;
        seat.keep(interpreter);
        Ok(ended)
    }

    /// Runs the agent in an interpreter that other trials use before and after it. Also returns the residue. An
    /// interpreter that is lost, or has residue, is not used again.
    ///
    /// # Errors
    /// When the shared interpreter cannot be started.
    pub fn run_shared(
        &self,
        seat: &mut Seat,
        launch: &Launch,
        workspace: &Workspace,
        job: &Job,
    ) -> io::Result<(Ended, Option<String>)> {
        let mut interpreter = take(seat, launch, &self.argv(launch, &["share"])?)?;
        let modules = imports(job.setup).into_iter().collect();
        let limits = self.limits(launch, &[workspace], job.hot);
        let (exit, time, residue) = interpreter.warm.share(&job.lines(&[modules])?, &limits);
        if exit == Exit::Status(0) && residue.is_none() {
            seat.keep(interpreter);
        }
        Ok(((exit, time), residue))
    }

    /// Starts a warm interpreter that forks, for a job to come.
    pub fn warm_up(&self, seat: &mut Seat, launch: &Launch) {
        // The job will have the same error.
        if let Ok(interpreter) = self.argv(launch, &[FORKS]).and_then(|argv| take(seat, launch, &argv)) {
            seat.keep(interpreter);
        }
    }

    /// Returns the command line of the agent with some arguments.
    fn argv(&self, launch: &Launch, args: &[&str]) -> io::Result<Vec<String>> {
        let script = self.scripts.of(launch)?.to_run().to_string_lossy().into_owned();
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        Ok([launch.command.as_slice(), &launch.args, &[script], &args].concat())
    }

    /// Returns the limits of a pass. A snippet that waits for ever in its second round ends a hot pass early.
    fn limits(&self, launch: &Launch, workspaces: &[&Workspace], heat: Option<Heat>) -> Limits {
        let deadline = self.deadline(launch);
        let deadline = heat.map_or(deadline, |heat| deadline.min(heat.deadline()));
        Limits {
            deadline,
            files: workspaces.iter().flat_map(|workspace| workspace.outputs()).collect(),
            folders: workspaces.iter().flat_map(|workspace| workspace.folders()).collect(),
            usage: launch.usage,
        }
    }
}

fn take(seat: &mut Seat, launch: &Launch, argv: &[String]) -> io::Result<Pooled> {
    let start = (argv.to_vec(), launch.env.clone());
    seat.take(start, |workspace| workspace.spawn(launch, argv.to_vec()))
}

/// Writes a job, and adds its file to a command line.
fn with_job(mut argv: Vec<String>, workspace: &Workspace, job: &Job) -> io::Result<Vec<String>> {
    argv.push(job.write(workspace)?.to_string_lossy().into_owned());
    Ok(argv)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    /// The number of no process.
    const NOBODY: &str = "999999999";

    fn owned((name, value): (&str, String)) -> (String, String) {
        (name.to_owned(), value)
    }

    /// A program that behaves as a warm interpreter or as a launcher. It notes that it was started, and does what each
    /// job says.
    const FAKE: &str = r#"
        echo started >>"$STARTS"
        mode=${2-$1}
        secret=
        reply() { printf '\036%s%s\n' "$secret" "$1"; }
        while { [ "$mode" = --serve ] || read -r secret modules; } && read -r job; do
            [ "$mode" = --serve ] || secret="$secret "
            case $job in
                *LIES*) secret=;;
                *ENDS*) exit 3;;
                *QUITS*) exit 0;;
                *HANGS*) sleep 600;;
                *RESIDUE*) result='a thread was left';;
                *) result=clean;;
            esac
            case $mode in
                --serve) reply '{"status":0}';;
                share) reply "$result";;
                serve) reply "started $CHILD"; reply 'ended 0';;
            esac
        done
    "#;

    #[test]
    fn an_interpreter_is_used_again_only_if_it_is_as_good_as_new() {
        let residue = "residue: a thread was left";
        let clean = "it ended with exit status 0";
        let (ended, hung) = ("it ended with exit status 3", "its deadline passed");
        let lied = "it cannot be started: a reply does not have the secret of the job";
        for (isolation, jobs, results, starts) in [
            ("shared", ["clean", "clean", "clean"], [clean; 3], 1),
            ("shared", ["clean", "RESIDUE", "clean"], [clean, residue, clean], 2),
            ("shared", ["RESIDUE", "RESIDUE", "clean"], [residue, residue, clean], 3),
            ("shared", ["clean", "ENDS", "clean"], [clean, ended, clean], 2),
            ("shared", ["clean", "QUITS", "clean"], [clean, "residue: the interpreter ended", clean], 2),
            ("shared", ["clean", "HANGS", "clean"], [clean, hung, clean], 2),
            ("fork", ["clean", "clean", "clean"], [clean; 3], 1),
            ("fork", ["clean", "ENDS", "clean"], [clean, "lost", clean], 2),
            ("fork", ["clean", "HANGS", "clean"], [clean, "lost", clean], 2),
            ("fork", ["LIES", "LIES", "clean"], ["lost", "lost", clean], 3),
            ("shared", ["LIES", "clean", "clean"], [lied, clean, clean], 2),
            ("served", ["clean", "clean", "clean"], [clean; 3], 1),
            ("served", ["clean", "ENDS", "clean"], [clean, ended, clean], 2),
            ("served", ["clean", "HANGS", "clean"], [clean, hung, clean], 2),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
            fs::write(path("fake.sh"), FAKE).expect("a file");
            let runner = Runner::new(None).expect("a folder");
            let run = |job: &&str| {
                let launch = Launch {
                    command: vec!["sh".to_owned(), path("fake.sh")],
                    env: [("STARTS", path("starts")), ("CHILD", NOBODY.to_owned())].map(owned).into(),
                    timeout: Some(Duration::from_millis(if *job == "HANGS" { 200 } else { 60_000 })),
                    serves: isolation == "served",
                    args: Vec::new(),
                    ..Launch::python(Path::new("sh"))
                };
                run(&runner, &launch, isolation, job)
            };
            assert_eq!(jobs.iter().map(run).collect::<Vec<_>>(), results, "{isolation}: {jobs:?}");
            let started = fs::read_to_string(path("starts")).expect("each start is noted");
            assert_eq!(started.lines().count(), starts, "{isolation}: {jobs:?}");
        }
    }

    #[test]
    fn a_process_that_no_reply_with_the_secret_names_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        fs::write(path("fake.sh"), FAKE).expect("a file");
        let runner = Runner::new(None).expect("a folder");
        for (job, is_left_alone) in [("LIES", true), ("clean", false)] {
            let mut other = Command::new("sleep").arg("600").process_group(0).spawn().expect("a process");
            let launch = Launch {
                command: vec!["sh".to_owned(), path("fake.sh")],
                env: [("STARTS", path("starts")), ("CHILD", other.id().to_string())].map(owned).into(),
                args: Vec::new(),
                ..Launch::python(Path::new("sh"))
            };
            run(&runner, &launch, "fork", job);
            // The group was sent a signal before the reply that ended the job, if it was sent one.
            let ended = if is_left_alone { other.try_wait().expect("a child") } else { other.wait().ok() };
            other.kill().expect("it can be ended");
            other.wait().expect("it ends");
            assert_eq!(ended.is_none(), is_left_alone, "{job}");
        }
    }

    #[test]
    fn a_pass_that_damages_its_room_harms_no_later_one() {
        let runner = Runner::new(None).expect("a folder");
        let launch = Launch::python(Path::new("python"));
        let room = |workspace: &Workspace| workspace.work.parent().expect("a room").to_owned();
        let removal = |room: &Path| fs::remove_dir_all(room);
        let lock = |room: &Path| fs::set_permissions(room, PermissionsExt::from_mode(0o000));
        for damage in [removal as fn(&Path) -> io::Result<()>, lock] {
            let ended = || (Exit::Status(0), Duration::ZERO);
            runner.seated(&launch, None, |_, workspace| damage(&room(workspace)).map(|()| ended()));
            let mut mode = 0;
            let next = runner.seated(&launch, None, |_, workspace| {
                mode = fs::metadata(room(workspace))?.permissions().mode() & 0o700;
                Ok(ended())
            });
            assert_eq!((next.exit, mode), (Exit::Status(0), 0o700));
        }
    }

    #[test]
    fn an_interpreter_is_not_used_again_with_other_variables() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        fs::write(path("fake.sh"), FAKE).expect("a file");
        let runner = Runner::new(None).expect("a folder");
        for (variable, starts) in [("1", 1), ("1", 1), ("2", 2), ("1", 2)] {
            let env = [("STARTS", path("starts")), ("CHILD", NOBODY.to_owned()), ("VARIABLE", variable.to_owned())];
            let launch = Launch {
                command: vec!["sh".to_owned(), path("fake.sh")],
                env: env.map(owned).into(),
                args: Vec::new(),
                ..Launch::python(Path::new("sh"))
            };
            assert_eq!(run(&runner, &launch, "shared", "clean"), "it ended with exit status 0");
            let started = fs::read_to_string(path("starts")).expect("each start is noted");
            assert_eq!(started.lines().count(), starts);
        }
    }

    /// Runs a job with some snippet, and tells what became of it.
    fn run(runner: &Runner, launch: &Launch, isolation: &str, snippet: &str) -> String {
        let mut seat = runner.pool.take(launch).expect("a seat");
        let workspace = Workspace::new(&seat.room).expect("a folder");
        let job = Job { snippet, ..Job::new("trial", &workspace) };
        let mut residue = None;
        let ended = match isolation {
            "fork" => runner.run_forked(&mut seat, launch, &[&workspace], &job),
            "served" => {
                let invoke = Invoke { args: vec![snippet.to_owned()], ..Invoke::default() };
                runner.run_command_line(&mut seat, launch, &workspace, &job, &invoke)
            }
            _ => runner.run_shared(&mut seat, launch, &workspace, &job).map(|(ended, left)| {
                residue = left;
                ended
            }),
        };
        runner.pool.give_back(seat);
        if let Some(residue) = residue {
            return format!("residue: {residue}");
        }
        ended.map_or_else(|_| "lost".to_owned(), |(exit, _)| exit.to_string())
    }
}
