"""The report: a file with one JSON value a line, which the harness reads when the interpreter has ended."""

import os

from system import os_close, os_fstat, os_open, os_write

# The version of the protocol in PROTOCOL.md. The harness expects the same version.
PROTOCOL = 1

OPEN_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def is_surrogate(character):
    """Tell whether a character is one half of a surrogate pair, which JSON cannot carry alone."""
    return 0xD800 <= ord(character) < 0xE000


def quote(text):
    """Return a text as a JSON string in ASCII. A lone surrogate becomes U+FFFD."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return '"' + text + '"'
    return '"' + "".join([escape(character) for character in text]) + '"'


def escape(character):
    """Return a character as it stands in a JSON string in ASCII."""
    code = ord(character)
    if character in '"\\':
        return "\\" + character
    if 32 <= code < 127:
        return character
    if code > 0xFFFF:
        code -= 0x10000
        return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return "\\u%04x" % (0xFFFD if is_surrogate(character) else code)


def encode(value):
    """Return a value made of dicts, lists and scalars as JSON.

    The agent does not import the json module: a snippet that imports it would raise no event.
    """
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join([quote(key) + ":" + encode(item) for key, item in value.items()]) + "}"
    return "[" + ",".join([encode(item) for item in value]) + "]"


def line(kind, payload):
    """Return a line of the report."""
    return '{"%s":%s}\n' % (kind, encode(payload))


class Report:
    """The file that the harness reads.

    A snippet may close its descriptor, or open another file with its number. Then the report is opened again.
    """

    def __init__(self, path):
        self.path = path
        self.unsent = line("agent", PROTOCOL)
        self.open()

    def open(self):
        self.descriptor = os_open(self.path, OPEN_FLAGS, 0o600)
        self.file = self.identity()

    def identity(self):
        """Return the device and inode of the file that is open at the descriptor, or None."""
        try:
            status = os_fstat(self.descriptor)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def add(self, kind, payload):
        """Add a line, which is written together with the next one that is sent."""
        self.unsent += line(kind, payload)

    def send(self, kind, payload):
        """Add a line, and write all lines that are not written yet."""
        self.add(kind, payload)
        self.flush()

    def flush(self):
        """Write all lines that are not written yet."""
        if self.identity() != self.file:
            self.open()
        os_write(self.descriptor, self.unsent.encode("ascii"))
        self.unsent = ""

    def close(self):
        """Close the file, unless its descriptor belongs to another file now."""
        if self.identity() == self.file:
            os_close(self.descriptor)
