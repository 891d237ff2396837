#!/usr/bin/env python3
"""Runs Windows CPython under Wine like any other command: `python [-I -S -B ...] FILE ARGS`, with stdin, stdout,
stderr and exit status.

It is in a folder with `python.exe` and `home/.wine`, the prefix of Wine. Wine finds the prefix through HOME; with
WINEPREFIX, the interpreter would see one variable more. This launcher does what Wine cannot do:

- The first process of a prefix starts services, which keep its standard streams open. The launcher starts them first.
- Python fails if a standard stream is a regular file, for which Wine has no name. It gets a pipe instead.
- Wine keeps its sockets in TMPDIR, but TMPDIR differs for each pass, so Wine does not get this variable. The
  interpreter gets the folder as TEMP and TMP, as is usual on Windows.
- Wine passes on only 8 bits of an exit status. `python.exe` ends with CRASHED if an exception of the processor or of
  Windows kills it. This process then kills itself.
"""

import fcntl
import os
import resource
import select
import signal
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WINE, SERVER = "/usr/lib/wine/wine64", "/usr/lib/wine/wineserver64"

# The number of seconds from the end of the last process to the end of the services.
IDLE = 300

# The exit status of a second wineserver for a prefix.
RUNNING = 2

# The exit status of python.exe after a crash: that of a shell after SIGSEGV.
CRASHED = 128 + 11


def environment():
    """Return the environment for Wine. A variable that means something else on Windows gets WINE before its name."""
    env = dict(os.environ, WINEDEBUG="-all")
    folder = env.pop("TMPDIR", None)
    if folder is not None:
        for name in ("TEMP", "TMP"):
            env.setdefault(name, "Z:" + folder.replace("/", "\\"))
    for name in ("TEMP", "TMP", "HOME"):
        if name in env:
            env["WINE" + name] = env.pop(name)
    env["HOME"] = os.path.join(HERE, "home")
    return env


def start_services(env):
    """Start the services unless they run. Of several launchers at once, one starts them and the others wait."""
    with open(os.path.join(env["HOME"], "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status = run_apart([SERVER, "-p%d" % IDLE], env)
        if status == 0:
            status = run_apart([WINE, "wineboot"], env)
        if status not in (0, RUNNING):
            sys.exit("Wine's services cannot be started: exit status %d" % status)


def run_apart(command, env):
    """Run a command in a new session, without streams. Return its exit status."""
    actions = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    process = os.posix_spawn(command[0], command, env, file_actions=actions, setsid=True)
    return os.waitpid(process, 0)[1] >> 8


def start(env, copies):
    """Start the interpreter, and add the pipes to copy with their targets. Return its process."""
    actions, near = [], []
    for descriptor in filter(is_file, (0, 1, 2)):
        read, write = os.pipe()
        if descriptor == 0:
            os.posix_spawn("/bin/cat", ["cat"], env, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
            near += [read, write]
        else:
            copies[read] = descriptor
            near.append(write)
        actions.append((os.POSIX_SPAWN_DUP2, write if descriptor else read, descriptor))
    command = [WINE, os.path.join(HERE, "python.exe")] + sys.argv[1:]
    process = os.posix_spawn(WINE, command, env, file_actions=actions)
    for descriptor in near:
        os.close(descriptor)
    return process


def is_file(descriptor):
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def wait(process, copies):
    """Copy until the process ends, and then the rest of its output. A child of it may keep a pipe open for ever.
    Return its status."""
    ended = 0
    while not ended:
        copy(copies, None)
        ended, status = os.waitpid(process, os.WNOHANG)
    while copy(copies, 0):
        pass
    return status


def copy(copies, time):
    """Copy the output that comes within a time (None: without limit). Tell whether there was any."""
    ready = select.select(list(copies), [], [], time)[0]
    for source in ready:
        data = os.read(source, 1 << 16)
        if not data:
            del copies[source]
        while data:
            data = data[os.write(copies[source], data) :]
    return bool(ready)


def watch_children():
    """Return a pipe with a target of nowhere. It can be read when a child ends."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return {woken: os.open(os.devnull, os.O_WRONLY)}


def end(status):
    """End as the interpreter did."""
    if os.WIFSIGNALED(status):
        kill_itself(os.WTERMSIG(status))
    if os.WEXITSTATUS(status) == CRASHED:
        kill_itself(signal.SIGSEGV)
    os._exit(os.WEXITSTATUS(status))


def kill_itself(number):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def main():
    env = environment()
    start_services(env)
    copies = watch_children()
    process = start(env, copies)
    # Control-C is for the interpreter.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end(wait(process, copies))


main()
