"""Links of messages, compared with those that are remembered. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.model import Message

LONGEST = 2_000  # characters of an address


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it was typed."""

    written: str
    site: str
    """The last two parts of its host: ptb.discord.com is discord.com too."""
    path: str
    """Without what follows a question mark: how a message is to be shown."""

    def is_of(self, link: str) -> bool:
        """Whether a message's link leads to the same place."""
        other = read_address(link)
        return bool(other and (other.site, other.path) == (self.site, self.path))

    def is_of_thread(self, message: Message) -> bool:
        """Whether it is the thread's own, in which a message stands."""
        other = read_address(message.link)
        inside = bool(other and other.site == self.site and other.path.startswith(f"{self.path}/"))
        return inside and bool(message.thread) and self.path.endswith(f"/{message.thread}")

    def is_beside(self, link: str) -> bool:
        """Whether a message's link is of the same site."""
        other = read_address(link)
        return bool(other and other.site == self.site)


def read_address(typed: str) -> Address | None:
    """What was typed, where it is one web address and nothing else."""
    bare = typed.strip().removeprefix("<").removesuffix(">")
    if len(bare) > LONGEST or len(bare.split()) != 1 or "://" not in bare:
        return None
    try:
        parts = urlsplit(bare)
        host = parts.hostname
    except ValueError:  # such as http://[
        return None
    path = parts.path.rstrip("/")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    return Address(bare, ".".join(host.split(".")[-2:]), path)
