"""Templates as answers, with what each page needs: who looks, where, and in which look."""

import gzip
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from adapters.web.cookies import Cookies
from adapters.web.guards import may_be_squeezed
from adapters.web.headers import KEEP_NOTHING
from adapters.web.rendering import Renderer
from bot.domain.page import Visitor

SQUEEZED = 4  # how hard: a page takes a millisecond, and no thread
SMALL = 1_000  # bytes that are not worth squeezing
SIGN_IN = "/sign-in"


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes pages."""

    renderer: Renderer
    cookies: Cookies

    def show(
        self,
        request: web.Request,
        template: str,
        visitor: Visitor | None = None,
        *,
        status: int = 200,
        here: str = "",
        **values: Any,
    ) -> web.Response:
        """A page, or a part of one."""
        text = self.renderer.render(
            template,
            visitor=visitor,
            theme=self.cookies.theme(request),
            path=request.path,
            here=here,
            **values,
        )
        body, headers = text.encode(), {"Cache-Control": KEEP_NOTHING}
        if len(body) > SMALL and _takes_squeezed(request):
            body = gzip.compress(body, SQUEEZED, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return web.Response(
            body=body, content_type="text/html", charset="utf-8", status=status, headers=headers
        )

    def part(self, template: str, **values: Any) -> str:
        """A part of a page alone, as an event brings it."""
        return self.renderer.render(template, **values)

    def go(self, request: web.Request, path: str) -> web.Response:
        """Somewhere else; a part of a page cannot, and lets the whole one."""
        if is_part(request):
            return web.Response(status=204, headers={"HX-Redirect": path})
        return web.Response(status=303, headers={"Location": path, "Cache-Control": KEEP_NOTHING})


def is_part(request: web.Request) -> bool:
    """Whether the page's script asks for a part of a page that is there already."""
    return bool(request.headers.get("HX-Request"))


def _takes_squeezed(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "") and may_be_squeezed(request.headers)
