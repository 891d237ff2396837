"""The answers to the questions that shapes ask."""

import io
import unittest

import agent  # noqa: F401
from shapes import answer_shape, compile_code, compile_shape


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


TRUE = {"type": "bool", "value": True}
ONE = {"type": "int", "value": 1}
FIVE = {"type": "int", "value": 5}
ITEMS = []

# Shape, value, answers.
TABLE = [
    ("any", 1, {}),
    ({"instance": "int"}, 1, {"0.1": {"holds": True}}),
    ({"instance": "io.IOBase"}, io.BytesIO(), {"0.1": {"holds": True}}),
    ({"instance": "io.IOBase"}, 1, {"0.1": {"holds": False}}),
    ({"instance": "no.such"}, 1, {"0.1": {"holds": False, "note": "ModuleNotFoundError: No module named 'no'"}}),
    ({"equal": "1"}, 1, {"0.1": {"holds": True, "value": ONE}}),
    ({"equal": "1"}, True, {"0.1": {"holds": False, "value": ONE}}),
    ({"equal": "x"}, 5, {"0.1": {"holds": True, "value": FIVE}}),
    ({"equal": "[]"}, [], {"0.1": {"holds": True, "value": {"type": "list", "value": []}}}),
    ({"equal": "1 / 0"}, 1, {"0.1": {"holds": False, "note": "ZeroDivisionError: division by zero"}}),
    ({"same": "items"}, ITEMS, {"0.1": {"holds": True, "value": {"type": "list", "value": []}}}),
    ({"same": "[]"}, ITEMS, {"0.1": {"holds": False, "value": {"type": "list", "value": []}}}),
    ({"tuple": ["any", {"equal": "1"}]}, (2, 1), {"0.1.1": {"holds": True, "value": ONE}}),
    ({"tuple": [{"equal": "1"}]}, (1, 2), {"0.1.0": {"holds": True, "value": ONE}}),
    ({"tuple": [{"equal": "1"}]}, (), {}),
    ({"tuple": [{"equal": "1"}]}, 1, {}),
    ({"list": [{"tuple": [{"equal": "1"}]}]}, [(1,)], {"0.1.0.0": {"holds": True, "value": ONE}}),
    (
        {"one-of": [{"equal": "True"}, {"equal": "1"}]},
        1,
        {"0.1.0": {"holds": False, "value": TRUE}, "0.1.1": {"holds": True, "value": ONE}},
    ),
    (
        {"attrs": [["x", {"equal": "1"}], ["y", "any"]]},
        Point(1, 5),
        {
            "0.1.0": {"holds": True, "value": ONE},
            "0.1.0=": {"holds": True, "value": ONE},
            "0.1.1=": {"holds": True, "value": FIVE},
        },
    ),
    (
        {"attrs": [["z", {"equal": "1"}]]},
        None,
        {"0.1.0=": {"holds": False, "note": "AttributeError: 'NoneType' object has no attribute 'z'"}},
    ),
]


class Shapes(unittest.TestCase):
    def test_each_question_is_answered_at_its_place(self):
        for shape, value, expected in TABLE:
            with self.subTest(shape=shape, value=value):
                answers = {}
                answer_shape(compile_shape(shape), value, "0.1", {"x": 5, "items": ITEMS}, answers)
                self.assertEqual(answers, expected)

    def test_an_expression_that_does_not_compile_is_an_exception(self):
        for shape in [{"same": "("}, {"tuple": [{"equal": "x y"}]}, {"attrs": [["a", {"equal": ""}]]}]:
            with self.subTest(shape=shape), self.assertRaises(SyntaxError):
                compile_shape(shape)

    def test_code_is_compiled_once(self):
        self.assertIs(compile_code("1 + 1", "<equal>", "eval"), compile_code("1 + 1", "<equal>", "eval"))

    def test_code_of_another_name_or_mode_is_other_code(self):
        code = compile_code("1 + 1", "<equal>", "eval")
        self.assertIsNot(code, compile_code("1 + 1", "<same>", "eval"))
        self.assertIsNot(code, compile_code("1 + 1", "<equal>", "exec"))


if __name__ == "__main__":
    unittest.main()
