"""What `nellie run` loads: memory that nothing uses is paid for by every replica."""

import subprocess
import sys

import pytest

LOAD = """
import sys
import bot.__main__, bot.bootstrap
import adapters.api.adapter, adapters.console.adapter, adapters.web.adapter  # asked, not used
import bot.llm.openai.chat, sqlalchemy.dialects.postgresql.asyncpg
from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
import adapters.slack.service
from bot.language.terms import stem
{more}
print(stem("conversations"), *sys.modules)
"""


def load(more: str = "") -> tuple[str, set[str]]:
    """A stem, and the modules of a process that has loaded all that a replica needs."""
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", LOAD.format(more=more)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    word, *modules = done.stdout.split()
    return word, set(modules)


@pytest.fixture(scope="module")
def modules() -> set[str]:
    return load()[1]


@pytest.mark.parametrize(
    "module",
    [
        "rich.console",
        "rich.traceback",
        "pygments",
        "aiohttp.web",
        "html.entities",
        "slack_bolt",
        "slack_sdk.web.client",
        "sqlite3",
        "sqlmodel",
        "sqlalchemy.orm",
        "sqlalchemy.dialects.postgresql.psycopg2",
        "openai.resources",
        "openai.types.chat.chat_completion",
        "openai.types.responses.response",
        "alembic",
        "bot.store.tables",
        "bot.store.page_turns",
        "bot.domain.page.operating",
        "bot.domain.page.ports",
        "snowballstemmer.serbian_stemmer",
        "snowballstemmer.greek_stemmer",
        "bot.store.embedded_postgres.server",
    ],
)
def test_a_replica_does_not_load(modules: set[str], module: str) -> None:
    assert "structlog" in modules
    assert module not in modules


@pytest.mark.parametrize(
    "more",
    [
        "import snowballstemmer; assert snowballstemmer.stemmer('german').stemWord('häuser')",
        "import rich.console; rich.console.Console(file=sys.stderr).print('[b]x[/b]')",
        "import structlog.dev; assert structlog.dev.plain_traceback",
    ],
)
def test_what_is_left_out_can_still_be_loaded(more: str) -> None:
    assert load(more)[0] == "convers"


def test_the_stemmer_is_the_package_s_own() -> None:
    import snowballstemmer  # type: ignore[import-untyped]  # it ships none

    from bot.language.stemmer import stem_word

    whole = snowballstemmer.stemmer("english")
    words = ["generously", "printers", "skies", "dying", "conversations", "happily", "university"]
    assert [stem_word(word) for word in words] == whole.stemWords(words)
