"""Where the endpoint listens, and whose web pages may call it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bot.domain.errors import SettingsError

NAME, CORS = "NELLIE_API", "NELLIE_API_CORS"
THIS_MACHINE = "127.0.0.1"
_HOST = re.compile(r"[\w.-]*|\[[\da-fA-F:.]+(%\w+)?\]|[\da-fA-F]*::?[\da-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Address and origins."""

    host: str
    port: int
    origins: frozenset[str] = frozenset()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """The settings; None where none are set. Raises SettingsError."""
        address = environ.get(NAME, "").strip()
        if not address:
            return None
        host, _, port = address.rpartition(":")
        is_port = port.isascii() and port.isdecimal() and 0 < int(port) < 65_536
        if not (is_port and _HOST.fullmatch(host)):
            raise SettingsError(name=NAME, reason="write host:port, for example 127.0.0.1:8081")
        origins = (origin.strip().rstrip("/") for origin in environ.get(CORS, "").split(","))
        found = frozenset(filter(None, origins))
        for origin in found - {"*"}:
            if not origin.startswith(("http://", "https://")):
                reason = f"{origin[:80]} is no origin: write https://chat.example.org"
                raise SettingsError(name=CORS, reason=reason)
        return cls(host.strip("[]") or THIS_MACHINE, int(port), found)

    @property
    def address(self) -> str:
        """As people write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What programs are given."""
        return f"http://{self.address}/v1"
