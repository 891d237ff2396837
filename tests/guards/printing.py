"""Deny nothing, and print each event that begins with `os.`."""

import sys


def hook(event, args):
    if event.startswith("os."):
        print(event, args, file=sys.stderr)


sys.addaudithook(hook)
