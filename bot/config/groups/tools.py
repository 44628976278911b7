"""Settings of the tools that a model may call."""

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from bot.config.groups.base import Group


class ToolSettings(Group):
    """What the tools need; which of them are on, each channel says with /tools."""

    title: ClassVar[str] = "Tools"

    searxng: str | None = Field(
        None,
        description="Address of a SearXNG that searches the web for web_search; json has to be"
        " among search.formats in its settings.yml.",
    )
    brave_key: SecretStr | None = Field(
        None, description="Key of Brave's Search API, which searches the web instead."
    )

    mcp: str | None = Field(
        None,
        description="File that lists MCP servers (mcpServers), whose tools channels may switch on;"
        " needs the extra mcp.",
    )

    @field_validator("searxng")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("write an address, for example http://localhost:8888")
        return value
