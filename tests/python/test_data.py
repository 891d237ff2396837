"""The compatibility data that the package brings, and files that are not such data."""

import json
import tempfile
import unittest
from pathlib import Path

import package  # noqa: F401
from audit578 import data

DOCUMENT = {
    "format": 1,
    "version": "0.1.0",
    "suite": "0" * 64,
    "tested": {
        "cpython/linux": [
            {"version": version, "python": version, "observed": "2026-01-01T00:00:00Z", "build": ""}
            for version in ("3.9.1", "3.10.0", "3.11.0", "3.12.0")
        ]
    },
    "notes": [{"text": "It is not raised.", "kind": "bug", "impl-url": "https://example.org/1"}, {"text": "Unknown."}],
    "events": {
        "a.b": {
            "arguments": [{"names": ["path", "mode"]}],
            "raised-by": ["a.b"],
            "capabilities": ["write"],
            "baseline": "limited",
            "support": {
                "cpython/linux": [
                    {"from": "3.10.0", "to": "3.11.0", "raised": "broken", "notes": [0, 1]},
                    {"from": "3.12.0", "raised": "kept", "arguments": "kept"},
                ]
            },
        }
    },
}


def load(document):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        return data.load.__wrapped__(file)


class ReadsData(unittest.TestCase):
    def test_a_release_is_in_the_range_around_it(self):
        event = load(DOCUMENT).events["a.b"]
        self.assertIsNone(event.on("cpython/linux", "3.9.1"))
        broken = event.on("cpython/linux", "3.11.0")
        self.assertEqual((broken.first, broken.last, broken.raised, broken.veto), ("3.10.0", "3.11.0", "broken", None))
        self.assertEqual([reason.kind for reason in broken.reasons], ["bug", None])
        self.assertFalse(broken.is_kept)
        self.assertTrue(event.on("cpython/linux", "3.12.0").is_kept)

    def test_what_was_not_tested_is_an_error_with_what_was(self):
        event = load(DOCUMENT).events["a.b"]
        for platform, version, named in [
            ("cpython/linux", "3.12.1", "3.9.1, 3.10.0"),
            ("pypy/linux", "8", "cpython/linux"),
        ]:
            with self.assertRaises(LookupError) as caught:
                event.on(platform, version)
            self.assertIn(named, str(caught.exception))

    def test_the_data_of_the_matrix_is_read_to_its_end(self):
        matrix = data.load()
        self.assertGreater(len(matrix.events), 200)
        for event in matrix.events.values():
            for platform, releases in matrix.tested.items():
                for release in releases:
                    support = event.on(platform, release.version)
                    self.assertTrue(
                        support is None or support.is_kept or support.reasons, (event.name, platform, release)
                    )

    def test_other_files_are_refused(self):
        for document in [[], {**DOCUMENT, "format": 2}, {**DOCUMENT, "notes": []}, {**DOCUMENT, "events": []}]:
            with self.assertRaisesRegex(ValueError, "not compatibility data"):
                load(document)


if __name__ == "__main__":
    unittest.main()
