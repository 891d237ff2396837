"""How values are described, compared and found by name."""

import collections
import sys
import unittest

import agent  # noqa: F401
from values import DEPTH, ITEMS, LENGTH, describe, equal, explain, resolve, same, type_name, variable_name


class Text(str):
    __slots__ = ()


class Odd:
    def __str__(self):
        raise RuntimeError("no text")


class Describe(unittest.TestCase):
    def test_a_plain_value_is_described_with_its_content(self):
        for value, expected in [
            (True, {"type": "bool", "value": True}),
            (1, {"type": "int", "value": 1}),
            (-(2**63), {"type": "int", "value": -(2**63)}),
            (2**64 - 1, {"type": "int", "value": 2**64 - 1}),
            (1.5, {"type": "float", "value": 1.5}),
            ("é", {"type": "str", "value": "é"}),
            (b"\xff", {"type": "bytes", "value": "\xff"}),
            ((1, "a"), {"type": "tuple", "value": [{"type": "int", "value": 1}, {"type": "str", "value": "a"}]}),
            ([None], {"type": "list", "value": [{"type": "NoneType"}]}),
        ]:
            with self.subTest(value=value):
                self.assertEqual(describe(value), expected)

    def test_a_value_that_json_cannot_carry_is_described_by_its_type(self):
        for value, expected in [
            (None, "NoneType"),
            (2**64, "int"),
            (-(2**63) - 1, "int"),
            (float("nan"), "float"),
            (float("inf"), "float"),
            ("\ud800", "str"),
            (Text("a"), Text.__module__ + ".Text"),
            ({}, "dict"),
            (collections.OrderedDict(), "collections.OrderedDict"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(describe(value), {"type": expected})

    def test_a_large_value_is_described_by_its_type(self):
        for fits, value in [
            (True, "a" * LENGTH),
            (False, "a" * (LENGTH + 1)),
            (True, b"a" * LENGTH),
            (False, b"a" * (LENGTH + 1)),
            (True, [0] * ITEMS),
            (False, [0] * (ITEMS + 1)),
        ]:
            with self.subTest(type=type(value), length=len(value)):
                self.assertEqual("value" in describe(value), fits)

    def test_a_deep_value_is_described_down_to_a_depth(self):
        value = "bottom"
        for _ in range(DEPTH + 1):
            value = [value]
        described = describe(value)
        for _ in range(DEPTH):
            (described,) = described["value"]
        self.assertEqual(described, {"type": "list"})

    def test_a_list_that_contains_itself_is_described(self):
        value = []
        value.append(value)
        self.assertEqual(describe(value)["type"], "list")

    def test_the_name_of_a_type_has_its_module(self):
        for kind, expected in [(int, "int"), (collections.OrderedDict, "collections.OrderedDict")]:
            self.assertEqual(type_name(kind), expected)


class Compare(unittest.TestCase):
    def test_equal_values_have_the_same_type_with_all_their_items(self):
        for one, other, expected in [
            (1, 1, True),
            (True, 1, False),
            (1, 1.0, False),
            ("a", b"a", False),
            ((1, [2]), (1, [2]), True),
            ((1, [2]), (1, [True]), False),
            ((1,), [1], False),
            ((1,), (1, 2), False),
            ([1, 2], [1, 3], False),
            (None, None, True),
            (Text("a"), "a", False),
        ]:
            with self.subTest(one=one, other=other):
                self.assertIs(equal(one, other), expected)

    def test_immutable_values_are_the_same_when_they_are_equal(self):
        for one, other, expected in [
            ("ab", "".join(["a", "b"]), True),
            (1 << 70, 1 << 70, True),
            ((1, 2), tuple(iter([1, 2])), True),
            (1, True, False),
            ((1,), (True,), False),
            ([1], [1], False),
            ({}, {}, False),
        ]:
            with self.subTest(one=one, other=other):
                self.assertIs(same(one, other), expected)

    def test_a_mutable_value_is_the_same_as_itself(self):
        value = []
        self.assertIs(same(value, value), True)


class Names(unittest.TestCase):
    def test_a_name_is_looked_up_in_the_snippet_then_in_builtins_then_as_a_module(self):
        import xml.dom.minidom

        for dotted, names, expected in [
            ("x", {"x": 5}, 5),
            ("len", {}, len),
            ("len", {"len": 5}, 5),
            ("str.upper", {}, str.upper),
            ("sys.path", {}, sys.path),
            ("xml.dom.minidom.Document", {}, xml.dom.minidom.Document),
        ]:
            with self.subTest(dotted=dotted):
                self.assertIs(resolve(dotted, names), expected)

    def test_a_name_that_is_not_there_is_an_exception(self):
        with self.assertRaises(ImportError):
            resolve("there_is_no_such_module", {})
        with self.assertRaises(AttributeError):
            resolve("sys.there_is_no_such_name", {})

    def test_a_variable_has_a_name_unless_its_value_has_no_identity(self):
        path = ["a"]
        for value, names, expected in [
            (path, {"path": path}, "path"),
            (["a"], {"path": path}, None),
            (path, {"__path": path}, None),
            (None, {"x": None}, None),
            (1, {"x": 1}, None),
            (True, {"x": True}, None),
        ]:
            with self.subTest(value=value, names=names):
                self.assertEqual(variable_name(value, names), expected)

    def test_an_exception_is_explained_even_where_it_has_no_text(self):
        self.assertEqual(explain(ValueError("bad")), "ValueError: bad")
        self.assertEqual(explain(ValueError(Odd())), "ValueError")


if __name__ == "__main__":
    unittest.main()
