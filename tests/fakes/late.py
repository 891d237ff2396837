"""Be a CPython that delivers the exception of an audit hook only when the operation is done.

Run it as `python late.py agent.py JOB`, or with `serve` in place of JOB. A case whose veto pass still passes here does
not show that the exception stops anything: the effect is lost with the exception, or leaves no trace.

A hook that raises seems to return. Its exception is kept, and raised in the function that called the operation, as soon
as this function goes on. If a function of the library raises the event with `sys.audit`, this function ends first.
"""

import ctypes
import functools
import os
import runpy
import sys

LIBRARY = os.path.dirname(os.__file__)
add_hook = sys.addaudithook
capi = ctypes.PyDLL(None)
capi.Py_AddPendingCall.argtypes = [ctypes.c_void_p, ctypes.py_object]
# This function calls `__bool__` and fails with its exception: just as a pending call must do.
is_true = ctypes.cast(capi.PyObject_IsTrue, ctypes.c_void_p)


def frame_of_caller():
    """Return the frame of the caller's caller. `sys._getframe` would raise an event."""
    try:
        raise LookupError
    except LookupError as error:
        return error.__traceback__.tb_frame.f_back.f_back


def is_in_library(code):
    return code.co_filename.startswith((LIBRARY, "<frozen ")) and "audit" in code.co_names


# The exceptions that are not delivered yet, and the code of the hooks.
waiting, hook_codes = set(), set()


class Late:
    """An exception that waits for the end of an operation."""

    def __init__(self, error, frame):
        self.error, self.frame = error, frame
        self.is_library = frame is not None and is_in_library(frame.f_code)
        self.process = os.getpid()
        waiting.add(self)
        # Pending calls are made after any call. So the interpreter must be asked for one without a call, and a test
        # of an object with `__len__` is none.
        ask = functools.partial(capi.Py_AddPendingCall, is_true, self)
        self.queue = type("Queue", (), {"__len__": staticmethod(ask)})()

    def __bool__(self):
        """Raise the exception if the operation is done. Otherwise wait on."""
        if self.process != os.getpid() or self not in waiting:
            return False
        if self.is_running(frame_of_caller()):
            return not self.queue and False
        waiting.discard(self)
        error, self.error, self.frame = self.error, None, None
        raise error

    def is_running(self, frame):
        """Tell whether the operation still runs, or a hook, in the stack of a frame."""
        is_top = True
        while frame is not None:
            if frame.f_code in hook_codes:
                return True
            if frame is self.frame:
                return self.is_library or not is_top
            frame, is_top = frame.f_back, False
        return False


def add(hook):
    """Add a hook whose exceptions come late."""

    def act(name, args):
        try:
            hook(name, args)
        except BaseException as error:
            late = Late(error, frame_of_caller())
            return not late.queue  # just to ask
        return None

    hook_codes.add(act.__code__)
    add_hook(act)


sys.addaudithook = add
del sys.argv[:1]
runpy.run_path(sys.argv[0], run_name="__main__")
