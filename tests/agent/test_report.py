"""The report: its lines, and a descriptor that a snippet closes or takes."""

import json
import os
import tempfile
import unittest

import agent  # noqa: F401
from report import PROTOCOL, Report, encode, quote

FIRST = '{"agent":%d}\n' % PROTOCOL


class Json(unittest.TestCase):
    def test_a_text_is_json_in_ascii(self):
        for text in ["", "a b", 'say "a"', "back\\slash", "\n\t\x00\x7f", "é", "\uffff", "\U0001f600", "a\U0010ffffb"]:
            with self.subTest(text=text):
                self.assertEqual(json.loads(quote(text)), text)
                self.assertTrue(quote(text).isascii() and quote(text).isprintable())

    def test_a_lone_surrogate_becomes_the_replacement_character(self):
        for text in ["\ud800", "a\udfffb"]:
            self.assertEqual(
                json.loads(quote(text)), text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            )

    def test_values_are_json(self):
        for value in [None, True, False, 0, -1, 2**64 - 1, 1.5, 1e300, "é", [], {}, {"a": [1, {"b": None}]}, [True, 1]]:
            with self.subTest(value=value):
                self.assertEqual(json.loads(encode(value)), value)
                self.assertEqual(repr(json.loads(encode(value))), repr(value))


class Descriptors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "report")
        self.other = os.path.join(folder.name, "other")
        self.report = Report(self.path)
        self.addCleanup(self.report.close)

    def text(self, path=None):
        with open(path or self.path) as file:
            return file.read()

    def test_the_version_is_the_first_line(self):
        self.report.flush()
        self.assertEqual(self.text(), FIRST)

    def test_a_line_that_is_added_is_written_with_the_next_one_that_is_sent(self):
        self.report.add("snippet", None)
        self.assertEqual(self.text(), "")
        self.report.send("end", True)
        self.assertEqual(self.text(), FIRST + '{"snippet":null}\n{"end":true}\n')

    def test_a_closed_descriptor_is_opened_again(self):
        self.report.flush()
        os.close(self.report.descriptor)
        self.report.send("end", True)
        self.assertEqual(self.text(), FIRST + '{"end":true}\n')

    def test_a_descriptor_that_another_file_got_is_left_to_it(self):
        self.report.flush()
        number = self.report.descriptor
        os.close(number)
        file = os.open(self.other, os.O_WRONLY | os.O_CREAT)
        self.assertEqual(file, number)
        self.report.send("end", True)
        os.write(file, b"theirs")
        os.close(file)
        self.assertEqual(self.text(self.other), "theirs")
        self.assertEqual(self.text(), FIRST + '{"end":true}\n')

    def test_the_end_closes_the_own_file_only(self):
        number = self.report.descriptor
        self.report.close()
        file = os.open(self.other, os.O_WRONLY | os.O_CREAT)
        self.addCleanup(os.close, file)
        self.assertEqual(file, number)
        self.report.close()
        os.fstat(file)


if __name__ == "__main__":
    unittest.main()
