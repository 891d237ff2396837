"""Deny the import of some modules. It cannot see those that are loaded already."""

import sys

DENIED = {"ctypes", "pickle", "socket", "subprocess"}


def hook(event, args):
    if event == "import" and args[0].partition(".")[0] in DENIED:
        raise ImportError("denied: " + args[0])


sys.addaudithook(hook)
