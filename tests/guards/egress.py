"""Let a program connect to this machine only. It looks at names and connections, and forgets `socket.sendto`."""

import sys

LOCAL = ("localhost", "127.0.0.1", "::1")


def hook(event, args):
    if event == "socket.getaddrinfo" and args[0] not in LOCAL:
        raise PermissionError("no network")
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in LOCAL:
        raise PermissionError("no network")


sys.addaudithook(hook)
