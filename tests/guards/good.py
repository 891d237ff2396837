"""Deny writing, programs and the network, by all events that tell of them."""

import os
import sys

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EVENTS = {
    # Files and folders. Removal is another capability.
    *("mmap.__new__", "os.chflags", "os.chmod", "os.chown", "os.link", "os.mkdir", "os.removexattr", "os.rename"),
    *("os.setxattr", "os.symlink", "os.truncate", "os.utime", "sqlite3.connect", "winreg.SaveKey"),
    *("_winapi.CopyFile2", "_winapi.CreateFile", "_winapi.CreateJunction"),
    # Programs.
    *("_posixsubprocess.fork_exec", "_winapi.CreateProcess", "ensurepip.bootstrap", "os.exec", "os.fork"),
    *("os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn", "subprocess.Popen"),
    "webbrowser.open",
}
PREFIXES = ("shutil.", "tempfile.", "socket.", "ftplib.", "http.", "imaplib.", "nntplib.", "poplib.", "smtplib.")
PREFIXES += ("telnetlib.", "urllib.")
HARMLESS = {"socket.gethostname"}


def hook(event, args):
    if event == "open":
        _, mode, flags = args
        if flags & WRITING or (isinstance(mode, str) and set(mode) & set("wax+")):
            raise RuntimeError("denied: " + event)
    elif event in EVENTS or (event.startswith(PREFIXES) and event not in HARMLESS):
        raise RuntimeError("denied: " + event)


sys.addaudithook(hook)
