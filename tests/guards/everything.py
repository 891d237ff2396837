"""Deny everything, harmless operations too."""

import sys


def hook(event, args):
    raise RuntimeError("denied: " + event)


sys.addaudithook(hook)
