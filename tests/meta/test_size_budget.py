"""Functions and files stay small enough to read in one go. Migrations are written by Django."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.meta.files import ROOT, tracked

LONGEST_FILE = 300
MEDIAN_FUNCTION = 10
LONG_FUNCTION = 40


def sources() -> list[Path]:
    return [path for path in tracked("*.py", "scripts/*") if "migrations" not in path.parts]


def lengths() -> Iterator[int]:
    for path in tracked("*.py"):
        if "migrations" in path.parts or "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_300_lines():
    counted = {path: len(path.read_text().splitlines()) for path in sources()}
    too_long = {
        str(path.relative_to(ROOT)): count
        for path, count in counted.items()
        if count > LONGEST_FILE
    }
    assert too_long == {}


def test_functions_are_short():
    found = list(lengths())
    assert statistics.median(found) <= MEDIAN_FUNCTION
    assert statistics.quantiles(found, n=20)[-1] <= LONG_FUNCTION
