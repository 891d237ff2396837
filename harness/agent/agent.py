"""The Python side of audit578: raises nothing, watches everything, answers what it is asked.

Run as `python agent.py JOB` for one job, as `python agent.py serve` to fork a child for each job on standard input, as
`python agent.py share` to do one after another in the same interpreter, or imported as `sitecustomize` with AUDIT578_JOB
in the environment (cases with `invoke`).
The job is a file with one Python literal (JSON, in which true, false and null are names). The report is a file of its
own, one JSON value a line; each event is written as it is raised, so that a crash, `os._exit` or `exec*` loses none.
Standard library only, Python 3.8 syntax, and as few imports as it can: what it imports, no snippet can import.
"""
import os
import sys
from _thread import allocate_lock, get_ident

PROTOCOL = 1

# Bound here because a snippet may replace the attributes of `os`.
os_open, os_write, os_fstat, os_close = os.open, os.write, os.fstat, os.close
os_getpid, os_exit = os.getpid, os._exit
OPEN_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

# Values are described down to this depth, and containers and texts up to these sizes; beyond, by their type alone.
DEPTH, ITEMS, LENGTH = 4, 64, 4096


class Veto(RuntimeError):
    """What the hook raises in a veto pass. The documentation of `sys.addaudithook` and `sys.excepthook` promises
    to honour RuntimeError in particular, everything else honours any exception."""


VETO = Veto("vetoed by audit578")


# The report

def quote(text):
    """Return text as a JSON string in ASCII; a lone surrogate, which JSON cannot carry, becomes U+FFFD."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return '"' + text + '"'
    out = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif 32 <= code < 127:
            out.append(character)
        elif code > 0xFFFF:
            code -= 0x10000
            out.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        else:
            out.append("\\u%04x" % (0xFFFD if is_surrogate(character) else code))
    return '"' + "".join(out) + '"'


def encode(value):
    """Return value, made of dicts, lists and scalars, as JSON. The json module would be an import of ours."""
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
    return '{"%s":%s}\n' % (kind, encode(payload))


class Report:
    """The file that the harness reads. A snippet may close its descriptor, or get its number for a file of its own."""

    def __init__(self, path):
        self.path = path
        self.waiting = ""
        self.open()

    def open(self):
        self.descriptor = os_open(self.path, OPEN_FLAGS, 0o600)
        self.file = self.identity()

    def identity(self):
        try:
            status = os_fstat(self.descriptor)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def add(self, kind, payload):
        """Add a line to the report. It is written with the next one that is sent."""
        self.waiting += line(kind, payload)

    def send(self, kind, payload):
        self.add(kind, payload)
        self.flush()

    def flush(self):
        if self.identity() != self.file:
            self.open()
        os_write(self.descriptor, self.waiting.encode("ascii"))
        self.waiting = ""

    def close(self):
        if self.identity() == self.file:
            os.close(self.descriptor)


# Values

def type_name(kind):
    """Return the name of a type, with its module unless that is builtins."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", None) else "%s.%s" % (module, name)


def is_surrogate(character):
    return 0xD800 <= ord(character) < 0xE000


def content(value, depth):
    """Return what JSON can carry of a value of a built-in type, or None. Runs no code but that of built-in types."""
    kind = type(value)
    if kind is bool:
        return value
    if kind is int and -2 ** 63 <= value < 2 ** 64:
        return value
    if kind is float and value - value == 0:
        return value
    if kind is bytes and len(value) <= LENGTH:
        return value.decode("latin-1")
    if kind is str and len(value) <= LENGTH and (value.isascii() or not any(map(is_surrogate, value))):
        return value
    if kind in (tuple, list) and len(value) <= ITEMS and depth < DEPTH:
        return [describe(item, depth + 1) for item in value]
    return None


def describe(value, depth=0):
    """Return the type of a value, with its content where that is plain."""
    described = {"type": type_name(type(value))}
    plain = content(value, depth)
    if plain is not None:
        described["value"] = plain
    return described


