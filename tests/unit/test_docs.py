"""The documents: links, commands and settings in them exist, and decisions stay short."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from adapters.discord.cli import app as discord
from adapters.slack.cli import app as slack
from bot.__main__ import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def anchors(document: Path) -> set[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text()):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


CODE = re.compile(r"^```.*?^```|^ {4}[^\n]*$|`[^`]+`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:(?<=bin/)|(?<![\w./@:-]))nellie((?: +(?:--?)?[a-z][\w=-]*)+)")
SETTING = re.compile(r"\b(?:NELLIE|SLACK|DISCORD)_[A-Z][A-Z_]*[A-Z]\b")
KNOWN_SETTINGS = {
    *SETTING.findall((ROOT / ".env.example").read_text()),
    # Of the tests and of make; NELLIE_PROVIDER_... are names that an operator completes.
    *("NELLIE_DATA", "NELLIE_CONTRACTS", "NELLIE_OPEN_RESPONSES", "NELLIE_TRAINING_PYTHON"),
}
EXAMPLE = "weather"  # the command that docs/plugins.md adds
README_LINES = 60  # what a screen shows


def pages(command: Any, *path: str, parent: Any = None) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below one, with its path."""
    yield path, command
    if not hasattr(command, "list_commands"):
        return
    with command.make_context("nellie", [], parent=parent, resilient_parsing=True) as ctx:
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            inner = below.make_context(name, [], parent=ctx, resilient_parsing=True)
            yield from pages(inner.command, *path, name, parent=ctx)


def options(command: Any) -> set[str]:
    """What may be written behind it."""
    return {"--help", "-h"}.union(*(one.opts + one.secondary_opts for one in command.params))


PAGES = [
    *pages(get_command(app)),
    *pages(get_command(discord), "discord"),
    *pages(get_command(slack), "slack"),
]
COMMANDS = {path: options(command) for path, command in PAGES}
GROUPS = {path for path, command in PAGES if hasattr(command, "list_commands")}


def calls(text: str) -> Iterator[list[str]]:
    """What stands behind `nellie` wherever code is shown."""
    for code in CODE.findall(text):
        for line in re.sub(
            r"\\\n", " ", code if code.startswith("```") else code.replace("\n", " ")
        ).splitlines():
            for words in CALL.findall(line):
                found = words.split()
                yield found[1:] if found[0] == "nellie" else found


def fault_of(words: list[str]) -> str:
    """What is wrong with a command, if anything is."""
    path: tuple[str, ...] = ()
    while len(path) < len(words) and (*path, words[len(path)]) in COMMANDS:
        path = (*path, words[len(path)])
    if not path and words and not words[0].startswith("-"):
        return "" if words[0] == EXAMPLE else f"there is no command {words[0]}"
    behind = words[len(path) : len(path) + 1]
    if path in GROUPS and behind and not behind[0].startswith("-"):
        return f"there is no command {' '.join(path)} {behind[0]}"
    unknown = [
        word
        for word in words[len(path) :]
        if word.startswith("-") and word.partition("=")[0] not in COMMANDS[path]
    ]
    return f"{' '.join(path)} has no {unknown}" if unknown else ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_their_options_exist(document: Path) -> None:
    faults = {fault for words in calls(document.read_text()) if (fault := fault_of(words))}

    assert not faults


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_exist(document: Path) -> None:
    named = set(SETTING.findall(document.read_text()))

    unknown = {name for name in named if name.removesuffix("_FILE") not in KNOWN_SETTINGS}
    assert not {name for name in unknown if not name.startswith("NELLIE_PROVIDER")}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("say `nellie chatt`", "no command chatt"),
        ("    $ nellie import x --formatt irc\n", "has no ['--formatt']"),
        ("```\n.venv/bin/nellie discord invte\n```", "no command discord invte"),
        ("`nellie chat`, and `/nellie ask` in Slack", ""),
        ("    docker compose exec nellie nellie docter\n", "no command docter"),
        ("    NELLIE_MODEL=tgi nellie chat --wrong\n", "has no ['--wrong']"),
    ],
)
def test_a_wrong_command_is_found(text: str, fault: str) -> None:
    assert fault in " ".join(map(fault_of, calls(text)))


def test_the_readme_is_one_screen() -> None:
    assert (ROOT / "README.md").read_text().count("\n") <= README_LINES


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()

    listed = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}

    assert {name for name in listed if f"({name})" not in index} == set()


def test_fifteen_questions_are_answered_in_order() -> None:
    headings = re.findall(
        r"^## (\d+)\. ", (ROOT / "docs" / "questions.md").read_text(), re.MULTILINE
    )

    assert list(map(int, headings)) == list(range(1, 16))


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_context_decision_and_consequence_on_a_page(decision: Path) -> None:
    text = decision.read_text()

    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]
    assert text.count("\n") <= 40


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
