"""The interpreter: runs the passes of cases, each in a forked child, in a new process, or in this process.

Where the system can fork, a warm interpreter without the modules of the test runner forks the children. Where it
cannot, each pass gets a new process. Where nothing can start one, all passes run in this process, and the agent puts
back what they change.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import types

from generated import AGENT, NEEDS
from observed import Exit, Observation

# A pass ends after so many seconds. What no verdict depends on, such as a start, may take longer.
DEADLINE = float(os.environ.get("AUDIT578_TIMEOUT", "10"))
LONG = 600.0

# What most setups import. The warm interpreter imports it once.
COMMON = "encodings.idna pathlib re shutil socket subprocess tempfile;"

# Without these, some interpreters do not find their libraries.
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "RUSTPYTHONPATH", "SYSTEMROOT")

# Code with one of these leaves a hook or a descriptor behind, which nothing can put back.
LEAVES_RESIDUE = ("addaudithook", "AddAuditHook", "syslog")


class Workspace:
    """The folders of one pass: the working directory of the snippet, and the files that the agent reads and writes."""

    def __init__(self):
        self.exchange, folder = tempfile.mkdtemp(prefix="audit578-"), tempfile.mkdtemp(prefix="audit578-")
        self.tmp = os.path.realpath(folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for folder in (self.exchange, self.tmp):
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.exchange, name)

    def read(self, name):
        """Return a text that the agent or the snippet wrote. The working directory is written as `{tmp}`."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            return ""
        for folder in (json.dumps(self.tmp)[1:-1], self.tmp):
            text = text.replace(folder, "{tmp}")
        return text

    def job(self, task, **fields):
        """Return the instructions for the agent, in one line."""
        files = {name: self.path(name) for name in ("report", "stdout", "stderr")}
        job = {"task": task, "tmp": self.tmp, "setup": "", "snippet": "", "names": None, "shapes": [], "effect": None}
        job.update(files, veto=None, hot=None, record=False, native=False, needs=[], compile=False, next=None)
        return json.dumps(dict(job, **fields))

    def environment(self):
        """Return the environment of a new process."""
        env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        if sys.platform == "win32":
            env.update(PATH=os.environ.get("PATH", ""), USERPROFILE=self.tmp, TEMP=self.tmp, TMP=self.tmp)
        else:
            env.update(PATH="/usr/local/bin:/usr/bin:/bin", HOME=self.tmp, TMPDIR=self.tmp, LANG="C.UTF-8")
            env.update(SSL_CERT_FILE=os.devnull)
        return dict(env, PYTHONDONTWRITEBYTECODE="1")


def start(workspace, *args, **streams):
    """Start the interpreter with the agent, as the leader of a process group."""
    group = {}
    if hasattr(os, "setpgrp"):
        group = {"process_group": 0} if sys.version_info >= (3, 11) else {"preexec_fn": os.setpgrp}
    argv = [sys.executable, "-I", "-S", "-B"] + list(args)
    with open(workspace.path("stderr"), "wb") as stderr:
        return subprocess.Popen(argv, cwd=workspace.tmp, env=workspace.environment(), stderr=stderr, **streams, **group)