def alike(one, other):
    """Tell whether two values are equal and of the same type, all the way down: True is not 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other


IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset, type(None))


def same(one, other):
    """Tell whether two values are the same object; for immutable ones, which implementations may copy, equality is enough."""
    return one is other or type(one) in IMMUTABLE and alike(one, other)


def resolve(dotted, names):
    """Return what a dotted name stands for: in the names of a snippet, in builtins, or in the modules it starts with."""
    head, *rest = dotted.split(".")
    builtins = sys.modules["builtins"]
    if head in names:
        found = names[head]
    elif hasattr(builtins, head):
        found = getattr(builtins, head)
    else:
        found = __import__(head)
    path = head
    for name in rest:
        path += "." + name
        if not hasattr(found, name) and hasattr(found, "__path__"):
            __import__(path)
        found = getattr(found, name)
    return found


# The questions that shapes ask

def answer(shape, value, path, names, answers):
    """Answer every question of a shape about a value into answers, keyed by the path of the shape's place."""
    if shape == "any":
        return
    (kind, of), = shape.items()
    if kind in ("tuple", "list") and type(value) in (tuple, list):
        for index, (inner, item) in enumerate(zip(of, value)):
            answer(inner, item, "%s.%d" % (path, index), names, answers)
    elif kind == "one-of":
        for index, inner in enumerate(of):
            answer(inner, value, "%s.%d" % (path, index), names, answers)
    elif kind == "attrs":
        for index, (name, inner) in enumerate(of):
            place = "%s.%d" % (path, index)
            try:
                item = getattr(value, name)
            except Exception as error:
                answers[place + "="] = {"holds": False, "note": explain(error)}
                continue
            answers[place + "="] = {"holds": True, "value": describe(item)}
            answer(inner, item, place, names, answers)
    elif kind in ("same", "equal", "instance"):
        answers[path] = judge(kind, of, value, names)


def judge(kind, of, value, names):
    try:
        if kind == "instance":
            return {"holds": isinstance(value, resolve(of, names))}
        wanted = eval(of, names)
        return {"holds": bool(same(value, wanted) if kind == "same" else alike(value, wanted)), "value": describe(wanted)}
    except Exception as error:
        return {"holds": False, "note": explain(error)}


def explain(error):
    try:
        return "%s: %s" % (type_name(type(error)), error)
    except Exception:
        return type_name(type(error))


def exception(error):
    """Describe an exception: its type, its message, the line of the case's code that it came from, and if it is ours."""
    number, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename in ("<setup>", "<snippet>"):
            number = step.tb_lineno
        step = step.tb_next
    return {"text": explain(error), "line": number, "veto": error is VETO}


# Watching

class Watch:
    """The audit hook and what it saw of the events with some names, or of all. Arguments are kept alive, to be compared
    when the snippet is done."""

    def __init__(self, report, names, veto):
        self.report, self.veto = report, veto
        self.names = None if names is None else frozenset(names)
        self.armed = False
        self.own = None       # the code object whose `exec` event is the agent's own
        self.seen = []        # (name, arguments), in order
        self.sent = 0
        self.busy = set()     # threads inside the hook, whose events are the agent's own
        self.lock = allocate_lock()
        self.home = os_getpid()

    def hook(self, name, args):
        if self.names is not None and name not in self.names:
            return
        if not self.armed or get_ident() in self.busy or os_getpid() != self.home:
            return
        if name == "exec" and self.own is not None and args and args[0] is self.own:
            return
        self.seen.append((name, args))
        try:
            self.flush()
        except RecursionError:
            pass              # the snippet used up the stack; disarm() sends what is left
        if name == self.veto:
            raise VETO

    def flush(self):
        """Send the events that were not sent yet, in order."""
        thread = get_ident()
        self.busy.add(thread)
        try:
            with self.lock:
                while self.sent < len(self.seen):
                    name, args = self.seen[self.sent]
                    self.report.send("event", {"name": name, "args": [describe(value) for value in args]})
                    self.sent += 1
        finally:
            self.busy.discard(thread)

    def disarm(self):
        self.armed = False
        self.flush()


