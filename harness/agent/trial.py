"""The trial: runs setup and snippet of a case, or a whole process, and records the events.

PROTOCOL.md describes its job and its report.
"""

import os
import sys

from hot import CannotRepeat, compile_body, run_hot
from shapes import answer_shape, compile_code, compile_shape
from system import os_exit, os_getpid
from values import explain, variable_name
from watch import VETO, Watch, describe_exception


def read_job(path):
    """Read a job from a file."""
    with open(path, encoding="utf-8") as file:
        return load_job(file.read())


def load_job(text):
    """Return a job with its code compiled. A warm interpreter does that before it forks.

    If the compiler refuses code, its exception is raised when the setup would run.
    """
    job = eval(text, {"true": True, "false": False, "null": None})
    job["refused"] = None
    try:
        if job["hot"] is not None:
            job["body"] = try_body(job["snippet"])
        for part in ("setup", "snippet"):
            job[part] = compile_code(job[part], "<%s>" % part, "exec")
        if job["effect"] is not None:
            job["effect"] = compile_code(job["effect"], "<effect>", "eval")
        job["shapes"] = [[compile_shape(shape) for shape in shapes] for shapes in job["shapes"]]
    except (SyntaxError, ValueError) as error:
        job["refused"] = error
    return job


def try_body(snippet):
    """Return a snippet as the code of a function, or the reason why it cannot be one."""
    try:
        return compile_body(snippet, "<snippet>")
    except SyntaxError as error:
        return "the snippet cannot be the body of a function: %s" % error


class Outcome:
    """The end of a trial: the names of its module, and whether its veto stopped the snippet before the effect."""

    def __init__(self, names, is_stopped=False):
        self.names = names
        self.is_stopped = is_stopped


def run_trial(job, report, add_hook=None):
    """Run setup and snippet as the module `__main__`, and report what the snippet raises. Return the outcome.

    `add_hook` adds the watch's hook. The default is `sys.addaudithook`.
    """
    module = type(sys)("__main__")
    # The agent's own module stays alive in a variable: without it, the agent's functions would lose their globals.
    agent, sys.modules["__main__"] = sys.modules["__main__"], module  # noqa: F841
    names = module.__dict__
    # The path as this system writes it: under Wine the harness has another path.
    names["tmp"] = os.getcwd()
    is_hot = job["hot"] is not None
    watch = Watch(None if is_hot else report, job["names"], None if is_hot else job["veto"])
    (add_hook or sys.addaudithook)(watch.hook)
    try:
        if job["refused"]:
            raise job["refused"]
        run_setup(job["setup"], names)
    except BaseException as error:
        report.send("setup", describe_exception(error))
        return Outcome(names)
    try:
        if is_hot:
            raised = run_hot(
                job,
                report,
                watch,
                names,
                set_up=lambda: run_setup(job["setup"], names),
                has_effect=lambda: job["effect"] is None or evaluate_effect(job["effect"], names)["there"],
            )
        else:
            raised = run_snippet(job["snippet"], watch, names)
    except CannotRepeat as error:
        report.add("hot", {"rounds": 0, "reason": str(error)})
        report.send("end", True)
        return Outcome(names)
    report.add("snippet", None if raised is None else describe_exception(raised))
    is_there = finish_report(job, watch, names)
    return Outcome(names, raised is VETO and not is_there)


def run_setup(code, names):
    """Run a setup. What it imports is there before the recording, even where all imports are lazy (PEP 810)."""
    if not hasattr(sys, "set_lazy_imports"):
        exec(code, names)
        return
    mode = sys.get_lazy_imports()
    sys.set_lazy_imports("normal")
    try:
        exec(code, names)
    finally:
        sys.set_lazy_imports(mode)


def run_snippet(code, watch, names):
    """Run a snippet while its events are recorded. Return the exception that ended it, or None."""
    watch.own_code = code
    raised = None
    try:
        watch.active = True
        exec(code, names)
    except BaseException as error:
        raised = error
    watch.active = False
    if os_getpid() != watch.process:
        os_exit(0)  # a child that the snippet forked and did not end: its parent reports
    watch.stop()
    return raised


def watch_process(job, report):
    """Watch a whole process, from the import of site to its exit handlers. A native hook may do that instead."""
    import atexit

    watch = Watch(report, job["names"], job["veto"])

    def finish():
        if os_getpid() == watch.process:
            watch.stop()
            finish_report(job, watch, sys.modules["__main__"].__dict__)

    atexit.register(finish)
    if not job["native"]:
        sys.addaudithook(watch.hook)
        watch.active = True


def finish_report(job, watch, names):
    """Report the answers, the effect, and in a recording the names of variables. End the report. Return whether the
    effect is there.

    A native hook adds to the report until the process ends, and ends the report itself.
    """
    report, is_there = watch.report, False
    report.add("answers", answer_all(job["shapes"], watch.seen, names))
    if job["effect"] is not None:
        effect = evaluate_effect(job["effect"], names)
        is_there = effect["there"]
        report.add("effect", effect)
    if job["record"]:
        report.add("library", os.path.dirname(os.__file__) if hasattr(os, "__file__") else None)
        report.add("variables", [[variable_name(value, names) for value in args] for _, args in watch.seen])
    if not job["native"]:
        report.add("end", True)
    report.flush()
    return is_there


def answer_all(shapes, seen, names):
    """Return the answers to all questions about the arguments of events."""
    answers = {}
    for number, (wanted, (_, args)) in enumerate(zip(shapes, seen)):
        for position, (shape, value) in enumerate(zip(wanted, args)):
            answer_shape(shape, value, "%d.%d" % (number, position), names, answers)
    return answers


def evaluate_effect(code, names):
    """Return whether an effect is there. It is not, if its expression raises an exception."""
    try:
        return {"there": bool(eval(code, names))}
    except Exception as error:
        return {"there": False, "note": explain(error)}
