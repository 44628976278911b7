"""How a text names the files of which nothing is known but their names."""

from collections.abc import Iterable

from bot.domain import documents


def name_files(names: Iterable[str]) -> str:
    """A line for each; "" without files."""
    return documents.name_files([documents.PostedFile(id=name, name=name) for name in names])
