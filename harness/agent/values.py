"""Values: how the arguments of an event are described, compared and found by name."""

import sys

from report import is_surrogate

# Values are described down to this depth, and containers and texts up to these sizes. Larger values have only a type.
DEPTH, ITEMS, LENGTH = 4, 64, 4096

IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset, type(None))


def describe(value, depth=0):
    """Return the type of a value, and its content if JSON can carry it."""
    described = {"type": type_name(type(value))}
    carried = content(value, depth)
    if carried is not None:
        described["value"] = carried
    return described


def type_name(kind):
    """Return the name of a type, with its module unless that is builtins."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", None) else "%s.%s" % (module, name)


def content(value, depth):
    """Return the content of a value, if JSON can carry it and the type is built in, or None.

    This runs only code of built-in types, because code of a snippet could raise events.
    """
    kind = type(value)
    if kind is bool:
        return value
    if kind is int and -(2**63) <= value < 2**64:
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


def equal(one, other):
    """Tell whether two values are equal and of the same type, with all their items: True does not equal 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


def same(one, other):
    """Tell whether two values are the same object.

    An implementation may copy an immutable object, so two equal ones of the same type count as the same.
    """
    return one is other or (type(one) in IMMUTABLE and equal(one, other))


def resolve(dotted, names):
    """Return the object with a dotted name.

    Its first part is looked up in the names of a snippet, then in builtins, and then imported as a module.
    """
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


def variable_name(value, names):
    """Return the name that a snippet has for an object, or None.

    None and numbers have no name: the same object may be the value of many variables.
    """
    if value is None or type(value) in (bool, int, float):
        return None
    for name, known in list(names.items()):
        if known is value and not name.startswith("__"):
            return name
    return None


def explain(error):
    """Return the type and the message of an exception."""
    try:
        return "%s: %s" % (type_name(type(error)), error)
    except Exception:
        return type_name(type(error))
