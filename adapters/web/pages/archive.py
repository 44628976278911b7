"""A channel's memory as a file: taken out, and brought in."""

from aiohttp import web

from adapters.web.headers import KEEP_NOTHING
from adapters.web.multipart import NO_FORM, drain, parts_of
from adapters.web.pages.rooms import CHANNEL, Room, number
from bot.domain.errors import NellieError
from bot.domain.page import Visitor

ARCHIVE = f"{CHANNEL}/archive"
LONGEST_NAME = 1_000  # bytes of a channel's name


class ArchivePages(Room):
    """Export and import."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(ARCHIVE, self.signed_in(self.archive)),
            web.post(f"{CHANNEL}/export", self.signed_in(self.export)),
            web.post(f"{CHANNEL}/import", self.signed_in(self.bring)),
        ]

    async def archive(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What may be done, and how far an import is."""
        found = await self.page.archiving.archive(visitor, number(request, "channel") or 0)
        return self.answers.show(request, "channel_archive.html", visitor, found=found)

    async def export(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        """All that is remembered, as it is read: nothing of it is held."""
        channel_id = number(request, "channel") or 0
        lines = await self.page.archiving.export(visitor, channel_id)
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/jsonl; charset=utf-8",
                "Content-Disposition": f'attachment; filename="nellie-{channel_id}.jsonl"',
                "Cache-Control": KEEP_NOTHING,
            }
        )
        await response.prepare(request)
        try:
            async for some in lines:
                await response.write(some.encode())
        except Exception as error:  # a file that only looks whole would be worse than none
            if request.transport:
                request.transport.abort()
            raise ConnectionAbortedError from error
        await response.write_eof()
        return response

    async def bring(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Take an archive; it comes in behind this answer."""
        channel_id, which = number(request, "channel") or 0, ""
        async for part in parts_of(request):
            if part.name == "which":
                which = await part.text(LONGEST_NAME)
            elif part.name == "file" and part.is_file:
                try:
                    await self.page.archiving.bring(
                        visitor,
                        channel_id,
                        name=part.filename or "",
                        which=which,
                        pieces=part.pieces(),
                    )
                except NellieError:
                    await drain(request)  # else a browser that is still sending never reads why
                    raise
                return self.answers.go(request, f"/channels/{channel_id}/archive")
        raise web.HTTPBadRequest(reason=f"{NO_FORM} No file was chosen.")
