"""The shared interpreter: it does one trial after another, and puts back between them what a trial changed."""

import os
import sys

from fork import import_modules, open_channel, or_send_failure, set_home
from report import Report
from state import Relay, State, attempt, release
from system import can_duplicate, count_threads, open_descriptors, os_exit, redirect
from trial import load_job, run_trial


def share():
    """Do the jobs on standard input, two lines each as for a fork server. Reply with the residue of each."""
    jobs, replies = open_channel()
    or_send_failure(replies, share_jobs, jobs, replies)


def share_jobs(jobs, replies):
    shared = Shared()
    while True:
        groups, text = replies.read_head(jobs), jobs.readline()
        if not text:
            os_exit(0)
        replies.send(shared.do(groups, text.decode("utf-8")))


class Shared:
    """An interpreter that does one job after another."""

    def __init__(self):
        import gc
        import time

        self.relay = Relay()
        sys.addaudithook(self.relay.hook)
        self.state = SharedState(time.sleep)
        self.collect = gc.collect
        self.freeze = getattr(gc, "freeze", lambda: None)  # GraalPy and PyPy lack it
        self.collect()

    def do(self, groups, text):
        """Do a job. Return its residue, or `clean`."""
        import_modules(groups.replace(b";", b" "))
        self.freeze()  # so that the next collection looks at the objects of one trial only
        job = load_job(text)
        self.state.prepare(job)
        report = Report(job["report"])
        names = run_trial(job, report, self.relay.set).names
        self.relay.watch = None
        report.close()
        job = report = None
        release(names)
        self.collect()  # objects of this trial would otherwise be finalized, and raise their events, in another trial
        return self.state.put_back() or self.relay.residue() or "clean"


def shut_down(descriptor):
    """End the connection of a descriptor, if it is a socket. The descriptor stays open for the object that has it."""
    import _socket

    copy = _socket.socket(fileno=os.dup(descriptor))
    try:
        copy.shutdown(2)
    finally:
        copy.close()


class SharedState(State):
    """The state that a trial finds in a shared interpreter."""

    def __init__(self, sleep):
        super().__init__()
        self.sleep = sleep
        self.has_redirects = can_duplicate()

    def prepare(self, job):
        """Prepare for a job as a new process would. The modules that its setup imports are imported already."""
        if self.has_redirects:
            redirect(os.devnull, os.O_RDONLY, 0)
            redirect(job["stdout"], os.O_WRONLY | os.O_CREAT, 1)
            redirect(job["stderr"], os.O_WRONLY | os.O_CREAT, 2)
        os.chdir(job["tmp"])
        set_home(os.getcwd())
        self.note()
        self.note_modules()

    def put_back(self):
        """Put back what a job changed. Return the residue that cannot be put back, if there is any."""
        self.restore()
        self.close_streams()
        if not self.wait_for_threads():
            return "a thread was left"
        if not self.wait_for_descriptors():
            return "a file was closed"
        return None

    def close_streams(self):
        """Close the files of the job that are standard streams: Windows does not remove open files."""
        for stream in (sys.stdout, sys.stderr):
            attempt(stream.flush)
        if self.has_redirects:
            for descriptor in (1, 2):
                redirect(os.devnull, os.O_WRONLY, descriptor)

    def wait_for_descriptors(self):
        """Tell whether the same descriptors are open as before. A thread that has just ended may still change it."""
        for _ in range(10):
            if self.close_descriptors():
                return True
            self.sleep(0.005)
        return False

    def wait_for_threads(self):
        """Tell whether there are as many threads as before.

        A thread that serves connections ends soon, because all connections are closed by now. GraalPy collects objects
        late, so that some are still open: these are shut down after a while.
        """
        for turn in range(60):
            if count_threads() == self.threads:
                return True
            if turn == 10:
                for descriptor in open_descriptors() - self.descriptors:
                    attempt(shut_down, descriptor)
            self.sleep(0.005)
        return False
