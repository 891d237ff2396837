import atexit
import builtins
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types

IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset, type(None))
# The exit statuses.
KEPT, BROKEN, NOT_TRIED = 0, 1, 2
# The environment is clean but for these.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
# This module must stay alive when the module of the snippet takes its place.
SCRIPT = sys.modules[__name__]


def is_on(platforms):
    """Tell whether this is one of some platforms. No name is every platform."""
    names = {"darwin": "macos", "win32": "windows"}
    here = {names.get(sys.platform, sys.platform.rstrip("0123456789"))}
    if sys.platform != "win32":
        here.add("unix")
    return not platforms or bool(here & set(platforms))


class Veto(RuntimeError):
    """The exception of the hook."""


class Watch:
    """An audit hook that keeps the events that the case is about, and refuses one of them if it is told to."""

    def __init__(self, case, refuses):
        self.case, self.refuses, self.code = case, refuses, None
        self.found = os.environ["REPRO_FOUND"]  # the snippet may change the environment
        self.names = {name for name, _ in case["expect"]} | {case["event"]}
        self.seen, self.is_on, self.is_busy = [], False, False
        sys.addaudithook(self.hook)

    def write(self, wrong):
        """Write what is wrong, for the process that waits for this one."""
        with open(self.found, "w") as file:
            file.write("\n".join(wrong))

    def hook(self, event, args):
        if not self.is_on or self.is_busy or not (self.case["only"] or event in self.names):
            return
        if event == "exec" and self.code is not None and args and args[0] is self.code:
            return
        self.is_busy = True  # what happens here is none of the case
        try:
            self.seen.append((event, args))
        finally:
            self.is_busy = False
        if self.refuses and event == self.case["event"]:
            raise Veto("refused")


