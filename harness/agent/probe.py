"""The probe: finds out what an interpreter is, and which needs of cases it meets."""

import os
import sys

from system import can_duplicate, close_all, os_exit
from values import resolve


def meets(need):
    """Tell whether this interpreter, on this machine, meets a need."""
    kind, _, of = need.partition(":")
    return CHECKS[kind](of)


def works(action):
    """Return a check that tells whether an action raises no exception and does not return False."""

    def check(of):
        try:
            return action(of) is not False
        except Exception:
            return False

    return check


def has_attribute(dotted):
    resolve(dotted, {})


def can_fork(_):
    child = os.fork()
    if child == 0:
        os_exit(0)
    return os.waitpid(child, 0)[1] == 0


def start_thread(_):
    import threading

    worker = threading.Thread(target=int)
    worker.start()
    worker.join()


def open_terminal(_):
    for descriptor in os.openpty():
        os.close(descriptor)


def make_symlink(_):
    os.symlink("nowhere", "link")
    os.unlink("link")


def set_xattr(_):
    os.setxattr(".", "user.audit578", b"")
    os.removexattr(".", "user.audit578")


def can_run_program(_):
    import subprocess

    return subprocess.call([sys.executable, "-S", "-c", ""]) == 0


def bind_socket(_):
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))


def can_send_on_loopback(_):
    import socket

    return all(map(can_send, (socket.SOCK_STREAM, socket.SOCK_DGRAM)))


def can_send(kind):
    """Tell whether a socket of some kind gets data from another one."""
    import socket

    with socket.socket(type=kind) as receiver, socket.socket(type=kind) as sender:
        receiver.settimeout(1)
        receiver.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            receiver.listen(1)
        sender.connect(receiver.getsockname())
        sender.send(b"x")
        with receiver.accept()[0] if kind == socket.SOCK_STREAM else receiver as end:
            return end.recv(1) == b"x"


def can_count_bytes_in_pipe(_):
    import fcntl
    import termios

    reading, writing = os.pipe()
    try:
        os.write(writing, b"abc")
        count = fcntl.ioctl(reading, termios.FIONREAD, bytes(4))
    finally:
        close_all([reading, writing])
    return int.from_bytes(count, sys.byteorder) == 3


def can_lock_out_others(_):
    import fcntl

    with open("lock", "w") as one, open("lock") as other:
        fcntl.flock(one, fcntl.LOCK_EX)
        try:
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def can_unshare(_):
    """Ask for nothing to be unshared, which containers refuse too."""
    os.unshare(0)


def can_make_inheritable(_):
    descriptor = os.open(".", os.O_RDONLY)
    seen = [os.get_inheritable(descriptor)]
    os.set_inheritable(descriptor, True)
    seen.append(os.get_inheritable(descriptor))
    os.close(descriptor)
    return seen == [False, True]


def can_set_mode(_):
    with open("file", "w"):
        pass
    seen = []
    for mode in 0o400, 0o600:
        os.chmod("file", mode)
        seen.append(os.stat("file").st_mode & 0o600)
    return seen == [0o400, 0o600]


def signal_own_group(_):
    os.killpg(os.getpgrp(), 0)


def has_jit():
    return sys._jit.is_available()


BUILDS = {
    "release": lambda: not hasattr(sys, "gettotalrefcount"),
    "jit": has_jit,
    # Windows has no sys.abiflags.
    "free-threaded": lambda: "free-threading build" in sys.version,
}

CHECKS = {
    "build": works(lambda of: BUILDS[of]()),
    "module": works(__import__),
    "attr": works(has_attribute),
    "fd": works(lambda of: resolve(of, {}) in os.supports_fd),
    "dir_fd": works(lambda of: resolve(of, {}) in os.supports_dir_fd),
    "root": works(lambda _: os.geteuid() == 0),
    "tty": works(open_terminal),
    "symlink": works(make_symlink),
    "fork": works(can_fork),
    "threads": works(start_thread),
    "subprocess": works(can_run_program),
    "xattr": works(set_xattr),
    "dup": works(lambda _: can_duplicate()),
    "inheritance": works(can_make_inheritable),
    "permissions": works(can_set_mode),
    "sockets": works(bind_socket),
    "loopback": works(can_send_on_loopback),
    "ioctl": works(can_count_bytes_in_pipe),
    "namespaces": works(can_unshare),
    "locks": works(can_lock_out_others),
    "process-groups": works(signal_own_group),
}


def probe(job, report):
    """Report what the interpreter is, and which of the job's needs it meets."""
    report.add("probe", describe_interpreter(job["compile"]))
    report.add("features", {need: meets(need) for need in job["needs"]})
    report.send("end", True)


def describe_interpreter(must_compile):
    """Return what the interpreter is. hooks.py returns the same of a Python without audit hooks."""
    implementation = getattr(sys, "implementation", None)
    version = getattr(implementation, "version", sys.version_info)
    return {
        "implementation": getattr(implementation, "name", "unknown"),
        "language": list(sys.version_info[:3]),
        "release": release_tag(sys.version_info) or "final",
        "implementation-version": ".".join([str(part) for part in version[:3]]) + release_tag(version),
        "build": " ".join(sys.version.split()),
        "platform": sys.platform,
        "machine": os.uname().machine if hasattr(os, "uname") else None,
        "executable": sys.executable,
        "flags": build_flags(),
        "audit": hasattr(sys, "audit") and hasattr(sys, "addaudithook"),
        "compiler": find_compiler(),
        "compiled": compile_agent() if must_compile else None,
    }


def find_compiler():
    """Return the name of the just-in-time compiler that is in use, or None."""
    if getattr(sys, "pypy_translation_info", {}).get("translation.jit"):
        return "pypy"
    if sys.implementation.name == "graalpy" and "Interpreted" not in sys.version:
        return "graal"
    for module, name in (("_cinderx", "cinderx"), ("pyston_lite", "pyston")):
        if module in sys.modules:
            return name
    jit = getattr(sys, "_jit", None)
    return "cpython" if jit is not None and jit.is_enabled() else None


def release_tag(version):
    """Return the part of a version after its three numbers. It is empty for a final release."""
    level, serial = (tuple(version[3:]) + ("final", 0))[:2]
    return "" if level == "final" else "%s%s" % (level, serial)


def build_flags():
    """Return the unusual features of the build: debug and free-threaded."""
    flags = [] if BUILDS["release"]() else ["debug"]
    return flags + (["free-threaded"] if BUILDS["free-threaded"]() else [])


def compile_agent():
    """Compile the agent's file for the processes to come. Return the path of the result, or None."""
    try:
        import py_compile

        return py_compile.compile(__file__)
    except Exception:
        return None
