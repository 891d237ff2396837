"""The state of an interpreter: what one trial may change, and another must find as it was."""

import os
import sys

from system import count_all_threads, count_threads, has_children, open_descriptors, os_close, os_umask
from watch import VETO


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


class State:
    """What a trial finds in an interpreter that had another trial before. Most of what is changed can be put back."""

    def __init__(self):
        self.folder = os.getcwd()
        self.environment = dict(os.environ)
        self.contents = {}
        self.note_modules()

    def note_modules(self):
        """Note the modules and their contents."""
        self.modules = dict(sys.modules)
        # A new import may have changed older modules: a package gets its submodules as attributes.
        if not self.contents.keys() >= self.modules.keys():
            self.contents = {name: ModuleContent(module) for name, module in self.modules.items()}

    def note(self):
        """Note what a trial may change, besides modules."""
        self.limit = sys.getrecursionlimit()
        self.digits = getattr(sys, "get_int_max_str_digits", int)()
        self.descriptors = open_descriptors()
        self.threads = count_threads()

    def note_child(self):
        """Note what a trial in a child of our own may change besides."""
        self.note()
        self.all_threads = count_all_threads()
        self.process = process_state()
        self.lists = [list(entries) for entries in import_lists()]

    def restore(self):
        """Put back what can be put back by itself."""
        for name in set(sys.modules) - set(self.modules):
            del sys.modules[name]
        sys.modules.update(self.modules)
        for name in self.modules:
            self.contents[name].restore()
        self.restore_rest()

    def restore_rest(self):
        """Put back what is not in a module."""
        restore_interpreter(self.limit, self.digits)
        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        os.environ.update(self.environment)
        os.chdir(self.folder)

    def restore_child(self):
        """Put back what a trial may have changed in a child of our own. Tell whether nothing shows that it was there.

        The contents of modules are not looked at: in a child, each object that is touched costs a copy of its page. The
        harness knows the trials that change them.
        """
        has_left = len(sys.modules) != len(self.modules) or count_all_threads() != self.all_threads
        if has_left or process_state() != self.process or has_children():
            return False
        for current, noted in zip(import_lists(), self.lists):
            current[:] = noted
        self.restore_rest()
        return self.close_descriptors()

    def close_descriptors(self):
        """Close the descriptors that no object uses any more. Tell whether only those from before are open."""
        for descriptor in open_descriptors() - self.descriptors:
            attempt(os_close, descriptor)
        return open_descriptors() == self.descriptors


def import_lists():
    """Return the lists by which modules are found."""
    return sys.path, sys.meta_path, sys.path_hooks


def process_state():
    """Return what belongs to the process: handlers of signals, a timer, the mask of modes."""
    signal = sys.modules.get("_signal")
    handlers = timer = mask = None
    if signal is not None and hasattr(signal, "getsignal"):
        handlers = [signal.getsignal(number) for number in range(1, 32)]
        timer = hasattr(signal, "getitimer") and signal.getitimer(0)[0] > 0
    if hasattr(os, "umask"):
        mask = os_umask(0o77)
        os_umask(mask)
    return handlers, timer, mask


def restore_interpreter(limit, digits):
    """Put back the settings of the interpreter."""
    sys.settrace(None)
    sys.setprofile(None)
    sys.setrecursionlimit(limit)
    attempt(lambda: sys.set_int_max_str_digits(digits))
    attempt(lambda: sys.set_asyncgen_hooks(None, None))
    end_monitoring()


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
