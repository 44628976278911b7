"""`nellie doctor`: looks at all she needs, changes nothing, and says exactly what mends it."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import house, plugins
from bot.conversation import Author, Channel, Message, Prompt, Said
from bot.errors import (
    ContextOverflow,
    EmptyAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    NellieError,
    SettingsError,
)
from bot.llm.fallback import load as load_models
from bot.ports import Adapter, Finding
from bot.settings import Environment, Settings, environment, load
from bot.store.database import POOL, Database, newest_revision
from bot.store.inspection import Inspection, heard, inspect
from bot.text import clean

if TYPE_CHECKING:
    from bot.llm.embedder import Embedder

PATIENCE = 5.0  # seconds in which Postgres must answer
SILENCE = 20.0  # seconds that a model may be silent here
TESTED = 18  # the major version of Postgres that the tests run on
SKEW = timedelta(seconds=5)
LEAST_WINDOW = 4096

NO_PLATFORM = (
    "no platform is configured: set SLACK_BOT_TOKEN or DISCORD_TOKEN, here or in a file .env"
    " (docs/slack.md, docs/discord.md); to talk here: nellie chat"
)

Clock = Callable[[], datetime]


async def examine(*, clock: Clock = lambda: datetime.now(UTC)) -> AsyncIterator[Finding]:
    """Every finding, in the order in which things rest on one another."""
    try:
        environ, settings = environment(), load()
    except SettingsError as error:
        mend = "correct it in the environment or in .env; .env.example explains every setting"
        yield Finding("settings", "wrong", str(error), mend)
        return
    yield Finding("settings", "ok", f"read; models: {', '.join(settings.model)}")
    async with AsyncExitStack() as stack:
        database = seen = None
        try:
            database = await stack.enter_async_context(
                house.reached(settings, seconds=PATIENCE, pool=1)
            )
            seen = await inspect(database)
            for finding in _database(seen, clock()):
                yield finding
        except NellieError as error:
            yield Finding("database", "wrong", str(error), _to_reach(settings, error))
        for name in dict.fromkeys((*settings.model, *settings.models)):
            async for finding in _model(name, settings):
                yield finding
        async for finding in _embeddings(settings, seen):
            yield finding
        async for finding in _platforms(environ, database):
            yield finding


def shown(finding: Finding) -> str:
    """As people read it, on one line or two."""
    line = f"{finding.state:5}  {finding.name}: {clean(finding.what)}"
    return f"{line}\n       -> {clean(finding.mend)}" if finding.mend else line


def _to_reach(settings: Settings, error: NellieError) -> str:
    if isinstance(error, SettingsError):
        return f"correct {error.details['name']}"
    if settings.database_url:
        return "start Postgres, or correct host and port in DATABASE_URL"
    return "read what it says above; it keeps its data in NELLIE_HOME"


def _database(seen: Inspection, now: datetime) -> Iterator[Finding]:
    what = f"Postgres {seen.version}, pgvector {seen.vector or 'not installed'}"
    if seen.major < TESTED:
        mend = f"she is tested on Postgres {TESTED}; move to it when you can"
        yield Finding("database", "note", what, mend)
    elif not seen.vector:
        mend = "only embeddings need pgvector; the image pgvector/pgvector:pg18 brings it"
        yield Finding("database", "note", what, mend)
    else:
        yield Finding("database", "ok", what)
    if seen.room < POOL:
        what = f"it admits only {seen.room} more connections"
        mend = f"raise max_connections in Postgres: every replica uses up to {POOL}"
        yield Finding("connections", "note", what, mend)
    yield _tables(seen.revision, newest_revision())
    skew = abs(now - seen.now)
    if skew > SKEW:
        what = f"this machine and the database differ by {skew.total_seconds():,.0f} s"
        mend = "synchronize both clocks (systemctl status systemd-timesyncd)"
        yield Finding("clock", "wrong", what, mend)
    else:
        yield Finding("clock", "ok", "as the database's")


def _tables(found: str, newest: str) -> Finding:
    if not found:
        return Finding("tables", "note", "there are none yet", "`nellie run` makes them")
    if found < newest:
        what = f"they are of revision {found}, and this program needs {newest}"
        mend = "`nellie migrate`, or simply `nellie run`, brings them up to date"
        return Finding("tables", "wrong", what, mend)
    if found > newest:
        what = f"a newer Nellie made them (revision {found}; this program's is {newest})"
        if found[0] != newest[0]:  # migrations only add within a line
            return Finding("tables", "wrong", what, "start the newer version; this one is too old")
        mend = "this works, to go back for a while; see docs/self-hosting.md"
        return Finding("tables", "note", what, mend)
    return Finding("tables", "ok", f"revision {found}")


async def _model(name: str, settings: Settings) -> AsyncIterator[Finding]:
    what = f"model {name}"
    try:
        model = load_models(
            [name],
            settings.model_copy(update={"read_timeout": min(SILENCE, settings.read_timeout)}),
        )
    except NellieError as error:
        yield Finding(what, "wrong", str(error), "correct NELLIE_MODEL, or set what it needs")
        return
    start = time.monotonic()
    try:
        async with aclosing(model.stream(_question())) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    break
        yield Finding(what, "ok", f"it answers, after {time.monotonic() - start:.1f} s")
        if name.partition("/")[0] != "extractive":
            yield _window(what, await model.context_window(), settings)
    except EmptyAnswer:
        yield Finding(what, "ok", "it answers (it thinks before it speaks)")
    except ModelError as error:
        yield Finding(what, "wrong", str(error), _to_answer(name, settings, error))
    finally:
        await model.close()


def _question() -> Prompt:
    """As small as TGI takes it."""
    asked = Message(
        Channel("doctor", "", "doctor"), "1", Author("doctor", "Doctor"), "Are you well?",
        datetime.now(UTC),
    )  # fmt: skip
    return Prompt("answer", (Said("user", asked.text),), max_output=16, trigger=asked)


def _to_answer(name: str, settings: Settings, error: ModelError) -> str:
    at_tgi = name.partition("/")[0] == "tgi"
    key, place = (
        ("NELLIE_TGI_API_KEY", "NELLIE_TGI_URL")
        if at_tgi
        else ("OPENAI_API_KEY", "OPENAI_BASE_URL")
    )
    if isinstance(error, ModelUnavailable):
        if not at_tgi and not settings.openai_base_url:
            return "let this machine reach api.openai.com (HTTPS_PROXY, firewall)"
        return f"start the server (its log says why it does not), or correct {place}"
    if isinstance(error, ModelTimeout):
        return f"wait until it has loaded its weights (its log), or correct {place}"
    if isinstance(error, ModelOverloaded):
        return "wait, or give it more room: a second model in NELLIE_MODEL takes over meanwhile"
    if isinstance(error, ContextOverflow):
        return f"start the server with a context window of {LEAST_WINDOW:,} tokens or more"
    if isinstance(error, ModelRejected):
        if _is_about_the_key(error):
            return f"correct {key}"
        return f"correct the name in NELLIE_MODEL, or {place}"
    return f"{place} should lead to the model server itself: see docs/models.md"


def _window(what: str, window: int | None, settings: Settings) -> Finding:
    what = f"{what}, context window"
    if window is None:
        if settings.openai_base_url is None:
            return Finding(what, "ok", "not told, and large")
        mend = "set NELLIE_CONTEXT_WINDOW to what the server was started with"
        return Finding(what, "note", "the server does not say; longer prompts may be cut", mend)
    if window < 2 * settings.max_answer:
        mend = f"lower NELLIE_MAX_ANSWER to {window // 4}, or give the server a larger window"
        told = f"{window:,} tokens; an answer may take {settings.max_answer:,} of them"
        return Finding(what, "wrong", told, mend)
    if window < LEAST_WINDOW:
        mend = f"start the server with {LEAST_WINDOW:,} tokens or more"
        return Finding(what, "note", f"{window:,} tokens are few to remember with", mend)
    return Finding(what, "ok", f"{window:,} tokens")


def _vectors(seen: Inspection | None) -> Iterator[Finding]:
    """Whether there is somewhere to keep them."""
    if seen and not seen.vector:
        mend = "install pgvector in Postgres; the image pgvector/pgvector:pg18 brings it"
        yield Finding("vectors", "wrong", "NELLIE_EMBEDDINGS is set without pgvector", mend)
    elif seen and not seen.usable:
        mend = "let the owner of the database run CREATE EXTENSION vector in it"
        yield Finding("vectors", "wrong", "pgvector is there, but not switched on", mend)


async def _embeddings(settings: Settings, seen: Inspection | None) -> AsyncIterator[Finding]:
    if not settings.embeddings:
        return
    from bot.llm.embedder import Embedder  # only here: a large library is behind it

    patient = settings.model_copy(update={"read_timeout": min(SILENCE, settings.read_timeout)})
    try:
        embedder = Embedder.configured(patient)
    except SettingsError as error:
        what = f"embedder {settings.embeddings}"
        yield Finding(what, "wrong", str(error), _to_reach(settings, error))
        return
    for finding in _vectors(seen):
        yield finding
    yield await _embedder(embedder, settings.embeddings_timeout)


async def _embedder(embedder: "Embedder", patience: float) -> Finding:
    what = f"embedder {embedder.name}"
    start = time.monotonic()
    try:
        (vector,), _ = await embedder.embed([_question().said[0].text])
    except ModelError as error:
        return Finding(what, "wrong", str(error), _to_embed(error))
    finally:
        await embedder.close()
    took = time.monotonic() - start
    told = f"it answers, after {took:.1f} s, with {len(vector):,} numbers"
    if took > patience:
        mend = (
            "raise NELLIE_EMBEDDINGS_TIMEOUT, or give it a faster machine: questions wait no more"
        )
        return Finding(what, "note", told, mend)
    return Finding(what, "ok", told)


def _to_embed(error: ModelError) -> str:
    if isinstance(error, ModelUnavailable | ModelTimeout):
        return "start the server (its log says why it does not), or correct NELLIE_EMBEDDINGS_URL"
    if isinstance(error, ModelRejected):
        if _is_about_the_key(error):
            return "correct NELLIE_EMBEDDINGS_KEY, or OPENAI_API_KEY where the server is OpenAI's"
        return "correct the name in NELLIE_EMBEDDINGS, or NELLIE_EMBEDDINGS_URL"
    if isinstance(error, ModelOverloaded):
        return "wait, or give it more room: until then, words alone find old messages"
    return "NELLIE_EMBEDDINGS_URL should lead to a server with /v1/embeddings: see docs/memory.md"


def _is_about_the_key(error: ModelError) -> bool:
    said = str(error.details["reason"]).lower()
    return any(word in said for word in ("key", "auth", "401", "quota"))


async def _platforms(environ: Environment, database: Database | None) -> AsyncIterator[Finding]:
    served = False
    for name in plugins.names("adapter"):
        try:
            adapter: Adapter | None = plugins.load("adapter", name).configured(environ)
        except NellieError as error:
            served = True
            mend = f"correct it; docs/{name}.md says where it comes from"
            yield Finding(name, "wrong", str(error), mend)
            continue
        if adapter:
            served = True
            async for finding in _platform(adapter, database):
                yield replace(finding, name=f"{name}, {finding.name}")
    if not served:
        said, _, mend = NO_PLATFORM.partition(": ")
        yield Finding("platforms", "wrong", said, mend)


async def _platform(adapter: Adapter, database: Database | None) -> AsyncIterator[Finding]:
    well = True
    async for finding in adapter.checks():
        well = well and finding.state != "wrong"
        yield finding
    if not (well and database):
        return
    at = await heard(database, adapter.name)
    if at:
        yield Finding("last heard", "ok", f"{at:%Y-%m-%d %H:%M} UTC")
    else:
        mend = "with `nellie run` running, mention her in a channel; then look again"
        yield Finding("last heard", "note", "nothing yet", mend)
