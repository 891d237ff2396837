"""Functions of the system, and functions for descriptors and threads.

They are bound when the agent starts, because a snippet may replace the attributes of `os`.
"""

import os
import sys

os_open, os_write, os_fstat, os_close = os.open, os.write, os.fstat, os.close
os_getpid, os_exit = os.getpid, os._exit
os_umask, os_listdir = getattr(os, "umask", None), os.listdir


def redirect(path, flags, descriptor):
    """Open a file under the number of a descriptor."""
    file = os_open(path, flags, 0o600)
    os.dup2(file, descriptor)
    os_close(file)


def close_all(descriptors):
    """Close some descriptors."""
    for descriptor in descriptors:
        os_close(descriptor)


def can_duplicate():
    """Tell whether descriptors can be duplicated. WASI has the functions, and they fail."""
    try:
        os_close(os.dup(0))
    except (AttributeError, OSError):
        return False
    return hasattr(os, "dup2")


def open_descriptors():
    """Return those of the first descriptors that are open.

    The number of a new descriptor would not be enough: on WASI it is not the lowest free number.
    """
    return {number for number in range(64) if is_open(number)}


def is_open(descriptor):
    """Tell whether a descriptor is open."""
    try:
        os_fstat(descriptor)
    except OSError:
        return False
    return True


def count_threads():
    """Return the number of other threads, which is 0 if Python has no threads."""
    try:
        return sys.modules["_thread"]._count()
    except Exception:
        return 0


def count_all_threads():
    """Return the number of all threads, if it is known: Python does not count one that has only just begun."""
    try:
        return len(os_listdir("/proc/self/task"))
    except OSError:
        return count_threads()


def has_children():
    """Tell whether this process has children that it has not waited for."""
    if not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
