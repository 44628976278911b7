"""Where the endpoint listens, and whose web pages may call it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from adapters.kit.listening import Place
from bot.domain.errors import SettingsError

NAME, CORS = "NELLIE_API", "NELLIE_API_CORS"
EXAMPLE = 8081  # a port


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Address and origins."""

    place: Place
    origins: frozenset[str] = frozenset()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings; None where none are set. Raises SettingsError."""
        address = environ.get(NAME, "").strip()
        if not address:
            return None
        place = Place.parse(NAME, address, EXAMPLE)
        origins = (origin.strip().rstrip("/") for origin in environ.get(CORS, "").split(","))
        found = frozenset(filter(None, origins))
        for origin in found - {"*"}:
            if not origin.startswith(("http://", "https://")):
                reason = f"{origin[:80]} is no origin: write https://chat.example.org"
                raise SettingsError(name=CORS, reason=reason)
        return cls(place, found)

    @property
    def base_url(self) -> str:
        """What programs are given."""
        return f"http://{self.place}/v1"
