"""Let a program talk to one proxy only. It looks at names and connections, and forgets `socket.sendto`."""

import sys

PROXY = "192.0.2.1"


def hook(event, args):
    if event == "socket.getaddrinfo" and args[0] != PROXY:
        raise PermissionError("no network")
    if event == "socket.connect" and args[1][0] != PROXY:
        raise PermissionError("no network")


sys.addaudithook(hook)
