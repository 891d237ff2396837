"""Deny programs. It forgets `os.posix_spawn`, `os.exec` and `os.fork`."""

import sys


def hook(event, args):
    if event in ("subprocess.Popen", "os.system"):
        raise RuntimeError("no programs")


def install():
    sys.addaudithook(hook)