def kill_group(leader):
    """Kill a process group, if the system has such groups."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(leader, 9)
        except OSError:
            pass  # no member is left


def run_process(workspace, agent, job, deadline=DEADLINE):
    """Run the agent in a new process."""
    with open(workspace.path("job"), "w", encoding="utf-8") as file:
        file.write(job)
    try:
        with open(workspace.path("stdout"), "wb") as stdout:
            process = start(workspace, agent, workspace.path("job"), stdin=subprocess.DEVNULL, stdout=stdout)
    except (OSError, NotImplementedError) as error:
        return Exit(reason=str(error))
    try:
        status = process.wait(deadline)
        exit = Exit(status=status) if status >= 0 else Exit(signal=-status)
    except subprocess.TimeoutExpired:
        exit = Exit(late=True)
        process.kill()
    kill_group(process.pid)
    process.wait()
    return exit


class Warm:
    """A warm interpreter, which forks a child for each pass."""

    def __init__(self, agent):
        self.workspace = Workspace()
        self.process = start(self.workspace, agent, "serve", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.unread = b""

    def run(self, job):
        """Run a job in a child."""
        secret = os.urandom(8).hex()
        os.write(self.process.stdin.fileno(), ("%s %s\n%s\n" % (secret, COMMON, job)).encode())
        child = int(self.reply(secret, "started", LONG))
        status = self.reply(secret, "ended", DEADLINE)
        kill_group(child)
        if status is None:
            self.reply(secret, "ended", LONG)
            return Exit(late=True)
        status = int(status)
        return Exit(status=status >> 8) if status & 0x7F == 0 else Exit(signal=status & 0x7F)

    def reply(self, secret, word, seconds):
        """Return what follows a word in the next reply, or None if none comes in time."""
        import select

        ends = time.monotonic() + seconds
        while True:
            line, end, rest = self.unread.partition(b"\n")
            mark = line.rfind(b"\x1e")
            if end:
                self.unread = rest
                if mark >= 0:
                    found, said, text = line[mark + 1 :].decode("ascii", "replace").split(" ", 2)
                    if (found, said) != (secret, word):
                        raise OSError("the warm interpreter says: %s %s" % (said, text))
                    return text
                continue
            if not select.select([self.process.stdout], [], [], max(0, ends - time.monotonic()))[0]:
                return None
            read = os.read(self.process.stdout.fileno(), 1 << 16)
            if not read:
                raise OSError("the warm interpreter is gone")
            self.unread += read

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()
        self.workspace.__exit__()


class Interpreter:
    """The interpreter that runs the tests."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="audit578-agent-")
        self.agent = os.path.join(self.folder, "agent.py")
        with open(self.agent, "w", encoding="utf-8") as file:
            file.write(AGENT)
        self.warm = self.shared = None
        seen = self.probe()
        self.features = seen.features
        if seen.compiled is not None and sys.implementation.name in ("cpython", "pypy"):
            self.agent = seen.compiled
        usual = "shared" if self.shared else "fork" if self.features.get("fork") else "process"
        self.isolation = os.environ.get("AUDIT578_ISOLATION", usual)
        if self.isolation == "shared" and self.shared is None:
            self.load_agent()

    def probe(self):
        """Ask the interpreter which needs it meets. If no process can be started, ask this one."""
        with Workspace() as workspace:
            job = workspace.job("probe", needs=NEEDS + ["fork"], compile=True)
            exit = run_process(workspace, self.agent, job, LONG)
            if exit.reason is not None:
                self.load_agent()
                self.here.probe(json.loads(job), self.here.Report(workspace.path("report")))
            seen = Observation(workspace.read("report"), exit, workspace.read("stderr"))
        if not seen.finished:
            raise RuntimeError("%s gives no answer: %s\n%s" % (sys.executable, exit, seen.stderr))
        return seen

    def load_agent(self):
        """Load the agent into this process."""
        self.here = types.ModuleType("audit578_agent")
        exec(compile(AGENT, "<agent>", "exec"), self.here.__dict__)
        self.shared = self.here.Shared()
        self.shared.state.has_redirects = False  # the test runner needs the standard streams

    def close(self):
        if self.warm is not None:
            self.warm.close()
            self.warm = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def lacks(self, case):
        """Return the first need of a case that is not met."""
        return next((need for need in case.needs if not self.features.get(need)), None)

    def needs_process(self, case):
        """Tell whether a case cannot be run, because it needs a process and there is none."""
        return self.isolation == "shared" and case.needs_process()

    def observe(self, case, veto, isolation):
        """Run one pass of a case."""
        with Workspace() as workspace:
            job = workspace.job("trial", **case.job(veto))
            exit, residue = None, None
            if isolation == "shared":
                residue, exit = self.run_here(job), Exit(status=0)
            elif isolation == "fork" and not case.fresh:
                exit = self.run_forked(job)
            else:
                exit = run_process(workspace, self.agent, job)
            return Observation(workspace.read("report"), exit, workspace.read("stderr"), residue)

    def run_forked(self, job):
        """Run a job in a child of the warm interpreter. An interpreter that is lost is not used again."""
        try:
            self.warm = self.warm or Warm(self.agent)
            return self.warm.run(job)
        except (OSError, TypeError, ValueError) as error:
            if self.warm is not None:
                self.warm.close()
                self.warm = None
            return Exit(reason=str(error))

    def run_here(self, job):
        """Run a job in this process. Return the residue, if there is any."""
        import gc

        reply = self.shared.do(b"", job)
        if hasattr(gc, "unfreeze"):
            gc.unfreeze()
        return None if reply == "clean" else reply