def reply(job, watch, names):
    """Answer the job's questions and report the effect, then end the report, unless a native hook goes on with it."""
    report = watch.report
    answers = {}
    for number, (shapes, (_, args)) in enumerate(zip(job["shapes"], watch.seen)):
        for position, (shape, value) in enumerate(zip(shapes, args)):
            answer(shape, value, "%d.%d" % (number, position), names, answers)
    report.add("answers", answers)
    if job["effect"] is not None:
        try:
            report.add("effect", {"there": bool(eval(job["effect"], names))})
        except Exception as error:
            report.add("effect", {"there": False, "note": explain(error)})
    if job["record"]:
        report.add("library", os.path.dirname(os.__file__) if hasattr(os, "__file__") else None)
        report.add("variables", [[known_as(value, names) for value in args] for _, args in watch.seen])
    if not job["native"]:
        report.add("end", True)
    report.flush()


def known_as(value, names):
    """Return the snippet's own name for an object, or None; None and numbers go by their value, not by a name."""
    if value is None or type(value) in (bool, int, float):
        return None
    for name, known in list(names.items()):
        if known is value and not name.startswith("__"):
            return name
    return None


def trial(job, report, add=None):
    """Run setup and snippet as the `__main__` module, recording the snippet with a hook, which `add` adds. Return the
    names of the module."""
    module = type(sys)("__main__")
    # The agent's own module stays alive in a variable: without it its functions would lose their globals.
    agent, sys.modules["__main__"] = sys.modules["__main__"], module
    names = module.__dict__
    # As this system writes it: under Wine the harness knows it by another name.
    names["tmp"] = os.getcwd()
    watch = Watch(report, job["names"], job["veto"])
    (add or sys.addaudithook)(watch.hook)
    try:
        if job["refused"]:
            raise job["refused"]
        exec(job["setup"], names)
    except BaseException as error:
        report.send("setup", exception(error))
        return names
    code = watch.own = job["snippet"]
    raised = None
    try:
        watch.armed = True
        exec(code, names)
    except BaseException as error:
        raised = error
    watch.armed = False
    if os_getpid() != watch.home:
        os_exit(0)            # a child that the snippet forked and let run on: its parent reports
    watch.disarm()
    report.add("snippet", None if raised is None else exception(raised))
    reply(job, watch, names)
    return names


def invoked(job, report):
    """Watch a whole process, from site's import to its exit handlers. Where a native hook watches, only tell the effect."""
    import atexit
    watch = Watch(report, job["names"], job["veto"])

    def finish():
        if os_getpid() == watch.home:
            watch.disarm()
            reply(job, watch, sys.modules["__main__"].__dict__)

    atexit.register(finish)
    if not job["native"]:
        sys.addaudithook(watch.hook)
        watch.armed = True


# The probe

def holds(need):
    """Tell whether this interpreter, here, has what a case needs."""
    kind, _, of = need.partition(":")
    if kind == "attr":
        return bool(attribute(of))
    return FEATURES[kind](of)


def attribute(dotted):
    try:
        resolve(dotted, {})
    except Exception:
        return False
    return True


def works(action):
    """Return a check that tells whether an action runs without an exception."""
    def check(of):
        try:
            return action(of) is not False
        except Exception:
            return False
    return check


def fork(_):
    child = os.fork()
    if child == 0:
        os_exit(0)
    return os.waitpid(child, 0)[1] == 0


def thread(_):
    import threading
    worker = threading.Thread(target=int)
    worker.start()
    worker.join()


def tty(_):
    for descriptor in os.openpty():
        os.close(descriptor)


def symlink(_):
    os.symlink("nowhere", "link")
    os.unlink("link")


def xattr(_):
    os.setxattr(".", "user.audit578", b"")
    os.removexattr(".", "user.audit578")


