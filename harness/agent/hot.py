"""Hot code: a snippet runs as the body of a function until the interpreter's compiler has had it.

A compiler that specialises, inlines or caches must raise the events of the last call as those of the first.
"""

import os
import sys

from system import count_threads, has_children, open_descriptors, os_exit, os_getpid
from values import explain

# With this flag, `compile` returns the syntax tree. The module `ast` has a name for it, and imports much.
ONLY_AST = 0x400

# The fields of nodes that bind a name: definitions, `except`, patterns.
BINDING = {
    "FunctionDef": "name",
    "AsyncFunctionDef": "name",
    "ClassDef": "name",
    "ExceptHandler": "name",
    "MatchAs": "name",
    "MatchStar": "name",
    "MatchMapping": "rest",
}

# All rounds together may leave so many descriptors and threads behind.
LEFTOVERS = 500

# CPython compiles a loop after 4,096 rounds. So many of them need not run the snippet.
IDLE = 3750


class CannotRepeat(Exception):
    """The reason why a snippet did not become hot."""


class Unset:
    """The value of a name that the snippet binds, before it runs again. No expression about an effect holds for it."""

    def refuse(self, *_):
        raise NameError("the snippet has not bound this name")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __len__ = __contains__ = refuse
    __hash__ = None


UNSET = Unset()


def compile_body(text, name):
    """Return code that defines the function `hot_body` with the statements of a text, and the names that these bind.

    These names are global. So setup, shapes and effect see the same names as if the text were a module.
    """
    statements = compile(text, name, "exec", ONLY_AST)
    names = sorted(set(bound_names(statements)))
    function = compile(
        "def hot_body():\n %s" % ("global " + ", ".join(names) if names else "pass"), name, "exec", ONLY_AST
    )
    function.body[0].body += statements.body
    code = compile(function, name, "exec")
    named = [item.replace(co_name="<module>") if hasattr(item, "co_code") else item for item in code.co_consts]
    return code.replace(co_consts=tuple(named)), names


def bound_names(node):
    """Yield the names that a syntax tree binds.

    Those that are local to a function inside are among them: there, `global` of the function outside has no meaning.
    """
    kind = type(node).__name__
    if kind == "Name" and type(node.ctx).__name__ != "Load":
        yield node.id
    elif kind == "alias":
        yield (node.asname or node.name).partition(".")[0]
    elif getattr(node, BINDING.get(kind, ""), None):
        yield getattr(node, BINDING[kind])
    for field in node._fields:
        value = getattr(node, field, None)
        for item in value if type(value) is list else [value]:
            if hasattr(item, "_fields"):
                yield from bound_names(item)


def run_hot(job, report, watch, names, set_up, has_effect):
    """Run a snippet until it is hot, and then once more while its events are recorded.

    Return the exception that ended it, or None. `set_up` runs the setup, and `has_effect` tells whether the effect is
    there.

    Raises CannotRepeat if it did not become hot.
    """
    if type(job["body"]) is str:
        raise CannotRepeat(job["body"])
    code, bound = job["body"]
    count, seconds = job["hot"]["rounds"], job["hot"]["seconds"]
    scratch = {}
    exec(code, names, scratch)  # CPython does not compile calls of a function that was made in another way
    body = scratch["hot_body"]
    unset = dict.fromkeys([name for name in bound if name not in names], UNSET)
    apart = hasten_compiler(watch)
    folder = os.getcwd()

    def start_anew():
        os.chdir(folder)
        empty(folder)
        names.update(unset)
        set_up()

    # Where there is an effect, it must not be there before each round. Where there is none, the snippet may do alone.
    preparations = [apart(start_anew)] + ([] if job["effect"] else [int])
    prepare = find_preparation(body, watch, preparations, count, has_effect)
    if job["veto"] and job["effect"] and is_done_already(prepare, has_effect):
        raise CannotRepeat("the effect of a round is not undone before the next")
    # If the interpreter crashes from here on, it was hot code.
    report.send("hot", {"rounds": count, "reason": None})
    watch.report, watch.veto = report, job["veto"]
    raised = None
    try:
        repeat(body, prepare, watch, count, seconds)
    except BaseException as error:
        raised = error
    if not watch.active:
        raise CannotRepeat(
            "there was no time for %d rounds" % count if raised is None else said("a later round", raised)
        )
    watch.active = False
    watch.stop()
    return raised


def repeat(body, prepare, watch, count, seconds):
    """Call the function with the snippet in a loop. The events of the last call are recorded.

    The last call has to be one of this loop, because a compiler may have joined loop and snippet. Nothing in the loop
    may depend on which call is the last: the compiler would notice, and leave the compiled code before that call.
    """
    from time import monotonic

    process, end = watch.process, monotonic() + seconds
    for active in [False] * count + [True]:
        if monotonic() > end:
            break
        prepare()
        watch.active = active
        body()
        if os_getpid() != process:
            os_exit(0)  # a child that the snippet forked and did not end


def find_preparation(body, watch, preparations, count, has_effect):
    """Run the snippet for the first time and again. Return what must run before each further round, of several ways."""
    import gc

    first = rehearse("the first round", body, watch)
    if not has_effect():
        raise CannotRepeat("the snippet has no effect as the body of a function")
    reason = None
    for prepare in preparations:
        left = leftovers()
        try:
            prepare()
            if rehearse("the second round", body, watch) != first:
                raise CannotRepeat("the second round raised other events")
            gc.collect()  # closes what nobody uses any more
            new = len(leftovers() - left)
            if new * count > LEFTOVERS:
                raise CannotRepeat("a round leaves files or threads behind: %d" % new)
            if has_children():
                raise CannotRepeat("a round leaves a process behind")
            return prepare
        except BaseException as error:
            reason = error if isinstance(error, CannotRepeat) else CannotRepeat(said("the second setup", error))
    raise reason


def is_done_already(prepare, has_effect):
    """Tell whether an effect is there before the snippet runs again, so that no veto can prevent it."""
    prepare()
    return has_effect()


def rehearse(what, body, watch):
    """Run the snippet once. Return the names of the events."""
    watch.active = True
    try:
        body()
    except BaseException as error:
        raise CannotRepeat(said(what, error)) from None
    finally:
        watch.active = False
        if os_getpid() != watch.process:
            os_exit(0)
        seen = [name for name, _ in watch.seen]
        watch.seen.clear()
    return seen


def said(what, error):
    return "%s raised %s" % (what, explain(error))


def leftovers():
    """Return what rounds may leave behind: descriptors and threads."""
    return {("file", number) for number in open_descriptors()} | {("thread", n) for n in range(count_threads())}


def empty(folder):
    """Remove everything in a folder."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)


def hasten_compiler(watch):
    """Let the interpreter's compiler begin after few rounds, where that is possible. What it compiles is the same.

    Return how to make a function that the compiler does not join with the loop that calls it.
    """
    if "__pypy__" in sys.builtin_module_names:
        import pypyjit

        pypyjit.set_param("threshold=10,function_threshold=13")
        return lambda function: lambda: pypyjit.residual_call(function)
    if "_cinderx" in sys.modules:
        import cinderx.jit

        cinderx.jit.compile_after_n_calls(10)
    elif hasattr(sys, "_jit") and sys._jit.is_enabled():
        repeat(int, int, watch, IDLE, 60)
        watch.active = False
    # CPython joins no functions across one that is written in C.
    return lambda function: iter(function, object()).__next__
