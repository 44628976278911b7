"""What is set of providers, looked at as a whole before any of them is asked."""

from collections.abc import Container, Iterator, Mapping

from bot.config.environment import FROM_FILE
from bot.domain.errors import SettingsError
from bot.llm.providers.finding import find_provider
from bot.llm.providers.known import ALL, PREFIX, variables_prefix


def check_providers(environ: Mapping[str, str], taken: Container[str]) -> None:
    """Raises SettingsError for the first variable of a provider that is wrong."""
    for error in find_wrong(environ, taken):
        raise error


def find_wrong(environ: Mapping[str, str], taken: Container[str]) -> Iterator[SettingsError]:
    """What is wrong with the variables of providers, one error each.

    `taken` has the names of models that have settings of their own.
    """
    for variable in environ:
        if not variable.startswith(PREFIX) or not environ[variable.removesuffix(FROM_FILE)]:
            continue
        name, _, what = variable.removesuffix(FROM_FILE).removeprefix(PREFIX).rpartition("_")
        plain = name.lower().replace("_", "-")
        if reason := _misnamed(plain, what, taken):
            yield SettingsError(name=variable, reason=reason)
        elif error := _miswritten(variable, f"{variables_prefix(plain)}_{what}", environ):
            yield error
        else:
            try:
                find_provider(plain, environ, ALL)
            except SettingsError as error:
                yield error


def _misnamed(name: str, what: str, taken: Container[str]) -> str:
    if not name.strip("-") or what not in ("URL", "KEY", "HEADERS"):
        return "write NELLIE_PROVIDER_<NAME>_URL, _KEY or _HEADERS"
    if name in taken and name != "openai":
        return f"there is a model {name} already, with settings of its own; take another name"
    return ""


def _miswritten(variable: str, proper: str, environ: Mapping[str, str]) -> SettingsError | None:
    """An error for the same name in other letters."""
    written = variable.removesuffix(FROM_FILE)
    if written == proper:
        return None
    twice = f"{written} names the same provider once more; take one of them out"
    reason = twice if environ.get(proper) else f"write it so; {written} is not read"
    return SettingsError(name=proper, reason=reason)
