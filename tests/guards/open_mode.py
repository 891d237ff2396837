"""Deny files that are opened for writing. It looks at the mode, which `os.open` does not have."""

import sys


def hook(event, args):
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        raise PermissionError("no writing")


sys.addaudithook(hook)