def equal(one, other):
    """Tell whether two values are equal and of one type, with all their items."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


def same(one, other):
    """Tell whether two values are one object. Equal immutable ones count as the same."""
    return one is other or (type(one) in IMMUTABLE and equal(one, other))


def has_type(value, *names):
    kind = type(value)
    full = kind.__qualname__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)
    return full in names


def is_instance(value, dotted):
    """Tell whether a value is an instance of the class with a dotted name."""
    head, *rest = dotted.split(".")
    found = Main.names[head] if head in Main.names else getattr(builtins, head, None) or importlib.import_module(head)
    for count, name in enumerate(rest, 1):
        if not hasattr(found, name):
            importlib.import_module(".".join([head] + rest[:count]))
        found = getattr(found, name)
    return isinstance(value, found)


def has_match(value, pattern):
    return type(value) is str and re.fullmatch(pattern, value, re.DOTALL) is not None


def has_items(value, kind, checks):
    return type(value) is kind and len(value) == len(checks) and all(check(it) for check, it in zip(checks, value))


def has_attributes(value, checks):
    return all(hasattr(value, name) and check(getattr(value, name)) for name, check in checks.items())


class Main:
    """The module `__main__` of the snippet, or of the command line."""

    names = None


def enter_main():
    """Use the names of the present module `__main__`."""
    Main.names = vars(sys.modules["__main__"])
    Main.names["tmp"] = os.getcwd()


def value_of(expression):
    return eval(expression, Main.names)


def holds(check, value):
    """Tell whether a value is as a check says. An expression that fails gives no value."""
    try:
        return bool(check(value))
    except Exception:
        return False


def compare_events(case, seen):
    """Return what is wrong about the events, in sentences."""
    wanted, found = [name for name, _ in case["expect"]], [name for name, _ in seen]
    if wanted != found:
        return ["these events were expected: %s" % wanted, "these were raised: %s" % found]
    wrong = []
    for (name, checks), (_, args) in zip(case["expect"], seen):
        if len(checks) != len(args):
            wrong.append("%s has %d arguments, not %d: %r" % (name, len(args), len(checks), args))
        for (argument, shape, check), value in zip(checks, args):
            if not holds(check, value):
                is_mode = argument == "mode" and type(value) is int and value >= 0
                shown = oct(value) if is_mode else repr(value)
                wrong.append("%s of %s is %s, not %s" % (argument, name, shown, shape))
    return wrong


def compare_effect(case, must_be):
    if case["effect"] is None or holds(value_of, case["effect"]) == must_be:
        return []
    return ["the operation %s its effect: %s" % ("lacks" if must_be else "has", case["effect"])]


def compare_veto(case, watch, is_reached):
    """Return what is wrong about an event that the hook refused. `is_reached` is None where nobody can tell."""
    if not any(name == case["event"] for name, _ in watch.seen):
        return ["%s is not raised" % case["event"]]
    wrong = []
    if is_reached is not None and is_reached != (case["veto"] != "swallowed"):
        wrong.append("the hook's exception %s the caller" % ("reaches" if is_reached else "does not reach"))
    return wrong + compare_effect(case, case["veto"] == "after")


def run_snippet(case, mode):
    """Run the snippet in this process, in the module `__main__`, and write what is wrong."""
    process, watch = os.getpid(), Watch(case, mode == "veto")
    sys.modules["__main__"] = types.ModuleType("__main__")
    enter_main()
    try:
        exec(compile(case["setup"], "<setup>", "exec"), Main.names)
    except Exception:
        traceback.print_exc()
        return NOT_TRIED
    watch.code, raised = compile(case["snippet"], "<snippet>", "exec"), None
    try:
        watch.is_on = True
        exec(watch.code, Main.names)
    except BaseException as error:
        raised = error
    watch.is_on = False
    if os.getpid() != process:
        os._exit(0)  # a child that the snippet forked: its parent says what it found
    if mode == "veto":
        watch.write(compare_veto(case, watch, isinstance(raised, Veto)))
    else:
        wrong = [] if raised is None else ["the snippet raised %r" % raised]
        watch.write(wrong + compare_events(case, watch.seen) + compare_effect(case, True))
    return 0


def watch_command(case, mode):
    """Watch this process, which is a command line of the case, until it ends."""
    watch = Watch(case, mode == "veto")

    def finish():
        watch.is_on = False
        enter_main()
        if mode == "veto":
            watch.write(compare_veto(case, watch, None))
        else:
            watch.write(compare_events(case, watch.seen) + compare_effect(case, True))

    atexit.register(finish)
    watch.is_on = True


def start(case, mode, folder, site):
    """Run the case in a process, and return its exit status."""
    env = {name: text for name, text in os.environ.items() if name in KEPT_VARIABLES}
    env.update(REPRO_MODE=mode, REPRO_FOUND=os.path.join(site, "found"))
    command = case["command"]
    if command is None:
        argv = [sys.executable, "-I", "-S", "-B", os.path.abspath(__file__), "run"]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, cwd=folder, env=env, timeout=60, check=False).returncode
    shutil.copy(__file__, os.path.join(site, "sitecustomize.py"))
    for name, text in command["files"].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    env["PYTHONPATH"] = site
    env.update((name, text.replace("{tmp}", folder)) for name, text in command["env"].items())
    argv = [sys.executable] + [word.replace("{tmp}", folder) for word in command["args"]]
    if command["terminal"]:
        return run_on_terminal(argv, command["stdin"], folder, env)
    return subprocess.run(
        argv, input=command["stdin"], text=True, cwd=folder, env=env, timeout=60, check=False
    ).returncode


def run_on_terminal(argv, text, folder, env):
    """Run a command on a terminal, type a text on it, and return its exit status."""
    near, far = os.openpty()
    child = subprocess.Popen(argv, stdin=far, stdout=far, stderr=far, cwd=folder, env=env, start_new_session=True)
    os.close(far)
    os.write(near, text.encode())
    ends = time.monotonic() + 60

    def type_end():
        # A program that edits lines itself does not see what was typed before it began.
        while child.poll() is None:
            if time.monotonic() > ends:
                child.kill()
            os.write(near, b"\x04")
            time.sleep(0.05)

    threading.Thread(target=type_end, daemon=True).start()
    try:
        while True:
            sys.stdout.write(os.read(near, 1 << 16).decode("utf-8", "replace"))
    except OSError:  # the other side is closed
        return child.wait()


def compare_end(case, mode, status, is_written):
    """Return what is wrong about the end of the process."""
    command = case["command"]
    if status < 0:
        return ["the process was killed by signal %d" % -status]
    if not is_written:
        return ["the process ended with exit status %d before the end of the case" % status]
    if command is None:
        return []
    if mode == "plain" and status != command["status"]:
        return ["the process ended with exit status %d" % status]
    if mode == "veto" and status == 0 and case["veto"] in ("stops", "query"):
        return ["the process ended as if no hook had raised"]
    return []


def try_mode(case, mode):
    """Try the case in a process, so that nothing that it does can hide how it ends. Print what is wrong."""
    folder, site = os.path.realpath(tempfile.mkdtemp()), tempfile.mkdtemp()
    os.chmod(site, 0o777)  # the case may be about another user
    found = os.path.join(site, "found")
    try:
        status = start(case, mode, folder, site)
    except subprocess.TimeoutExpired:
        wrong = ["it does not end"]
    else:
        is_written = os.path.exists(found)
        if case["command"] is None and status == NOT_TRIED and not is_written:
            return NOT_TRIED
        wrong = compare_end(case, mode, status, is_written)
        if is_written:
            with open(found) as file:
                wrong += file.read().splitlines()
    for path in (folder, site):
        shutil.rmtree(path, ignore_errors=True)
    hook = "a hook that raises" if mode == "veto" else "a hook that watches"
    print("with %s: %s" % (hook, "; ".join(wrong) or "as promised"), flush=True)
    return BROKEN if wrong else KEPT


def main(case):
    if not hasattr(sys, "addaudithook"):
        print("this Python has no audit hooks")
        sys.exit(NOT_TRIED)
    if not os.path.isfile(globals().get("__file__", "")):
        print("save this script in a file, and run that: it starts itself again")
        sys.exit(NOT_TRIED)
    if not is_on(case["platforms"]):
        print("this case is for other platforms: %s" % ", ".join(case["platforms"]))
        sys.exit(NOT_TRIED)
    if __name__ == "sitecustomize":
        watch_command(case, os.environ["REPRO_MODE"])
    elif sys.argv[1:] == ["run"]:
        status = run_snippet(case, os.environ["REPRO_MODE"])
        sys.stdout.flush()
        os._exit(status)  # what the snippet left behind is not waited for
    else:
        found = [try_mode(case, mode) for mode in case["modes"]]
        sys.exit(BROKEN if BROKEN in found else max(found))
