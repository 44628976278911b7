"""What the examination finds of the embedder, and of where its vectors are kept."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from bot.config.settings import Settings
from bot.doctor.probing import QUESTION, is_about_the_key, with_short_timeout
from bot.domain.errors import (
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from bot.domain.ports import Finding
from bot.llm.providers.known import WITHOUT_EMBEDDINGS
from bot.store.database import Database
from bot.store.diagnostics import Diagnostics, EmbeddingDiagnostics, inspect_embeddings

if TYPE_CHECKING:
    from bot.llm.embedding.embedder import Embedder


async def examine_embedder(
    settings: Settings, diagnostics: Diagnostics | None, database: Database | None
) -> AsyncIterator[Finding]:
    """Every finding about embeddings, where they are configured."""
    if not settings.embeddings:
        return
    from bot.llm.embedding.embedder import Embedder  # only here: a large library is behind it

    try:
        embedder = Embedder.from_settings(with_short_timeout(settings))
    except SettingsError as error:
        mend = f"correct {error.details['name']}"
        yield Finding(f"embedder {settings.embeddings}", "wrong", str(error), mend)
        return
    for finding in _vectors(diagnostics):
        yield finding
    size = 0
    try:
        finding, size = await _answer(embedder, settings.embeddings_timeout)
        yield finding
    finally:
        await embedder.close()
    if size and database and diagnostics and diagnostics.usable:
        for finding in _index(await inspect_embeddings(database, embedder.space), size):
            yield finding


def _vectors(diagnostics: Diagnostics | None) -> Iterator[Finding]:
    """Whether the database can keep vectors."""
    if diagnostics and not diagnostics.vector:
        mend = "install pgvector in Postgres; the image pgvector/pgvector:pg18 brings it"
        yield Finding("vectors", "wrong", "NELLIE_EMBEDDINGS is set without pgvector", mend)
    elif diagnostics and not diagnostics.usable:
        mend = "let the owner of the database run CREATE EXTENSION vector in it"
        yield Finding("vectors", "wrong", "pgvector is there, but not switched on", mend)


def _index(kept: EmbeddingDiagnostics, size: int) -> Iterator[Finding]:
    """What will be made anew, and what gets no vector."""
    ahead = "nothing to do: it is made in the background, and words find old messages meanwhile"
    if kept.kept and kept.size != size:
        what = f"{kept.kept:,} vectors of {kept.size:,} numbers are made anew, with {size:,}"
        yield Finding("embeddings", "note", what, ahead)
    elif kept.of_others:
        what = f"{kept.of_others:,} vectors are of another model, and are made anew with this one"
        yield Finding("embeddings", "note", what, ahead)
    if kept.set_aside:
        what = f"{kept.set_aside:,} messages have no vector: this model took them in no form"
        mend = "they are found by their words; their numbers are in the log (messages_not_embedded)"
        yield Finding("embeddings", "note", what, mend)


async def _answer(embedder: "Embedder", patience: float) -> tuple[Finding, int]:
    """What it says, and how many numbers its vectors have; 0 where it gives none."""
    label = f"embedder {embedder.name}"
    start = time.monotonic()
    try:
        (vector,), _ = await embedder.embed([QUESTION])
    except ModelError as error:
        return Finding(label, "wrong", str(error), _to_get_an_answer(embedder.name, error)), 0
    seconds = time.monotonic() - start
    what = f"it answers, after {seconds:.1f} s, with {len(vector):,} numbers"
    if seconds > patience:
        mend = (
            "raise NELLIE_EMBEDDINGS_TIMEOUT, or give it a faster machine: questions wait no more"
        )
        return Finding(label, "note", what, mend), len(vector)
    return Finding(label, "ok", what), len(vector)


def _to_get_an_answer(name: str, error: ModelError) -> str:
    kind = name.partition("/")[0]
    match error:
        case ModelUnavailable() | ModelTimeout():
            return (
                "start the server (its log says why it does not), or correct NELLIE_EMBEDDINGS_URL"
            )
        case ModelRejected() if is_about_the_key(error):
            return "correct NELLIE_EMBEDDINGS_KEY, or OPENAI_API_KEY where the server is OpenAI's"
        case ModelRejected() if kind in WITHOUT_EMBEDDINGS:
            return f"{kind} serves no embeddings: take openai, ollama or another provider"
        case ModelRejected():
            return "correct the name in NELLIE_EMBEDDINGS, or NELLIE_EMBEDDINGS_URL"
        case ModelOverloaded():
            return "wait, or give it more room: until then, words alone find old messages"
    if "NELLIE_EMBEDDINGS_DIMENSIONS" in str(error):
        return "take a size that the model can have, or another model"
    return "NELLIE_EMBEDDINGS_URL should lead to a server with /v1/embeddings (TEI, Ollama, OpenAI)"
