"""Which providers this machine has settings for."""

from collections.abc import Iterable, Mapping

from bot.llm.providers.known import KNOWN, PREFIX


def find_configured(environ: Mapping[str, str], used: Iterable[str]) -> list[str]:
    """The providers in use, and those with a key, or with an address of their own."""
    found = set(used) & KNOWN.keys()
    found |= {name for name, known in KNOWN.items() if any(map(environ.get, known.keys))}
    for variable in environ:
        if variable.startswith(PREFIX) and variable.endswith("_URL") and environ[variable]:
            found.add(variable.removeprefix(PREFIX).removesuffix("_URL").lower().replace("_", "-"))
    return sorted(filter(None, found))
