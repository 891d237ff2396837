"""The shared interpreter: it does one trial after another, and puts back between them what a trial changed."""

import os
import sys

from fork import import_modules, open_channel, or_send_failure, set_home
from report import Report
from system import can_duplicate, count_threads, open_descriptors, os_close, os_exit, redirect
from trial import load_job, run_trial
from watch import VETO


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
        names = run_trial(job, report, self.relay.set)
        self.relay.watch = None
        report.close()
        job = report = None
        release(names)
        self.collect()  # objects of this trial would otherwise be finalized, and raise their events, in another trial
        return self.state.restore() or self.relay.residue() or "clean"


def release(names):
    """Free the objects of a trial. The frames of its threads and of the veto exception keep them alive.

    A thread that waits for a socket ends as soon as the socket is closed.
    """
    sockets = getattr(sys.modules.get("_socket"), "socket", ())
    for value in list(names.values()):
        if issubclass(type(value), sockets):
            attempt(value.close)
    names.clear()
    VETO.__traceback__ = VETO.__context__ = VETO.__cause__ = None


def attempt(action, *args):
    """Call something that may raise an exception."""
    try:
        action(*args)
    except Exception:
        pass


def shut_down(descriptor):
    """End the connection of a descriptor, if it is a socket. The descriptor stays open for the object that has it."""
    import _socket

    copy = _socket.socket(fileno=os.dup(descriptor))
    try:
        copy.shutdown(2)
    finally:
        copy.close()


class Relay:
    """The only hook of a shared interpreter. It passes events on to the watch of the trial that runs."""

    def __init__(self):
        self.watch = None
        self.added = False

    def set(self, hook):
        self.watch = hook

    def hook(self, name, args):
        if self.watch is not None:
            self.added = self.added or name == "sys.addaudithook"
            self.watch(name, args)

    def residue(self):
        """Return the residue of a trial in the hooks, if there is one."""
        return "a hook was added" if self.added else None


class SharedState:
    """The state that a trial finds in a shared interpreter and may change. Most of it can be put back."""

    def __init__(self, sleep):
        self.sleep = sleep
        self.has_redirects = can_duplicate()
        self.folder = os.getcwd()
        self.environment = dict(os.environ)
        self.contents = {}

    def prepare(self, job):
        """Prepare for a job as a new process would. The modules that its setup imports are imported already."""
        if self.has_redirects:
            redirect(os.devnull, os.O_RDONLY, 0)
            redirect(job["stdout"], os.O_WRONLY | os.O_CREAT, 1)
            redirect(job["stderr"], os.O_WRONLY | os.O_CREAT, 2)
        os.chdir(job["tmp"])
        set_home(os.getcwd())
        self.limit = sys.getrecursionlimit()
        self.digits = getattr(sys, "get_int_max_str_digits", int)()
        self.descriptors = open_descriptors()
        self.threads = count_threads()
        self.modules = dict(sys.modules)
        # A new import may have changed older modules: a package gets its submodules as attributes.
        if not self.contents.keys() >= self.modules.keys():
            self.contents = {name: ModuleContent(module) for name, module in self.modules.items()}

    def restore(self):
        """Put back what a job changed. Return the residue that cannot be put back, if there is any."""
        self.restore_modules()
        self.restore_interpreter()
        self.restore_surroundings()
        self.close_streams()
        if not self.wait_for_threads():
            return "a thread was left"
        if not self.restore_descriptors():
            return "a file was closed"
        return None

    def restore_modules(self):
        """Put back the set of modules, and their contents."""
        for name in set(sys.modules) - set(self.modules):
            del sys.modules[name]
        sys.modules.update(self.modules)
        for name in self.modules:
            self.contents[name].restore()

    def restore_interpreter(self):
        """Put back the settings of the interpreter."""
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(self.limit)
        attempt(lambda: sys.set_int_max_str_digits(self.digits))
        attempt(lambda: sys.set_asyncgen_hooks(None, None))
        end_monitoring()

    def restore_surroundings(self):
        """Put back the environment and the working directory."""
        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        os.environ.update(self.environment)
        os.chdir(self.folder)

    def close_streams(self):
        """Close the files of the job that are standard streams: Windows does not remove open files."""
        for stream in (sys.stdout, sys.stderr):
            attempt(stream.flush)
        if self.has_redirects:
            for descriptor in (1, 2):
                redirect(os.devnull, os.O_WRONLY, descriptor)

    def restore_descriptors(self):
        """Close the descriptors that no object uses any more. Tell whether those from before are open, and no others.

        A thread that has only just ended may still open or close one.
        """
        for _ in range(10):
            for descriptor in open_descriptors() - self.descriptors:
                attempt(os_close, descriptor)
            if open_descriptors() == self.descriptors:
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


class ModuleContent:
    """The names of a module, and the contents of the containers among them."""

    def __init__(self, module):
        # An object of another type may do anything when it is asked for its names.
        self.names = module.__dict__ if type(module) is type(sys) else {}
        self.copy = dict(self.names)
        self.containers = [
            (value, value.copy())
            for name, value in self.copy.items()
            if type(value) in (list, dict, set) and value is not sys.modules and name != "__builtins__"
        ]

    def restore(self):
        """Put back the names, and the contents of containers whose length changed."""
        try:
            changed = self.names != self.copy
        except Exception:  # from an __eq__
            changed = True
        if changed:
            for name in set(self.names) - set(self.copy):
                del self.names[name]
            self.names.update(self.copy)
        for container, copy in self.containers:
            if len(container) != len(copy):
                container.clear()
                (container.extend if type(container) is list else container.update)(copy)


def end_monitoring():
    """End all monitoring of `sys.monitoring`, if that exists."""
    monitoring = getattr(sys, "monitoring", None)
    for tool in filter(monitoring.get_tool, range(6)) if monitoring else ():
        monitoring.set_events(tool, 0)
        for event in vars(monitoring.events).values():
            attempt(monitoring.register_callback, tool, event, None)
        monitoring.free_tool_id(tool)  # from 3.14 on, this alone would be enough
