"""The guard: adds a user's hook as the user adds it, calls it only while a snippet runs, and says when it objects.

This becomes the module `audit578_guard`. An objection is an event of its own, which the watch of the agent records.
"""

import os
import sys

OBJECTION = "audit578.objection"
hooks = []
state = {"active": False}


def watch(target, folder):
    """Take a user's hooks, and add one that calls them while a snippet runs."""
    take(target, folder)
    sys.addaudithook(dispatch)


def add(target, folder):
    """Add a user's hooks, which are called from now on."""
    take(target, folder)
    for hook in hooks:
        sys.addaudithook(hook)


def take(target, folder):
    """Import what adds hooks: a file, a module, or `module:function`, which is then called. Keep the hooks."""
    add_hook, sys.addaudithook = sys.addaudithook, hooks.append
    path = os.path.join(folder, target)
    sys.path.insert(0, os.path.dirname(path) if target.endswith(".py") else folder)
    try:
        load(target, path)
    except ImportError:
        # It needs packages of its environment, which the agent starts without.
        import site

        hooks.clear()
        site.main()
        load(target, path)
    finally:
        sys.addaudithook = add_hook
    if not hooks:
        raise RuntimeError("%s adds no audit hook with sys.addaudithook" % target)


def load(target, path):
    """Import what adds hooks."""
    if target.endswith(".py"):
        load_file(path)
        return
    name, _, function = target.partition(":")
    module = __import__(name, fromlist=["*"])
    if function:
        getattr(module, function)()


def load_file(path):
    """Run a file as a module."""
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    module = type(sys)(os.path.basename(path)[:-3])
    module.__file__ = path
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)


def dispatch(event, args):
    """Call the user's hooks."""
    if is_effect(event, args):
        stop()
    if not state["active"] or event == OBJECTION:
        return
    for hook in hooks:
        try:
            hook(event, args)
        except BaseException as error:
            sys.audit(OBJECTION, event, in_words(error))
            raise


def is_effect(event, args):
    """Tell whether the agent begins to look for the effect. The snippet is done then, and the hook has no more say."""
    return event == "exec" and getattr(args[0], "co_filename", None) == "<effect>"


def in_words(error):
    """Return the type and the message of an exception, whose `__str__` may be the user's own."""
    try:
        return "%s: %s" % (type(error).__name__, error)
    except Exception:
        return type(error).__name__


def start():
    """Let the hooks be called from now on."""
    state["active"] = True


def stop():
    """Let the hooks be called no more."""
    state["active"] = False
