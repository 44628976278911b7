"""Where a server of ours listens: host:port as operators write it, and why it cannot."""

import errno
import re
import socket
from dataclasses import dataclass
from typing import Self

from bot.domain.errors import SettingsError

THIS_MACHINE = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # what an operator may have written
_HOST = re.compile(r"[\w.-]*|\[[\da-fA-F:.]+(%\w+)?\]|[\da-fA-F]*::?[\da-fA-F:.]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port of this machine; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, name: str, written: str, example: int) -> Self:
        """What the setting of this name says. Raises SettingsError."""
        host, _, port = written.strip().rpartition(":")
        is_port = port.isascii() and port.isdecimal() and 0 < int(port) < 65_536
        if not (is_port and _HOST.fullmatch(host)):
            reason = f"write host:port, for example {THIS_MACHINE}:{example}"
            raise SettingsError(name=name, reason=reason)
        return cls(host.strip("[]") or THIS_MACHINE, int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it."""
        return self.host in EVERYWHERE

    def explain(self, name: str, error: OSError) -> SettingsError:
        """Why it cannot listen there, and what to do."""
        return SettingsError(name=name, reason=self._reason(name, error))

    def _reason(self, name: str, error: OSError) -> str:
        if isinstance(error, socket.gaierror):
            return f"no machine is known as {self.host}: write {THIS_MACHINE}:{self.port}"
        match error.errno:
            case errno.EADDRINUSE:
                return f"{self} is in use: end what listens there, or set {name} to another port"
            case errno.EACCES | errno.EPERM:
                return f"{self} may not be listened on: set {name} to a port above 1023"
            case errno.EADDRNOTAVAIL | None:  # None where asyncio tried several
                return f"{self} is no address of this machine: write {THIS_MACHINE}:{self.port}"
        return f"{self} cannot be listened on ({error.strerror}): set {name} to another address"
