"""Behave like a Python that breaks one promise about the event `os.mkdir`.

Run it as `python fake.py MODE [hooks.py] agent.py JOB`. `MODE` names the promise.
"""

import gc
import os
import runpy
import signal
import subprocess
import sys
import time

EVENT = "os.mkdir"
# The number of events after which the compiler of a fake begins.
COLD = 50
delivered = []
mode = sys.argv[1]
del sys.argv[:2]
add_hook = sys.addaudithook
hooks = []


def read_job():
    with open(sys.argv[-1]) as job:
        return eval(job.read(), {"true": True, "false": False, "null": None})


def present_mode():
    """Return the mode for the event that comes now. One that begins with `hot-` begins after some events."""
    delivered.append(EVENT)
    if not mode.startswith("hot-"):
        return mode
    return mode[len("hot-") :] if len(delivered) > COLD else "faithful"


def act(hook, name, args):
    """Deliver the event under test as the mode says."""
    now = present_mode()
    if now == "dropped-event":
        return
    if now == "wrong-event":
        hook("os.makedir", args)
    elif now == "extra-event":
        hook(name, args)
        hook(name, args)
    elif now == "wrong-argument":
        hook(name, (args[0], args[1] ^ 0o111) + args[2:])
    elif now == "wrong-type":
        hook(name, (args[0], float(args[1])) + args[2:])
    elif now == "missing-argument":
        hook(name, args[:-1])
    elif now == "copied-argument":
        hook(name, (bytes(args[0], "utf-8"),) + args[1:])
    elif now == "swallowed":
        try:
            hook(name, args)
        except RuntimeError:
            pass
    elif now == "replaced":
        try:
            hook(name, args)
        except RuntimeError as error:
            raise PermissionError("denied") from error
    elif now == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif now == "hang":
        time.sleep(600)
    elif now == "grandchild":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", os.environ["MARK"]])
        time.sleep(600)
    elif now == "flood":
        while True:
            os.write(1, b"x" * (1 << 20))
    elif now == "exit":
        os._exit(7)
    elif now == "garbage":
        with open(path, "a") as file:
            file.write("Traceback (most recent call last):\n")
        hook(name, args)
    else:
        hook(name, args)


def add(hook):
    hooks.append(hook)
    add_hook(lambda name, args: act(hook, name, args) if name == EVENT and mode != "late" else hook(name, args))


def late_mkdir(path, mode=0o777, *, dir_fd=None):
    """Make the directory, and raise the event afterwards."""
    mkdir(path, mode, dir_fd=dir_fd)
    for hook in hooks:
        hook(EVENT, (path, mode, -1 if dir_fd is None else dir_fd))


if mode == "compiled-as-source" and sys.argv[0].endswith(".pyc"):
    sys.exit("SyntaxError: this is no source code")
if sys.argv[-1] == "share":
    if mode == "failing-agent":
        del gc.collect
    runpy.run_path(sys.argv[0], run_name="__main__")
sys.addaudithook = add
job = read_job()
path = job["report"]
if mode == "slow-probe" and job["task"] == "probe":
    time.sleep(1.5)
if mode == "fails-at-needs" and len(job["needs"]) > 1:
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGSEGV)
if mode == "late":
    mkdir = os.mkdir
    os.mkdir = late_mkdir

    # The interpreter raises the event too, before the operation: hide it.
    def add(hook):
        hooks.append(hook)
        add_hook(lambda name, args: None if name == EVENT else hook(name, args))

    sys.addaudithook = add
if mode == "no-audit":
    del sys.addaudithook
if mode == "other-protocol":
    source = open(sys.argv[-2]).read().replace("PROTOCOL = 1", "PROTOCOL = 99")
    sys.argv[-2] = os.path.join(os.path.dirname(sys.argv[-1]), "agent.py")
    with open(sys.argv[-2], "w") as file:
        file.write(source)
runpy.run_path(sys.argv[0], run_name="__main__")
