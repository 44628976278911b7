"""What is said to people is true where Nellie is installed and there is no source tree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOR_DEVELOPERS = ROOT / "bot" / "store" / "migrations" / "__main__.py"  # behind make migration
ROOMS = [
    path
    for name in ("bot", "adapters")
    for path in (ROOT / name).rglob("*.py")
    if path != FOR_DEVELOPERS
]
FOLDERS = "|".join(
    sorted(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
)
TARGETS = "|".join(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
IN_THE_TREE = re.compile(
    rf"(?<![\w./])(?:{FOLDERS})/\w|\.env\.example|docker-compose\.yml|\bmake (?:{TARGETS})\b"
    r"|\b(?:README|CONTRIBUTING|Makefile|pyproject\.toml)\b"
)


def messages(source: str) -> Iterator[tuple[int, str]]:
    """Every text of a module with its line, but for docstrings: those are for its readers."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_names_what_only_the_source_tree_has(path: Path) -> None:
    found = [(line, text) for line, text in messages(path.read_text()) if IN_THE_TREE.search(text)]

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        'raise Wrong("it is described in docs/slack.md")',
        'say(f"{name}: copy .env.example to .env")',
        'HELP = """\n    infra/restore puts it back.\n"""',
        'hint = "run make setup again"',
    ],
)
def test_such_a_message_is_found(text: str) -> None:
    assert [text for _, text in messages(text) if IN_THE_TREE.search(text)]


def test_a_docstring_and_an_address_are_none() -> None:
    source = '"""See docs/slack.md."""\nADDRESS = "https://example.com/docs/api"'

    assert not [text for _, text in messages(source) if IN_THE_TREE.search(text)]
