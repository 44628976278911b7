"""What happens to files after they were posted: deleted, rewritten, described late."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapters.slack.file_details import describe_stubs
from adapters.slack.files import is_rewritable, is_stub
from adapters.slack.web_api import WebApi
from adapters.slack.workspace import Workspace
from bot.domain.errors import NellieError
from bot.domain.model import Message
from bot.domain.ports import Inbox
from bot.text.json_fields import read_field

DESCRIBED_WITHIN = 0.8  # seconds that accepting a message waits for what a stub stands for
ASKED_WITHIN = 1.5  # and that an event waits for whether a file can change

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileEvents:
    """Handles the events of files by their type."""

    workspace: Workspace
    inbox: Inbox

    async def deleted(self, event: Fields) -> None:
        """Somebody deleted a file, wherever it was posted."""
        team = self.workspace.identity.team_id
        await self.inbox.file_deleted("slack", team, read_field(event, "file_id", str))

    async def changed(self, event: Fields) -> None:
        """Somebody wrote in a canvas, or in a snippet; or Slack has made a preview of a file."""
        file_id = read_field(event, "file_id", str)
        if await _may_have_changed(self.workspace.api, file_id):
            await self.inbox.file_changed("slack", self.workspace.identity.team_id, file_id)

    async def described(self, fields: Fields) -> Fields:
        """A message with what Slack says of its files in a moment."""
        files = await describe_stubs(self.workspace.api, fields["files"], DESCRIBED_WITHIN)
        return {**fields, "files": files}

    def describe_later(self, fields: Fields, read: Callable[[Fields], Awaitable[Message]]) -> None:
        """Find out what stubs stand for that Slack said nothing of in time."""
        if any(map(is_stub, fields["files"])):
            self.workspace.background.start(self._describe(fields, read), "files of a message")

    async def _describe(self, fields: Fields, read: Callable[[Fields], Awaitable[Message]]) -> None:
        files = await describe_stubs(self.workspace.api, fields["files"])
        if files == fields["files"]:
            return
        message = await read({**fields, "files": files})
        at = message.edited_at or message.at  # what was edited since then stays
        await self.inbox.edited(message.channel, message.id, message.text, at, message.files)


async def _may_have_changed(api: WebApi, file_id: str) -> bool:
    """False where Slack says that it is a file which stays as it was uploaded."""
    try:
        async with asyncio.timeout(ASKED_WITHIN):
            answer = await api.read("files.info", file=file_id)
        return is_rewritable(read_field(answer, "file", dict))
    except (NellieError, TimeoutError, ValueError):
        return True
