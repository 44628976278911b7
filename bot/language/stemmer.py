"""The stemmer for English, alone: its package loads those of thirty languages, 3 MB of tables."""

import sys
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import Any

_PACKAGE = "snowballstemmer"


def _load() -> Any:
    """The stemmer out of the package, whose own first module, which loads them all, never runs."""
    spec = find_spec(_PACKAGE)
    if _PACKAGE in sys.modules or spec is None:
        import snowballstemmer  # type: ignore[import-untyped]  # it ships none

        return snowballstemmer.stemmer("english")
    sys.modules[_PACKAGE] = module_from_spec(spec)
    try:
        from snowballstemmer.english_stemmer import (  # type: ignore[import-untyped]
            EnglishStemmer,
        )

        return EnglishStemmer()
    finally:
        del sys.modules[_PACKAGE]


_stemmer = _load()
_lock = Lock()  # the stemmer keeps its word in itself


def stem_word(word: str) -> str:
    """The stem of a word in lower case."""
    with _lock:
        stem: str = _stemmer.stemWord(word)
        return stem