def subprocess(_):
    import subprocess as module
    return module.call([sys.executable, "-S", "-c", ""]) == 0


def sockets(_):
    import socket
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))


def loopback(_):
    import socket
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        with socket.socket(type=kind) as receiver, socket.socket(type=kind) as sender:
            receiver.settimeout(1)
            receiver.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                receiver.listen(1)
            sender.connect(receiver.getsockname())
            sender.send(b"x")
            with receiver.accept()[0] if kind == socket.SOCK_STREAM else receiver as end:
                if end.recv(1) != b"x":
                    return False


def ioctl(_):
    import fcntl
    import termios
    reading, writing = os.pipe()
    try:
        os.write(writing, b"abc")
        count = fcntl.ioctl(reading, termios.FIONREAD, bytes(4))
    finally:
        close([reading, writing])
    return int.from_bytes(count, sys.byteorder) == 3


def locks(_):
    import fcntl
    with open("lock", "w") as one, open("lock") as other:
        fcntl.flock(one, fcntl.LOCK_EX)
        try:
            fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def inheritance(_):
    descriptor = os.open(".", os.O_RDONLY)
    seen = [os.get_inheritable(descriptor)]
    os.set_inheritable(descriptor, True)
    seen.append(os.get_inheritable(descriptor))
    os.close(descriptor)
    return seen == [False, True]


def permissions(_):
    with open("file", "w"):
        pass
    seen = []
    for mode in 0o400, 0o600:
        os.chmod("file", mode)
        seen.append(os.stat("file").st_mode & 0o600)
    return seen == [0o400, 0o600]


def process_groups(_):
    os.killpg(os.getpgrp(), 0)


FEATURES = {
    "module": works(__import__),
    "fd": works(lambda of: resolve(of, {}) in os.supports_fd),
    "dir_fd": works(lambda of: resolve(of, {}) in os.supports_dir_fd),
    "root": works(lambda _: os.geteuid() == 0),
    "tty": works(tty),
    "symlink": works(symlink),
    "fork": works(fork),
    "threads": works(thread),
    "subprocess": works(subprocess),
    "xattr": works(xattr),
    "dup": works(lambda _: duplicates()),
    "inheritance": works(inheritance),
    "permissions": works(permissions),
    "sockets": works(sockets),
    "loopback": works(loopback),
    "ioctl": works(ioctl),
    "locks": works(locks),
    "process-groups": works(process_groups),
}


def probe(job, report):
    implementation = getattr(sys, "implementation", None)
    version = getattr(implementation, "version", sys.version_info)
    flags = getattr(sys, "abiflags", "")
    report.add("probe", {
        "implementation": getattr(implementation, "name", "unknown"),
        "language": list(sys.version_info[:3]),
        "release": sys.version_info[3] + ("" if sys.version_info[3] == "final" else str(sys.version_info[4])),
        "implementation-version": ".".join([str(part) for part in version[:3]]),
        "build": " ".join(sys.version.split()),
        "platform": sys.platform,
        "machine": os.uname().machine if hasattr(os, "uname") else None,
        "executable": sys.executable,
        "flags": [name for name, on in (
            ("debug", hasattr(sys, "gettotalrefcount")), ("free-threaded", "t" in flags)) if on],
        "audit": hasattr(sys, "audit") and hasattr(sys, "addaudithook"),
        "compiled": compiled(),
    })
    report.add("features", {need: holds(need) for need in job["needs"]})
    report.send("end", True)


def compiled():
    """Compile this file for the processes to come. Return the path of the result, or None."""
    try:
        import py_compile
        return py_compile.compile(__file__)
    except Exception:
        return None


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def load(text):
    """Return a job, with its code compiled: a warm interpreter does that before it forks."""
    job = eval(text, {"true": True, "false": False, "null": None})
    job["refused"] = None
    try:
        for part in ("setup", "snippet"):
            job[part] = code(job[part], "<%s>" % part, "exec")
        if job["effect"] is not None:
            job["effect"] = code(job["effect"], "<effect>", "eval")
        job["shapes"] = [[prepared(shape) for shape in shapes] for shapes in job["shapes"]]
    except (SyntaxError, ValueError) as error:
        job["refused"] = error
    return job


