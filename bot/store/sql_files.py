"""The statements of the store, by name, from the files in bot/store/sql.

A line `-- name: accept` begins each; other comments are for readers. `{held}` puts another text of
the same file in its place, and `{messages.columns}` one of another file.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*\n", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(?:(\w+)\.)?(\w+)\}")


class Statements:
    """The statements of one file, each as an attribute."""

    def __init__(self, file: str, texts: Mapping[str, str]) -> None:
        self._file = file
        self.__dict__.update({name: sa.text(text) for name, text in texts.items()})

    def __getattr__(self, name: str) -> sa.TextClause:
        raise AttributeError(f"{self._file}.sql has no text {name}")


def load(file: str, folder: Path = FOLDER) -> Statements:
    """The statements of a file, with every placeholder filled. Raises ValueError."""
    return Statements(file, {name: _filled(folder, file, name) for name in _read(folder, file)})


def _filled(folder: Path, file: str, name: str, within: tuple[str, ...] = ()) -> str:
    path = (*within, f"{file}.{name}")
    if path[-1] in within:
        raise ValueError(f"SQL texts include each other in a circle: {' -> '.join(path)}")
    texts = _read(folder, file)
    if name not in texts:
        raise ValueError(f"{file}.sql has no text {name}: {' -> '.join(path)}")
    return _PLACEHOLDER.sub(
        lambda found: _filled(folder, found[1] or file, found[2], path), texts[name]
    )


@functools.cache  # texts are put into each other some seven hundred times
def _read(folder: Path, file: str) -> Mapping[str, str]:
    """The texts of a file as they stand there, without comments."""
    _, *parts = _NAME.split((folder / f"{file}.sql").read_text(encoding="utf-8"))
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    if 2 * len(texts) < len(parts):
        raise ValueError(f"{file}.sql has two texts of one name")
    return {name: _COMMENT.sub("", text).strip() for name, text in texts.items()}
