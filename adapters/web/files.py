"""A form that brings files to where one talks with her: the files go on as they come."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from adapters.web.multipart import drain, parts_of
from bot.domain.documents import PostedFile
from bot.domain.errors import NellieError
from bot.domain.page import MOST_AT_ONCE, FileRefused, Uploading, Visitor

LONGEST = 100  # characters of a name in an error
MANY = f"at most {MOST_AT_ONCE} files come with one message"


@dataclass(frozen=True, slots=True)
class Reception:
    """Takes the files of a form for one place."""

    uploading: Uploading
    visitor: Visitor
    channel_id: int

    async def read(
        self, request: web.Request, given: dict[str, str], most: int
    ) -> list[PostedFile]:
        """The files, all of them or none; the fields before them stand in `given` by then.

        `most` is the bytes of a field. Raises FileRefused, and whatever ends a request.
        """
        files: list[PostedFile] = []
        try:
            async for part in parts_of(request):
                if part.filename is None:
                    given[part.name] = await part.text(most)
                elif part.is_file:
                    if len(files) == MOST_AT_ONCE:
                        raise FileRefused(name=part.filename[:LONGEST], reason=MANY)
                    taken = await self.uploading.take(
                        self.visitor,
                        self.channel_id,
                        part.filename,
                        part.media_type,
                        part.pieces(),
                    )
                    files.append(taken)
        except BaseException as error:
            await asyncio.shield(self.let_go(files))
            if isinstance(error, NellieError):
                await drain(request)  # else a browser that is still sending never reads why
            raise
        return files

    async def let_go(self, files: list[PostedFile]) -> None:
        """Of a message that was not said."""
        await self.uploading.let_go(self.channel_id, files)
