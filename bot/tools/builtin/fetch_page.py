"""fetch_page: what stands on a web page that somebody named here, or that the search found."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.store.search import Search
from bot.store.searched_addresses import SearchedAddresses
from bot.tools.arguments import Arguments
from bot.tools.builtin.tool import Told, schema, text_of

if TYPE_CHECKING:
    from bot.tools.web.fetching import Fetcher

LONGEST = 2_000  # characters of an address

TOOL = Tool(
    name="fetch_page",
    description="Opens a public web page and returns its main text as a quote. Only addresses that"
    " a person wrote in this channel or that web_search returned, exactly as they stand there.",
    schema=schema(
        ("address",),
        address=text_of("The address, with https://."),
        part={"type": "integer", "description": "Which part of a long page; the first is 1."},
    ),
    status="reading a web page",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPage:
    """Opens a page. What stands there is a quote, whatever it asks for."""

    search: Search
    searched: SearchedAddresses
    fetcher: "Fetcher | None" = None
    """What opens pages; None for what usually does."""
    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """The page's title and text. Raises ToolFailed."""
        from bot.tools.web.opening import Opening  # only here: a library of 8 MB is behind it

        opening = Opening.on(self.search, self.searched, self.fetcher)
        address = arguments.required("address", LONGEST)
        return Told(await opening.open(address, arguments.number("part", 1, 1, 1_000), context))
