"""What is set of providers, looked at as a whole before any of them is asked."""

from collections.abc import Container, Mapping

from bot.config.environment import FROM_FILE
from bot.domain.errors import SettingsError
from bot.llm.providers.finding import find_provider
from bot.llm.providers.known import ALL, PREFIX, variables_prefix


def check_providers(environ: Mapping[str, str], taken: Container[str]) -> None:
    """Raises SettingsError for a key without a provider, or a name that another model bears.

    `taken` has the names of models that have settings of their own.
    """
    for variable in environ:
        if not variable.startswith(PREFIX) or not environ[variable.removesuffix(FROM_FILE)]:
            continue
        written = variable.removesuffix(FROM_FILE)
        name, _, what = written.removeprefix(PREFIX).rpartition("_")
        plain = name.lower().replace("_", "-")
        if not name or what not in ("URL", "KEY", "HEADERS"):
            reason = "write NELLIE_PROVIDER_<NAME>_URL, _KEY or _HEADERS"
            raise SettingsError(name=variable, reason=reason)
        proper = f"{variables_prefix(plain)}_{what}"
        if written != proper:
            twice = f"{written} names the same provider once more; take one of them out"
            reason = twice if environ.get(proper) else f"write it so; {written} is not read"
            raise SettingsError(name=proper, reason=reason)
        if plain in taken and plain != "openai":
            reason = (
                f"there is a model {plain} already, with settings of its own; take another name"
            )
            raise SettingsError(name=variable, reason=reason)
        find_provider(plain, environ, ALL)
