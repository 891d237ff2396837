"""Helpers of the tests of the agent: its modules can be imported, and run in interpreters of their own."""

import os
import subprocess
import sys
import tempfile

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness", "agent")
MAIN = os.path.join(FOLDER, "main.py")

sys.dont_write_bytecode = True
sys.path.insert(0, FOLDER)

NAMES = {"true": True, "false": False, "null": None}


class Trial:
    """A temporary folder for a job, with its working directory `tmp`."""

    def __init__(self, test):
        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.tmp = self.path("tmp")
        os.mkdir(self.tmp)

    def path(self, name):
        return os.path.join(self.folder, name)

    def job(self, **fields):
        """Return a job, as the harness writes it."""
        job = {
            "task": "trial",
            "report": self.path("report"),
            "stdout": self.path("stdout"),
            "stderr": self.path("stderr"),
            "tmp": self.tmp,
            "setup": "",
            "snippet": "",
            "names": None,
            "shapes": [],
            "effect": None,
            "veto": None,
            "hot": None,
            "record": False,
            "native": False,
            "needs": [],
            "compile": False,
            "next": None,
        }
        job.update(fields)
        return job

    def run(self, **fields):
        """Run a job in an interpreter of its own. Return the lines of its report."""
        with open(self.path("job"), "w") as file:
            file.write(repr(self.job(**fields)))
        python(MAIN, self.path("job"), folder=self.tmp)
        return self.report()

    def report(self):
        """Return the lines of the report, and remove it."""
        with open(self.path("report"), encoding="ascii") as file:
            lines = [eval(line, NAMES) for line in file]
        os.remove(self.path("report"))
        return [pair for line in lines for pair in line.items()]

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()


def environment(folder):
    """Return an environment in which the agent puts its compiled code into a folder of the test."""
    return dict(os.environ, PYTHONPYCACHEPREFIX=folder)


def python(*args, folder):
    """Run an interpreter like this one in a folder, isolated as the harness does."""
    command = [sys.executable, "-S", "-B", *args]
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout.decode()


# The secret of each job.
SECRET = "5ec2e7"


class Warm:
    """A warm interpreter, to which the tests speak as the harness does."""

    def __init__(self, test, task):
        command = [sys.executable, "-S", "-B", MAIN, task]
        folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            command,
            cwd=folder.name,
            env=environment(folder.name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        test.addCleanup(folder.cleanup)
        test.addCleanup(self.end)

    def send(self, job, groups=""):
        """Send a job. `groups` names the modules to import, with a semicolon behind each group."""
        text = "%s %s\n%r\n" % (SECRET, groups, job)
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def reply(self):
        """Return the next reply."""
        while True:
            line = self.process.stdout.readline().decode()
            assert line, "the interpreter is gone"
            if "\x1e" in line:
                secret, _, reply = line.rpartition("\x1e")[2].strip().partition(" ")
                assert secret in (SECRET, ""), line  # the agent may fail before it has a job
                return reply

    def run(self, job, groups=""):
        """Have a shared interpreter do a job. Return the reply."""
        self.send(job, groups)
        return self.reply()

    def end(self):
        """End the interpreter. Return its exit status."""
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status


def kinds(lines):
    return [kind for kind, _ in lines]


def events(lines):
    """Return the names of the events in a report."""
    return [payload["name"] for kind, payload in lines if kind == "event"]


def value(lines, kind):
    """Return the only payload of a kind in a report."""
    (found,) = [payload for name, payload in lines if name == kind]
    return found
