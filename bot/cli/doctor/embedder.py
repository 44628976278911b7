"""What the examination finds of the embedder, and of where its vectors are kept."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from bot.cli.doctor.probing import QUESTION, is_about_the_key, with_short_timeout
from bot.config.settings import Settings
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
from bot.store.diagnostics import Diagnostics

if TYPE_CHECKING:
    from bot.llm.embedding.embedder import Embedder


async def examine_embedder(
    settings: Settings, diagnostics: Diagnostics | None
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
    yield await _answer(embedder, settings.embeddings_timeout)


def _vectors(diagnostics: Diagnostics | None) -> Iterator[Finding]:
    """Whether the database can keep vectors."""
    if diagnostics and not diagnostics.vector:
        mend = "install pgvector in Postgres; the image pgvector/pgvector:pg18 brings it"
        yield Finding("vectors", "wrong", "NELLIE_EMBEDDINGS is set without pgvector", mend)
    elif diagnostics and not diagnostics.usable:
        mend = "let the owner of the database run CREATE EXTENSION vector in it"
        yield Finding("vectors", "wrong", "pgvector is there, but not switched on", mend)


async def _answer(embedder: "Embedder", patience: float) -> Finding:
    label = f"embedder {embedder.name}"
    start = time.monotonic()
    try:
        (vector,), _ = await embedder.embed([QUESTION])
    except ModelError as error:
        return Finding(label, "wrong", str(error), _to_get_an_answer(embedder.name, error))
    finally:
        await embedder.close()
    seconds = time.monotonic() - start
    what = f"it answers, after {seconds:.1f} s, with {len(vector):,} numbers"
    if seconds > patience:
        mend = (
            "raise NELLIE_EMBEDDINGS_TIMEOUT, or give it a faster machine: questions wait no more"
        )
        return Finding(label, "note", what, mend)
    return Finding(label, "ok", what)


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