CODE = {}             # what was compiled last: both passes of a trial have the same code


def code(text, name, mode):
    """Compile a text, unless that was done just now."""
    if len(CODE) > 64:
        CODE.clear()
    key = text, name, mode
    if key not in CODE:
        CODE[key] = compile(text, name, mode)
    return CODE[key]


def prepared(shape):
    """Return a shape with its expressions compiled."""
    if shape == "any":
        return shape
    (kind, of), = shape.items()
    if kind in ("same", "equal"):
        of = code(of, "<%s>" % kind, "eval")
    elif kind == "attrs":
        of = [(name, prepared(inner)) for name, inner in of]
    elif kind != "instance":
        of = [prepared(inner) for inner in of]
    return {kind: of}


def work(job):
    """Do a job and leave, without running what a snippet left behind."""
    report = Report(job["report"])
    report.add("agent", PROTOCOL)
    {"probe": probe, "trial": trial}[job["task"]](job, report)
    os_exit(0)


# The warm interpreter

BRANCHES = 16         # how many branches are kept: many cases import one of a few things, and most of a file the same


def serve():
    """Fork a child for each job on standard input, and say on standard output when each starts and ends."""
    lines, control = channel()
    grow(lines, control, [lines.fileno()])


def grow(lines, control, foreign, done=None):
    """Fork a child for each job: a line with the modules that it wants imported, and a line with the job. Each group of
    modules, which end with a semicolon, is imported once for all jobs that begin with the same, by a branch."""
    branches = {}
    while True:
        path, text = lines.readline(), lines.readline()
        if not text:
            os_exit(0)
        modules, _, rest = path.partition(b";")
        if rest:
            # The last used are at the end.
            branches[modules] = branches.pop(modules, None) or Branch(modules, control, foreign + ends(branches))
            if len(branches) > BRANCHES:
                branches.pop(next(iter(branches))).end()
            branches[modules].attend(rest + text)
        else:
            attend(text, control, foreign + ends(branches))
        if done is not None:
            os_write(done, b"\n")


def channel():
    """Return where jobs come from, and the descriptor for what is said to the harness. Where descriptors can be
    duplicated, snippets get others in their place."""
    if not duplicates():
        return open(0, "rb", closefd=False), 1
    lines, control = open(os.dup(0), "rb"), os.dup(1)
    redirect(os.devnull, os.O_RDONLY, 0)
    redirect(os.devnull, os.O_WRONLY, 1)
    return lines, control


def duplicates():
    """Tell whether descriptors can be duplicated: on WASI the functions are there, and fail."""
    try:
        os.close(os.dup(0))
    except (AttributeError, OSError):
        return False
    return hasattr(os, "dup2")


def say(control, text):
    """Tell the harness something. The mark in front tells it from what a snippet may have written to the same place."""
    os_write(control, ("\x1e%s\n" % text).encode("ascii", "replace"))


def ends(branches):
    """Return the descriptors that lead to branches."""
    return [descriptor for branch in branches.values() for descriptor in (branch.jobs, branch.done)]


class Branch:
    """A child of a warm interpreter that has imported some modules more, and forks the children that need these."""

    def __init__(self, modules, control, foreign):
        job, self.jobs = os.pipe()
        self.done, done = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            close(foreign + [self.jobs, self.done])
            try:
                bring(modules)
                grow(open(job, "rb"), control, [job, done], done)
            finally:
                os_exit(1)
        close([job, done])

    def attend(self, text):
        """Have a job done. A branch that was lost takes the warm interpreter along, so that the harness knows."""
        while text:
            text = text[os_write(self.jobs, text):]
        if not os.read(self.done, 1):
            os_exit(1)

    def end(self):
        close([self.jobs, self.done])
        os.waitpid(self.process, 0)


