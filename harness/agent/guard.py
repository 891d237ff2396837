"""The guard: adds a user's hook as the user adds it, calls it only while a snippet runs, and says when it objects.

This becomes the module `audit578_guard`. An objection is an event of its own, which the watch of the agent records.
"""

import os
import sys

OBJECTION = "audit578.objection"
hooks = []
state = {"active": False}


def load(target, folder):
    """Import a user's hook: a file, a module, or `module:function`, which is then called."""
    add, sys.addaudithook = sys.addaudithook, hooks.append
    try:
        if target.endswith(".py"):
            load_file(os.path.join(folder, target))
        else:
            sys.path.insert(0, folder)
            name, _, function = target.partition(":")
            module = __import__(name, fromlist=["*"])
            if function:
                getattr(module, function)()
    finally:
        sys.addaudithook = add
    if not hooks:
        raise RuntimeError("%s adds no audit hook with sys.addaudithook" % target)
    add(dispatch)


def load_file(path):
    sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    module = type(sys)(os.path.basename(path)[:-3])
    module.__file__ = path
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)


def dispatch(event, args):
    """Call the user's hooks."""
    if not state["active"] or event == OBJECTION:
        return
    for hook in hooks:
        try:
            hook(event, args)
        except BaseException as error:
            sys.audit(OBJECTION, event, "%s: %s" % (type(error).__name__, error))
            raise


def start():
    """Let the hooks be called from now on."""
    state["active"] = True


def stop():
    """Let the hooks be called no more."""
    state["active"] = False
