"""A provider: who serves models, at which address, with which key and in which dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2
from pydantic import SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as this machine's variables have it."""

    name: str
    url: httpx2.URL
    """Its path ends in "/"; its query is sent with every request."""
    key: SecretStr | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    limit_name: str = "max_tokens"
    prefill: str = ""
    """How it goes on with a last message of the assistant's (bot.llm.openai.prefill)."""
    key_header: str = ""
    is_local: bool = False
    """A server of one's own, which may be asked how it was started."""
    url_variable: str = ""
    """Where people set its address, for messages."""
    key_variable: str = ""

    @property
    def is_openai(self) -> bool:
        """OpenAI itself, whose dialect has more words than the others'."""
        return f".{self.url.host}".endswith(".api.openai.com")

    def is_at(self, name: str, host: str) -> bool:
        """Whether it is the provider of that name, or another that leads to its host."""
        return self.name == name or self.url.host == host
