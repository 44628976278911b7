"""Plugins: ours and a stranger's are found the same way, and one that does not fit is named."""

import re
import sys
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest
from doubles.installed_plugin import install
from typer.testing import CliRunner

import bot
from adapters.console.adapter import ConsoleAdapter
from bot.__main__ import app
from bot.config import plugins
from bot.domain.errors import PluginError
from bot.llm.extractive import Extractive


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which Python imports."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    invalidate_caches()
    return tmp_path


def test_ours_are_found_by_name() -> None:
    assert plugins.load("adapter", "console") is ConsoleAdapter
    assert plugins.load("model", "extractive") is Extractive
    assert {"extractive", "openai", "tgi"} <= set(plugins.names("model"))
    assert {"discord", "irc", "jsonl", "slack"} <= set(plugins.names("archive"))


def test_a_strangers_is_found_the_same_way(site: Path) -> None:
    install(site, entry_points="[nellie.models]\necho = echo_model:Echo\n", echo_model="Echo = 7")

    assert "echo" in plugins.names("model")
    assert plugins.load("model", "echo") == 7


def test_what_is_not_installed_is_one_sentence_with_what_is() -> None:
    with pytest.raises(
        PluginError, match=r'adapter "matrix" .* not installed \(there is: api, console'
    ):
        plugins.load("adapter", "matrix")


def test_what_breaks_while_it_loads_is_one_sentence(site: Path) -> None:
    install(site, entry_points="[nellie.models]\nbad = bad_model:Bad\n", bad_model="1 / 0")

    with pytest.raises(PluginError, match='model "bad" cannot be loaded: ZeroDivisionError'):
        plugins.load("model", "bad")


MOVED = {
    "import bot.archive": "bot.archive -> bot.archives.jsonl, bot.archives.reading",
    "from bot.archive import want": "bot.archive -> bot.archives.jsonl",
    "from bot.conversation import Message": "bot.conversation -> bot.domain.model",
    "from bot.engine import Engine": "bot.engine -> bot.domain.ports",
    "import bot.errors as errors": "bot.errors -> bot.domain.errors",
    "from bot.ports import Adapter": "bot.ports -> bot.domain.ports",
    "from bot import ports": "bot.ports -> bot.domain.ports",
    "import bot.settings": "bot.settings -> bot.config.settings",
    "from bot.text import split": "bot.text.split -> split from bot.text.chunking",
    "from bot.text import clean, defuse": "bot.text.clean -> clean from bot.text.sanitize",
    "import bot.text; bot.text.cut": "bot.text.cut -> split_first from bot.text.chunking",
    "from bot.commands import HELP": "bot.commands.HELP -> HELP from bot.commands.help",
    "from bot.commands import Commands": "bot.commands.Commands -> Commands from bot.domain.ports",
}


@pytest.mark.parametrize("source", MOVED)
def test_an_import_path_that_has_moved_is_one_sentence_with_the_new_one(
    site: Path, source: str
) -> None:
    install(site, entry_points="[nellie.models]\nold = old_model:Old\n", old_model=source)

    with pytest.raises(PluginError) as raised:
        plugins.load("model", "old")

    text = str(raised.value)
    expected = MOVED[source].replace(" -> ", " has moved: import ")
    assert text.startswith(f'The model "old" cannot be loaded: {expected}')
    assert text.endswith(' (CHANGELOG, "Moved")')


def test_the_changelog_lists_what_has_moved() -> None:
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    moved = changelog.partition("### Moved")[2].partition("\n### ")[0]

    assert all(f"`{path}`" in moved for path in bot._MOVED if path.count(".") == 1)


def test_every_new_path_is_there() -> None:
    for target in bot._MOVED.values():
        name, _, module = target.rpartition(" from ")
        for path in re.findall(r"bot\.[\w.]+\w", module):
            assert hasattr(import_module(path), name or "__doc__"), target


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("adapter", ["run"]),
        ("model", ["chat"]),
        ("archive", ["import", "log.txt", "-f", "old", "-c", "general"]),
        ("command", ["old"]),
    ],
    ids=["adapter", "model", "archive", "command"],
)
def test_a_plugin_that_imports_what_has_moved_is_told_once(
    site: Path, monkeypatch: pytest.MonkeyPatch, kind: str, command: list[str]
) -> None:
    monkeypatch.chdir(site)
    entry = f"[nellie.{kind}s]\nold = old_plugin:Old\n"
    install(site, entry_points=entry, old_plugin="from bot.ports import Adapter")

    done = CliRunner().invoke(app, command, env={"NELLIE_MODEL": "old"})

    line = (
        f'The {kind} "old" cannot be loaded: bot.ports has moved: import bot.domain.ports'
        ' (CHANGELOG, "Moved")'
    )
    assert done.stderr.count(line) == 1
    assert done.stderr.count("has moved") == 1
    assert "Traceback" not in done.output


def test_an_adapter_with_the_former_run_is_told_the_new_one_once(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    source = """
from bot.domain.ports import Adapter

class Old(Adapter):
    name = "old"

    async def run(self, door):
        await door.receive(None)
"""
    install(site, entry_points="[nellie.adapters]\nold = old_adapter:Old\n", old_adapter=source)

    done = CliRunner().invoke(app, ["run"])

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        'nellie: The adapter "old" cannot be loaded: its run takes other arguments; write'
        " run(self, inbox, turns, commands), as in bot.domain.ports.Adapter"
        ' (CHANGELOG, "Moved")'
    ]
