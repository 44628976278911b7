"""What CONTRIBUTING says of the size of files and functions is so."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
LONGEST = 250
EXCEPTED = ("migrations/versions",)


def sources() -> Iterator[Path]:
    """The code, without migrations."""
    for folder in ("bot", "adapters", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            if not any(part in path.as_posix() for part in EXCEPTED):
                yield path


def test_no_file_has_more_than_250_lines() -> None:
    lengths = {path.relative_to(ROOT): path.read_text().count("\n") for path in sources()}

    assert [path for path, lines in lengths.items() if lines > LONGEST] == []


def test_half_of_the_functions_have_fewer_than_ten_lines() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]

    assert median(lengths) < 10
