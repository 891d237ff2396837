"""Expectations: the events of a case, and the shapes of their arguments.

A value is what the agent says of an argument: its type, and its content if JSON can carry it. Some shapes are questions
that only the agent can answer; the answers have the place of the shape, such as `0.1.2`.
"""

import re
import sys

VERSION = sys.version_info[:3]
IMPLEMENTATION = sys.implementation.name
IMPLEMENTATION_VERSION = tuple(sys.implementation.version[:3])


def is_on(*platforms):
    """Tell whether this is one of some platforms."""
    names = {"darwin": "macos", "win32": "windows"}
    here = {names.get(sys.platform, sys.platform.rstrip("0123456789"))}
    if sys.platform != "win32":
        here.add("unix")
    return bool(here & set(platforms))


class Event:
    """An event that must be raised: its name, and the shapes of its arguments by their names."""

    def __init__(self, name, arguments):
        self.name = name
        self.arguments = [(argument, as_shape(shape)) for argument, shape in arguments.items()]

    def questions(self):
        return [shape.question() for _, shape in self.arguments]


def as_shape(shape):
    """Return a shape. Any other object stands for itself."""
    return shape if isinstance(shape, Shape) else Literal(shape)


class Shape:
    """The shape of an argument."""

    def __init__(self, *of):
        self.of = of

    def __repr__(self):
        return "%s%r" % (type(self).__name__, self.of)

    def question(self):
        """Return the question for the agent, or "any" if there is none."""
        return "any"


class Any(Shape):
    """Anything."""

    def fits(self, value, place, answers):
        return True


class Literal(Shape):
    """This very value, of this very type: 1 is not True."""

    def __repr__(self):
        return repr(self.of[0])

    def fits(self, value, place, answers):
        (literal,) = self.of
        if value["type"] != type(literal).__name__:
            return False
        content = literal.decode("latin-1") if type(literal) is bytes else literal
        return literal is None or value.get("value") == content


class Type(Shape):
    """A value of exactly one of these types."""

    def fits(self, value, place, answers):
        return value["type"] in self.of


class Match(Shape):
    """A str that a regular expression matches from start to end."""

    def fits(self, value, place, answers):
        text = value.get("value") if value["type"] == "str" else None
        return text is not None and re.fullmatch(self.of[0], text, re.DOTALL) is not None


class Question(Shape):
    """A shape that the agent compares."""

    def question(self):
        return {type(self).__name__.lower(): self.of[0]}

    def fits(self, value, place, answers):
        return answers.get(place, {"holds": False})["holds"]


class Instance(Question):
    """An instance of the class with a dotted name."""


class Same(Question):
    """The very object that a Python expression gives; for immutable types an equal one of the same type."""


class Equal(Question):
    """A value equal to what a Python expression gives, and of the same type."""


class OneOf(Shape):
    """A value of one of these shapes."""

    def question(self):
        return {"one-of": [as_shape(shape).question() for shape in self.of]}

    def fits(self, value, place, answers):
        shapes = enumerate(map(as_shape, self.of))
        return any(shape.fits(value, "%s.%d" % (place, index), answers) for index, shape in shapes)


class Items(Shape):
    """A container whose items have these shapes."""

    def question(self):
        return {type(self).__name__.lower(): [as_shape(shape).question() for shape in self.of]}

    def fits(self, value, place, answers):
        items = value.get("value")
        if value["type"] != type(self).__name__.lower() or items is None or len(items) != len(self.of):
            return False
        shapes = enumerate(zip(map(as_shape, self.of), items))
        return all(shape.fits(item, "%s.%d" % (place, index), answers) for index, (shape, item) in shapes)


class Tuple(Items):
    """A tuple whose items have these shapes."""


class List(Items):
    """A list whose items have these shapes."""


class Attrs(Shape):
    """An object whose attributes have these shapes."""

    def shapes(self):
        return [(name, as_shape(shape)) for name, shape in self.of[0].items()]

    def question(self):
        return {"attrs": [[name, shape.question()] for name, shape in self.shapes()]}

    def fits(self, value, place, answers):
        for index, (_, shape) in enumerate(self.shapes()):
            inner = "%s.%d" % (place, index)
            attribute = answers.get(inner + "=", {}).get("value")
            if attribute is None or not shape.fits(attribute, inner, answers):
                return False
        return True
