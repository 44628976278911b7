"""Plugins: ours and a stranger's come through the same door."""

import sys
from importlib import invalidate_caches
from pathlib import Path

import pytest
from doubles.stranger import install

from adapters.console.adapter import ConsoleAdapter
from bot import plugins
from bot.errors import PluginError
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
    with pytest.raises(PluginError, match=r'adapter "matrix" .* not installed \(there is: console'):
        plugins.load("adapter", "matrix")


def test_what_breaks_while_it_loads_is_one_sentence(site: Path) -> None:
    install(site, entry_points="[nellie.models]\nbad = bad_model:Bad\n", bad_model="1 / 0")

    with pytest.raises(PluginError, match='model "bad" cannot be loaded: ZeroDivisionError'):
        plugins.load("model", "bad")
