"""Shapes: the questions about arguments that only the interpreter can answer.

A shape is "any", or a dict of one kind and its contents. Each place in a shape has a path: `0.1.2` is the
place 2 in the shape of argument 1 of event 0. PROTOCOL.md has the table of shapes.
"""

from values import describe, equal, explain, resolve, same

# The code that was compiled last. Both passes of a trial use the same code.
CODE = {}


def compile_shape(shape):
    """Return a shape with its expressions compiled."""
    if shape == "any":
        return shape
    ((kind, of),) = shape.items()
    if kind in ("same", "equal"):
        of = compile_code(of, "<%s>" % kind, "eval")
    elif kind == "attrs":
        of = [(name, compile_shape(inner)) for name, inner in of]
    elif kind != "instance":
        of = [compile_shape(inner) for inner in of]
    return {kind: of}


def compile_code(text, name, mode):
    """Compile a text, unless that was done just now."""
    if len(CODE) > 64:
        CODE.clear()
    key = text, name, mode
    if key not in CODE:
        CODE[key] = compile(text, name, mode)
    return CODE[key]


def answer_shape(shape, value, path, names, answers):
    """Answer the questions of a shape about a value. Put each answer into `answers`, by the path of its place."""
    if shape == "any":
        return
    ((kind, of),) = shape.items()
    if kind in ("tuple", "list") and type(value) in (tuple, list):
        for index, (inner, item) in enumerate(zip(of, value)):
            answer_shape(inner, item, "%s.%d" % (path, index), names, answers)
    elif kind == "one-of":
        for index, inner in enumerate(of):
            answer_shape(inner, value, "%s.%d" % (path, index), names, answers)
    elif kind == "attrs":
        for index, (name, inner) in enumerate(of):
            answer_attribute(name, inner, value, "%s.%d" % (path, index), names, answers)
    elif kind in ("same", "equal", "instance"):
        answers[path] = compare(kind, of, value, names)


def answer_attribute(name, shape, value, path, names, answers):
    """Answer the questions about an attribute. The question `=` of its place is whether the value has the attribute."""
    try:
        item = getattr(value, name)
    except Exception as error:
        answers[path + "="] = {"holds": False, "note": explain(error)}
        return
    answers[path + "="] = {"holds": True, "value": describe(item)}
    answer_shape(shape, item, path, names, answers)


def compare(kind, of, value, names):
    """Return the answer: whether a value is an instance of a class, or is the value of an expression."""
    try:
        if kind == "instance":
            return {"holds": isinstance(value, resolve(of, names))}
        wanted = eval(of, names)
        holds = same(value, wanted) if kind == "same" else equal(value, wanted)
        return {"holds": bool(holds), "value": describe(wanted)}
    except Exception as error:
        return {"holds": False, "note": explain(error)}
