"""Addresses of web pages: read strictly where they are opened, and found where people write them.

An address that two programs could read in two ways is refused.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from yarl import URL

from bot.domain.tool_errors import ToolFailed

LONGEST = 2_000  # characters
PORTS = {"http": 80, "https": 443}
_STRANGE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_AUTHORITY = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_WRITTEN = re.compile(
    r"(?:https?://|(?<![\w@/.:-])(?=(?:[\w-]+\.)+[^\W\d_]{2,}))[^\s<>\"`|\\^{}\x00-\x20]{3,2000}",
    re.IGNORECASE,
)
_BEHIND_IN_CHINESE = "。、，！？：；」』）】》"
_LINK = re.compile(r"https?://[^\s<>\"`|\\^{}\x00-\x20]{3,2000}", re.IGNORECASE)
_BEHIND = ".,;:!?'’”»)]}*_~…"
"""What may stand behind an address and be no part of it."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be asked for, if who answers there may be reached."""

    scheme: str
    host: str
    """In ASCII and lower case; an address of the internet where it was written as one."""
    port: int
    path: str
    """With its query, as it is sent."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def netloc(self) -> str:
        """The host, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_literal(self) -> bool:
        """Whether the host is no name, but an address of the internet."""
        return _read_literal(self.host) is not None

    @property
    def key(self) -> str:
        """The same for every way to write it; http and https are one."""
        return f"{self.netloc.removeprefix('www.')}{self.path.removesuffix('/')}"

    @property
    def words(self) -> str:
        """What a message that has it has too, as the index is asked for it."""
        url = URL(str(self), encoded=True)
        return f"{url.host} {self.host} {url.path} {url.query_string}"

    def join(self, location: str) -> "Address":
        """Where a redirection leads. Raises ToolFailed."""
        try:
            joined = URL(str(self), encoded=True).join(URL(location.strip(), encoded=True))
        except ValueError:
            raise ToolFailed(reason="It leads on to an address that is none.") from None
        return read_address(str(joined))


def read_address(text: str) -> Address:
    """An address as it would be opened. Raises ToolFailed, with what is wrong."""
    text = text.strip()
    if len(text) > LONGEST:
        raise ToolFailed(reason=f"An address has at most {LONGEST:,} characters.")
    if "://" not in text and re.match(r"(?:[\w-]+\.)+\w+(?:[/?#]|$)", text):
        text = f"https://{text}"
    found = _AUTHORITY.match(text)
    if found is None:
        raise ToolFailed(reason="Only http:// and https:// addresses are opened.")
    if "@" in found[2]:
        raise ToolFailed(reason="An address with a user's name in it is not opened.")
    if _STRANGE.search(text) or "%" in found[2]:
        raise ToolFailed(reason="This is not written as an address is.")
    try:
        url = URL(text)
        host, port = (url.raw_host or "").lower().rstrip("."), url.explicit_port
    except ValueError:
        raise ToolFailed(reason="This is not written as an address is.") from None
    port = PORTS[url.scheme] if port is None else port
    if port not in PORTS.values():
        raise ToolFailed(reason="Only the ports 80 and 443 are opened.")
    return Address(url.scheme, _check_host(host), port, url.raw_path_qs)


def _check_host(host: str) -> str:
    literal = _read_literal(host)
    if literal:
        return str(literal)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # 127.1, 0x7f.1, 2130706433: programs differ about these
        raise ToolFailed(reason="An address in numbers is opened only as 93.184.216.34 is written.")
    if len(labels) < 2 or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ToolFailed(reason="This is the name of no site on the web.")
    return host


def _read_literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def find_links(text: str) -> list[Address]:
    """The addresses that a text links to, each once: without what stands behind them."""
    found: dict[str, Address] = {}
    for written in _LINK.findall(text):
        with suppress(ToolFailed):
            address = read_address(_without_end(written))
            found.setdefault(address.key, address)
    return list(found.values())


def _without_end(written: str) -> str:
    """A bracket that was opened within an address is a part of it."""
    while written[-1] in _BEHIND or written[-1] in _BEHIND_IN_CHINESE:
        if written[-1] == ")" and written.count("(") >= written.count(")"):
            break
        written = written[:-1]
    return written


def find_addresses(text: str) -> Iterator[Address]:
    """Every address that a text holds, in every way that its end may be meant."""
    for found in _WRITTEN.finditer(text):
        written = found.group()
        while written:
            with suppress(ToolFailed):
                yield read_address(written)
            if written[-1] not in _BEHIND:
                break
            written = written[:-1]
