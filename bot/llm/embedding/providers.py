"""Who serves embeddings, and in which dialect: limits, names of parameters, as documented."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.domain.errors import SettingsError
from bot.llm.providers.addresses import parse_url
from bot.llm.providers.finding import at_azure, find_provider, openai_provider, with_version
from bot.llm.providers.known import ALL, variables_prefix
from bot.llm.providers.provider import Provider

WITHOUT_NAMES = ("tei", "llamacpp")  # they serve what they were started with


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one provider takes texts."""

    texts: int = 32
    """Of one request; TEI's own limit, which no server that is known goes below."""
    tokens: int = 100_000
    """Of one request, all texts together."""
    dimensions: str = "dimensions"
    """The parameter for the size of vectors; empty where there is none."""
    encoding: str = "float"
    """How numbers are asked for; empty where that is not said."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters that say that a text is a question."""
    passage: Mapping[str, str] = field(default_factory=dict)
    """Parameters that say that a text is searched."""


_DIALECTS: dict[str, Dialect] = {
    "openai": Dialect(texts=2048, tokens=250_000),  # 300,000 by their count
    "azure": Dialect(texts=2048, tokens=250_000),
    "gemini": Dialect(texts=100, tokens=20_000),
    "vertex": Dialect(texts=5, tokens=20_000),
    "mistral": Dialect(texts=128, tokens=14_000, dimensions="output_dimension"),
    "voyage": Dialect(
        texts=1000,
        tokens=100_000,
        dimensions="output_dimension",
        encoding="",
        query={"input_type": "query"},
        passage={"input_type": "document"},
    ),
    "jina": Dialect(
        texts=512,
        encoding="",
        query={"task": "retrieval.query"},
        passage={"task": "retrieval.passage"},
    ),
    "cohere": Dialect(texts=96, dimensions=""),
    "nvidia": Dialect(
        texts=50,
        query={"input_type": "query", "truncate": "END"},
        passage={"input_type": "passage", "truncate": "END"},
    ),
    "together": Dialect(texts=128),
    "deepinfra": Dialect(texts=1024),
    "fireworks": Dialect(texts=256),
}


def find_dialect(provider: Provider) -> Dialect:
    """By the address, where that is one's own; else by the name."""
    for name, dialect in _DIALECTS.items():
        if ALL[name].url.startswith(f"https://{provider.url.host}/"):
            return dialect
    if provider.name == "openai":  # any server that speaks its protocol
        return Dialect()
    return _DIALECTS.get(provider.name, Dialect())


def find_embeddings_provider(settings: Settings) -> tuple[Provider, str]:
    """Who embeds, and by which model, as NELLIE_EMBEDDINGS and its address say.

    The name is empty where the server has one model alone. Raises SettingsError.
    """
    kind, _, name = settings.embeddings.partition("/")
    environ: Mapping[str, str] = read_environment()
    if key := settings.embeddings_key:
        own = {f"{variables_prefix(kind)}_KEY": key.get_secret_value()}
        environ = ChainMap(own, dict(environ))
    if settings.embeddings_url:
        return _at_address(settings, environ)
    if kind == "openai":
        return _openai(settings), _require(kind, name)
    provider = find_provider(kind, environ, ALL)
    if provider is None:
        reason = (
            f"there is no provider {kind} (there is: {', '.join(sorted(ALL))}); for a server of"
            f" your own set NELLIE_EMBEDDINGS_URL, or {variables_prefix(kind)}_URL"
        )
        raise SettingsError(name="NELLIE_EMBEDDINGS", reason=reason)
    return at_azure(provider, name, environ), _require(kind, name)


def _at_address(settings: Settings, environ: Mapping[str, str]) -> tuple[Provider, str]:
    """A server at NELLIE_EMBEDDINGS_URL, which gets no key but NELLIE_EMBEDDINGS_KEY."""
    kind, _, name = settings.embeddings.partition("/")
    url = parse_url("NELLIE_EMBEDDINGS_URL", settings.embeddings_url or "")
    known = ALL.get(kind)
    if known is None and not environ.get(f"{variables_prefix(kind)}_URL"):
        return Provider(name="openai", url=url, key=settings.embeddings_key), settings.embeddings
    provider = Provider(
        name=kind,
        url=with_version(url, known) if known else url,
        key=settings.embeddings_key,
        key_header=known.key_header if known else "",
    )
    return provider, _require(kind, name)


def _openai(settings: Settings) -> Provider:
    update = {"openai_api_key": settings.embeddings_key or settings.openai_api_key}
    try:
        return openai_provider(settings.model_copy(update=update))
    except SettingsError as error:
        if error.details["name"] != "OPENAI_API_KEY":
            raise
        reason = "NELLIE_EMBEDDINGS needs it, or else NELLIE_EMBEDDINGS_URL"
        raise SettingsError(name="OPENAI_API_KEY", reason=reason) from None


def _require(kind: str, name: str) -> str:
    if not name and kind not in WITHOUT_NAMES:
        raise SettingsError(name="NELLIE_EMBEDDINGS", reason=f"say which model: {kind}/<name>")
    return name