def bring(modules):
    """Import modules, but for those that cannot be: the setup will meet the same, and say so."""
    for name in modules.decode("ascii").split():
        try:
            __import__(name)
        except Exception:
            pass


def attend(text, control, foreign):
    """Fork a child for a job, without the descriptors that are foreign to it, and wait for its end."""
    job = load(text.decode("utf-8"))
    child = os.fork()
    if child == 0:
        close(foreign + [control])
        become_child(job)
    try:
        os.setpgid(child, child)
    except OSError:
        pass                  # it has done that itself, or is gone
    say(control, "started %d" % child)
    say(control, "ended %d" % os.waitpid(child, 0)[1])


def close(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def become_child(job):
    """Do a job in a forked child, as an interpreter started for it would."""
    try:
        os.setpgid(0, 0)
        redirect(job["stdout"], os.O_WRONLY | os.O_CREAT, 1)
        redirect(job["stderr"], os.O_WRONLY | os.O_CREAT, 2)
        settle(job["tmp"])
        os.chdir(job["tmp"])
        work(job)
    except BaseException as error:
        os_write(2, explain(error).encode("utf-8", "replace"))
    finally:
        os_exit(1)


def settle(folder):
    """Make a folder the one for all that the environment names."""
    for name in ("USERPROFILE", "TEMP", "TMP") if sys.platform == "win32" else ("HOME", "TMPDIR"):
        os.environ[name] = folder


def redirect(path, flags, descriptor):
    file = os.open(path, flags, 0o600)
    os.dup2(file, descriptor)
    os.close(file)


# The shared interpreter

def share():
    """Do the jobs on standard input, two lines each as `grow` gets them, one after another in this interpreter. Say
    after each whether all is as it was before."""
    import gc
    import time
    lines, control = channel()
    relay = Relay()
    sys.addaudithook(relay.hook)
    surroundings = Surroundings(time.sleep)
    gc.collect()
    while True:
        path, text = lines.readline(), lines.readline()
        if not text:
            os_exit(0)
        bring(path.replace(b";", b" "))
        gc.freeze()       # so that the collection to come looks at one trial's objects only
        job = load(text.decode("utf-8"))
        surroundings.enter(job)
        report = Report(job["report"])
        report.add("agent", PROTOCOL)
        names = trial(job, report, relay.set)
        relay.watch = None
        report.close()
        job = report = None
        forget(names)
        gc.collect()      # what a trial left would otherwise be finalized, and raise its events, in another
        say(control, surroundings.leave() or relay.stain() or "clean")


def forget(names):
    """Let go of what a trial made, which a thread that it started, and our exception, hold by their frames. A thread that
    waits for a socket ends as soon as that is closed."""
    sockets = getattr(sys.modules.get("_socket"), "socket", ())
    for value in list(names.values()):
        if issubclass(type(value), sockets):
            attempt(value.close)
    names.clear()
    VETO.__traceback__ = VETO.__context__ = VETO.__cause__ = None


def attempt(action):
    """Do something that may fail."""
    try:
        action()
    except Exception:
        pass


class Relay:
    """The one hook of a shared interpreter: it passes events on to the watch of the trial that runs."""

    def __init__(self):
        self.watch = None
        self.added = False

    def set(self, hook):
        self.watch = hook

    def hook(self, name, args):
        if self.watch is not None:
            self.added = self.added or name == "sys.addaudithook"
            self.watch(name, args)

    def stain(self):
        return "a hook was added" if self.added else None


class Surroundings:
    """What a trial finds in a shared interpreter, and may change. Most of it can be put back."""

    def __init__(self, wait):
        self.wait = wait
        self.redirects = duplicates()
        self.home = os.getcwd()
        self.environment = dict(os.environ)
        self.state = {}

    def enter(self, job):
        """Prepare for a job as for a new process. What its setup imports is there already."""
        if self.redirects:
            redirect(os.devnull, os.O_RDONLY, 0)
            redirect(job["stdout"], os.O_WRONLY | os.O_CREAT, 1)
            redirect(job["stderr"], os.O_WRONLY | os.O_CREAT, 2)
        os.chdir(job["tmp"])
        settle(os.getcwd())
        self.limit = sys.getrecursionlimit()
        self.digits = getattr(sys, "get_int_max_str_digits", int)()
        self.descriptors = descriptors()
        self.threads = threads()
        self.modules = dict(sys.modules)
        # What was imported just now may have changed what was there, as a package gets its submodules for attributes.
        if not self.state.keys() >= self.modules.keys():
            self.state = {name: State(module) for name, module in self.modules.items()}

    def leave(self):
        """Put back what a job changed. Return what cannot be put back, if there is something."""
        for name in set(sys.modules) - set(self.modules):
            del sys.modules[name]
        sys.modules.update(self.modules)
        for name in self.modules:
            self.state[name].restore()
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(self.limit)
        attempt(lambda: sys.set_int_max_str_digits(self.digits))
        attempt(lambda: sys.set_asyncgen_hooks(None, None))
        dismiss_tools()
        for name in set(os.environ) - set(self.environment):
            del os.environ[name]
        os.environ.update(self.environment)
        os.chdir(self.home)
        for stream in (sys.stdout, sys.stderr):
            attempt(stream.flush)
        if self.redirects:
            for descriptor in (1, 2):     # the job's files are to be removed, which Windows refuses of open ones
                redirect(os.devnull, os.O_WRONLY, descriptor)
        for _ in range(50):   # a thread that serves connections, all closed by now, is about to end
            if threads() == self.threads:
                break
            self.wait(0.005)
        else:
            return "a thread was left"
        for descriptor in descriptors() - self.descriptors:     # whose object, if there was one, is gone
            attempt(lambda: os_close(descriptor))
        if descriptors() != self.descriptors:
            return "a file was closed"
        return None


class State:
    """The names of a module, and the contents of the containers among them."""

    def __init__(self, module):
        # What is no plain module may do anything when it is asked.
        self.names = module.__dict__ if type(module) is type(sys) else {}
        self.copy = dict(self.names)
        self.containers = [
            (value, value.copy()) for name, value in self.copy.items()
            if type(value) in (list, dict, set) and value is not sys.modules and name != "__builtins__"]

    def restore(self):
        try:
            changed = self.names != self.copy
        except Exception:     # from an __eq__
            changed = True
        if changed:
            for name in set(self.names) - set(self.copy):
                del self.names[name]
            self.names.update(self.copy)
        for container, copy in self.containers:
            if len(container) != len(copy):
                container.clear()
                (container.extend if type(container) is list else container.update)(copy)


def dismiss_tools():
    """End all monitoring, where there may be some."""
    monitoring = getattr(sys, "monitoring", None)
    for tool in filter(monitoring.get_tool, range(6)) if monitoring else ():
        monitoring.set_events(tool, 0)
        for event in vars(monitoring.events).values():
            attempt(lambda: monitoring.register_callback(tool, event, None))
        monitoring.free_tool_id(tool)     # which does the above itself from 3.14


def descriptors():
    """Return which of the first descriptors are open. The number of the next one would tell less: on WASI it is not the
    lowest that is free."""
    return {number for number in range(64) if is_open(number)}


def is_open(descriptor):
    try:
        os_fstat(descriptor)
    except OSError:
        return False
    return True


def threads():
    """Return how many threads there are besides this one, where there are threads."""
    try:
        return sys.modules["_thread"]._count()
    except Exception:
        return 0


def main():
    if sys.argv[1] == "serve":
        serve()
    if sys.argv[1] == "share":
        share()
    work(load(read(sys.argv[1])))


def customize():
    job = load(read(os.environ.pop("AUDIT578_JOB")))
    report = Report(job["report"])
    report.add("agent", PROTOCOL)
    invoked(job, report)


if __name__ == "__main__":
    main()
elif __name__ == "sitecustomize":
    customize()
