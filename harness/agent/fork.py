"""The fork server: a warm interpreter that forks a child for each job. PROTOCOL.md describes jobs and replies."""

import os
import sys

from cost import time_operations
from probe import probe
from report import Report
from state import Relay, State, attempt, release
from system import can_duplicate, close_all, os_exit, os_write, redirect
from trial import load_job, run_trial
from values import explain

# How many branches are kept. Most cases of a file import the same modules, and many files a few modules.
BRANCHES = 16


def serve():
    """Fork a child for each job on standard input, and reply on standard output when it starts and ends."""
    jobs, replies = open_channel()
    or_send_failure(replies, fork_children, jobs, replies, [jobs.fileno()])


def or_send_failure(replies, work, *args):
    """Do the work of a warm interpreter, which never returns. If the agent itself fails, send the reason as a reply.

    Without this reply nobody would learn why the interpreter ended.
    """
    try:
        work(*args)
    except BaseException as error:
        calls = []
        traceback = error.__traceback__
        while traceback is not None:
            calls.append("%s:%d" % (traceback.tb_frame.f_code.co_name, traceback.tb_lineno))
            traceback = traceback.tb_next
        replies.send("failed: %s (%s)" % (" ".join(explain(error).split()), " > ".join(calls[1:])))
    os_exit(1)


def open_channel():
    """Return the file with the jobs, and where replies go.

    If descriptors can be duplicated, snippets get the null device in place of both.
    """
    if not can_duplicate():
        return open(0, "rb", closefd=False), Replies(1)
    jobs, replies = open(os.dup(0), "rb"), os.dup(1)
    redirect(os.devnull, os.O_RDONLY, 0)
    redirect(os.devnull, os.O_WRONLY, 1)
    return jobs, Replies(replies)


class Replies:
    """Where replies go: a descriptor, and the secret of the present job."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.secret = ""

    def read_head(self, jobs):
        """Read the first line of a job. Keep its secret, and return the groups of modules."""
        secret, _, groups = jobs.readline().partition(b" ")
        self.secret = secret.decode("ascii")
        return groups

    def send(self, text):
        """Send a reply. It begins with a mark and the secret, because a snippet may write to the same place."""
        os_write(self.descriptor, ("\x1e%s %s\n" % (self.secret, text)).encode("ascii", "replace"))


def fork_children(jobs, replies, foreign, done=None):
    """Fork a child for each job, without the descriptors that are foreign to it.

    A job is a line with groups of modules and a line with the job itself. Each group ends with a semicolon. A branch
    imports a group once for all jobs that begin with this group.
    """
    branches, stock = {}, Stock()
    while True:
        groups, text = replies.read_head(jobs), jobs.readline()
        if not text:
            os_exit(0)
        modules, _, rest = groups.partition(b";")
        if rest:
            # The branches that were used last are at the end.
            branch = branches.pop(modules, None)
            branches[modules] = branch or Branch(modules, replies, foreign + branch_descriptors(branches))
            if len(branches) > BRANCHES:
                branches.pop(next(iter(branches))).end()
            branches[modules].run(replies.secret.encode("ascii") + b" " + rest + text)
        else:
            fork_child(text, replies, foreign + branch_descriptors(branches), stock)
        if done is not None:
            os_write(done, b"\n")


def branch_descriptors(branches):
    """Return the descriptors that lead to branches."""
    return [descriptor for branch in branches.values() for descriptor in (branch.jobs, branch.done)]


class Branch:
    """A child of a warm interpreter that has imported more modules, and forks the children that need these."""

    def __init__(self, modules, replies, foreign):
        jobs, self.jobs = os.pipe()
        self.done, done = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            close_all(foreign + [self.jobs, self.done])
            try:
                import_modules(modules)
                fork_children(open(jobs, "rb"), replies, [jobs, done], done)
            finally:
                os_exit(1)
        close_all([jobs, done])

    def run(self, text):
        """Let the branch do a job. If the branch has ended, end the warm interpreter too: the harness notices that."""
        while text:
            text = text[os_write(self.jobs, text) :]
        if not os.read(self.done, 1):
            os_exit(1)

    def end(self):
        close_all([self.jobs, self.done])
        os.waitpid(self.process, 0)


def import_modules(names):
    """Import modules. Ignore exceptions, because the setup will raise them again, and report them."""
    for name in names.decode("ascii").split():
        try:
            __import__(name)
        except Exception:
            pass


class Stock:
    """What a child finds when it is forked. It is noted once for all children that do two passes."""

    def __init__(self):
        self.state = None

    def note(self):
        """Note the state, if that helps: where objects cannot be frozen, collecting them takes longer than a fork."""
        import gc

        if self.state is None and hasattr(gc, "freeze"):
            self.state, self.collect = State(), gc.collect
            gc.freeze()  # so that a child collects only objects of its own


def fork_child(text, replies, foreign, stock):
    """Fork a child for a job, and wait for its end."""
    job = load_job(text.decode("utf-8"))
    if job["next"] is not None:
        stock.note()
    child = os.fork()
    if child == 0:
        close_all(foreign + [replies.descriptor])
        replies.secret = ""  # no snippet needs it
        run_in_child(job, stock)
    try:
        os.setpgid(child, child)
    except OSError:
        pass  # it has done that itself, or is gone
    replies.send("started %d" % child)
    replies.send("ended %d" % os.waitpid(child, 0)[1])


def run_in_child(job, stock):
    """Do a job in a forked child, as a new interpreter would do it."""
    try:
        os.setpgid(0, 0)
        enter(job)
        if job["next"] is not None and stock.state is not None:
            run_two_passes(job, stock)
        run_job(job)
    except BaseException as error:
        os_write(2, explain(error).encode("utf-8", "replace"))
    finally:
        os_exit(1)


def enter(job):
    """Use the standard streams and the folder of a job."""
    redirect(job["stdout"], os.O_WRONLY | os.O_CREAT, 1)
    redirect(job["stderr"], os.O_WRONLY | os.O_CREAT, 2)
    set_home(job["tmp"])
    os.chdir(job["tmp"])


def run_two_passes(job, stock):
    """Run the veto pass of a trial, and then its plain pass, unless something shows that the first pass was there."""
    relay = Relay()
    sys.addaudithook(relay.hook)
    stock.state.note_child()
    report = Report(job["report"])
    outcome = run_trial(job, report, relay.set)
    relay.watch = None
    report.close()
    is_stopped = outcome.is_stopped
    release(outcome.names)
    outcome = report = None
    stock.collect()
    for stream in (sys.stdout, sys.stderr):
        attempt(stream.flush)
    if is_stopped and relay.residue() is None and stock.state.restore_child():
        job.update(job["next"], veto=None)
        enter(job)
        run_trial(job, Report(job["report"]), relay.set)
    os_exit(0)


def set_home(folder):
    """Use a folder as home folder, and for temporary files."""
    for name in ("USERPROFILE", "TEMP", "TMP") if sys.platform == "win32" else ("HOME", "TMPDIR"):
        os.environ[name] = folder


def run_job(job):
    """Do a job and end the process, without running the exit handlers of the snippet."""
    report = Report(job["report"])
    {"probe": probe, "trial": run_trial, "time": time_operations}[job["task"]](job, report)
    os_exit(0)
