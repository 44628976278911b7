"""Whether MCP servers are configured, and can be used here."""

from typing import TYPE_CHECKING

import structlog

from bot.config.extras import how_to_install
from bot.tools.mcp.file import read_file

if TYPE_CHECKING:
    from bot.tools.mcp.source import McpServers

NOT_INSTALLED = (
    "NELLIE_MCP is set, and the library for MCP servers is not installed. Run: {command}"
)

log = structlog.get_logger(__name__)


def find_servers(path: str | None) -> "McpServers | None":
    """The servers of NELLIE_MCP; None without it, or without the library. Nothing is opened."""
    if not path:
        return None
    if not is_installed():
        log.warning("mcp_file", problem=NOT_INSTALLED.format(command=how_to_install("mcp")))
        return None
    from bot.tools.mcp.source import McpServers  # only here: a large library is behind it

    return McpServers(read_file(path))


def is_installed() -> bool:
    """Whether the extra `mcp` is there."""
    try:
        import mcp  # noqa: F401
    except ImportError:
        return False
    return True
