"""Where the page listens, and by which names people reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from adapters.kit.listening import THIS_MACHINE, Place
from bot.domain.errors import SettingsError

NAME, URL = "NELLIE_WEB", "NELLIE_WEB_URL"
EXAMPLE = 8082  # a port


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Address, and what stands before it."""

    place: Place
    url: str = ""
    """How people reach it, where that is not the address itself: https://nellie.example.org."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings; None where none are set. Raises SettingsError."""
        address = environ.get(NAME, "").strip()
        if not address:
            return None
        url = environ.get(URL, "").strip().rstrip("/")
        if url and not _is_origin(url):
            reason = "write how people reach the page, without a path: https://nellie.example.org"
            raise SettingsError(name=URL, reason=reason)
        return cls(Place.parse(NAME, address, EXAMPLE), url)

    @property
    def base_url(self) -> str:
        """Where people find it."""
        return self.url or self.at_port(self.place.port)

    def at_port(self, port: int) -> str:
        """The same on this machine, at the port where it listens."""
        return f"http://{Place(THIS_MACHINE if self.place.is_open else self.place.host, port)}"

    @property
    def is_secure(self) -> bool:
        """People reach it by https."""
        return self.url.startswith("https:")

    @property
    def names(self) -> frozenset[str]:
        """The names of machines by which it is reached."""
        named = urlsplit(self.url).hostname or ""
        return frozenset(filter(None, ("localhost", self.place.host.lower(), named)))


def _is_origin(url: str) -> bool:
    """Scheme, host and perhaps a port, and nothing else."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and "@" not in parts.netloc and parts == SplitResult(*parts[:2], "", "", "")
