"""/docs: the documents of a channel, one more by its address, and one less."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.commands.document_lines import (
    describe_content,
    describe_posts,
    document_line,
    group_posts,
    name_matches,
)
from bot.commands.forgetting import split_confirmation
from bot.commands.request import Request
from bot.documents.folders import find_files
from bot.documents.local_files import LocalFiles
from bot.domain.documents import FilePost, PostedFile
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Reply
from bot.domain.tool_errors import ToolFailed
from bot.memory.document_summaries import GONE
from bot.store.channels import Channels
from bot.store.file_edits import FileEdits
from bot.store.file_news import FileNews
from bot.store.message_edits import MessageEdits
from bot.store.posted_files import PostedFiles
from bot.store.stores import Stores
from bot.tasks.summaries import TextSummaries
from bot.text.names import plain_name
from bot.text.plurals import counted
from bot.text.sanitize import clean
from bot.tools.registry import Registry
from bot.tools.web.addresses import LONGEST, Address, read_address
from bot.tools.web.links import OPENS, file_at

SHOWN = 50  # documents of a list
LOOKED_THROUGH = 50_000  # files, for those of a name
MOST_WAITING = 50  # links of a channel that are still to be read
SUGGESTED = 5  # names, where several fit
CONSOLE = "console"  # the platform of who sits at the machine itself
NONE_YET = "I have read no document here yet. Post one, or let me read a page: /docs add https://…"
NOT_OPENED = (
    "I open no addresses here. /tools on fetch_page lets me (people with rights over this channel"
    " can say it); or post the file itself."
)
WHICH_ADDRESS = "Which page or file? For example /docs add https://example.org/terms.pdf"
SUMMARIZE_WHICH = "Which document? For example /docs summarize terms.pdf; /docs list has the names."
WHICH_NAME = "Forget which document? For example /docs forget terms.pdf; /docs list has the names."


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsCommands:
    """Lists, adds and forgets documents."""

    channels: Channels
    files: PostedFiles
    edits: FileEdits
    message_edits: MessageEdits
    news: FileNews
    registry: Registry
    local_files: LocalFiles
    texts: TextSummaries

    @classmethod
    def on(
        cls, stores: Stores, registry: Registry, local_files: LocalFiles, texts: TextSummaries
    ) -> Self:
        """On the stores of a replica."""
        return cls(
            channels=stores.channels,
            files=stores.posted_files,
            edits=stores.file_edits,
            message_edits=stores.message_edits,
            news=stores.file_news,
            registry=registry,
            local_files=local_files,
            texts=texts,
        )

    async def list(self, request: Request) -> Reply:
        """Every document, the newest first: what it is, and how far reading it is."""
        found = group_posts(await self.files.in_channel(request.state.id, limit=LOOKED_THROUGH))
        if not found:
            return Reply(NONE_YET)
        lines = [document_line(posts, request.zone) for posts in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"And {len(found) - SHOWN:,} more, which are older.")
        return Reply("\n".join([f"{counted(len(found), 'document')} here:", *lines]))

    async def add(self, request: Request) -> Reply:
        """Let what stands at an address be read, where addresses are opened.

        At the console, also files and folders: who sits there may read them anyway.
        """
        if not request.rest:
            raise CommandError(reason=WHICH_ADDRESS)
        if request.state.channel.platform == CONSOLE and "://" not in request.rest:
            return await self._add_local(request, Path(request.rest))
        if not await self.registry.is_on(request.state.id, OPENS):
            raise CommandError(reason=NOT_OPENED)
        file = file_at(_read(request.rest))
        if len(file.id) > LONGEST:
            raise CommandError(reason=f"An address has at most {LONGEST:,} characters.")
        channel_id = await self.channels.id(request.state.channel)
        await self._require_room(channel_id, file)
        await self.files.add(channel_id, [file], origin="link", author=request.person)
        self.news.come()
        return Reply(
            f"I am reading {file.address}. /docs list tells when that is done, and /docs forget"
            f" {file.shown_name} takes it out again.",
            private=False,
        )

    async def _add_local(self, request: Request, path: Path) -> Reply:
        found = await asyncio.to_thread(find_files, path)
        changes = await self.local_files.compare(request.state.id or None, found)
        channel_id = await self.channels.id(request.state.channel)
        await self.local_files.carry_out(channel_id, found.root, changes)
        lines = [f"{changes.told()}."]
        lines += [
            f"- {clean(name)}: {reason}" for name, reason in list(changes.faults.items())[:SHOWN]
        ]
        return Reply("\n".join(lines))

    async def summarize(self, request: Request) -> Reply:
        """A document in a few lines, each with its page."""
        if not request.rest:
            raise CommandError(reason=SUMMARIZE_WHICH)
        posts = await self._posts_of(request, request.rest)
        post = next((one for one in posts if one.document_id), None)
        if not post or not post.document_id:
            name, why = posts[0].file.shown_name, describe_content(posts[0])
            raise CommandError(reason=f"I cannot sum up {name}: {why}.")
        text = await self.texts.of_document(request.state, post, request.person.id)
        if not await self.files.of_documents(request.state.id, [post.document_id]):
            raise CommandError(reason=GONE.format(name=post.file.shown_name))
        return Reply(text)

    async def forget(self, request: Request) -> Reply:
        """Say what goes, and ask; once it is confirmed, forget a document."""
        name, shown = split_confirmation(request.rest)
        if not name:
            raise CommandError(reason=WHICH_NAME)
        posts = await self._posts_of(request, name)
        ours = [one for one in posts if request.privileged or one.author_id == request.person.id]
        if not ours:
            whose = ", ".join(sorted({plain_name(one.author) or "somebody" for one in posts}))
            raise NotAllowed(who=f"{whose}, who posted it, and people with rights over the channel")
        if shown != len(ours):
            confirm = f"forget {posts[0].file.shown_name} yes-{len(ours)}"
            return Reply(await self._ask(request, posts, ours), confirm=confirm)
        for post in ours:
            await self.edits.forget(request.state.id, [post.seq], post.file.id)
        noted = counted(len(ours), "post")
        return Reply(f"Forgotten: {posts[0].file.shown_name}.", noted=noted)

    async def _ask(
        self, request: Request, posts: Sequence[FilePost], ours: Sequence[FilePost]
    ) -> str:
        going = {one.document_id for one in ours if one.document_id is not None}
        staying = {one.document_id for one in posts if one not in ours}
        weight = await self.message_edits.weigh(
            request.state.id, [-document for document in going - staying]
        )
        answers = counted(weight.answers, "answer of mine", "answers of mine")
        along = f", with {answers}" if weight.answers else ""
        left = (
            f" It stays, as {counted(len(posts) - len(ours), 'other post')} of it is not yours."
            if going & staying
            else ""
        )
        message = " Messages stay." if any(one.seq for one in ours) else ""
        what = describe_posts(ours, request.zone)
        return f"This forgets {what}{along}, for good.{message}{left} Sure?"

    async def _posts_of(self, request: Request, name: str) -> Sequence[FilePost]:
        """Every post of the documents of a name. Raises CommandError for none, and for several."""
        known = await self.files.in_channel(request.state.id, limit=LOOKED_THROUGH)
        found = [one for one in known if name_matches(one, name, exactly=True)]
        found = found or [one for one in known if name_matches(one, name, exactly=False)]
        names = list(dict.fromkeys(one.file.shown_name for one in found))
        if not found:
            raise CommandError(
                reason=f"I know no document called {name[:80]} here. /docs list has the names."
            )
        if len({one.casefold() for one in names}) > 1:
            raise CommandError(reason=f"Which one: {', '.join(names[:SUGGESTED])}?")
        documents = {one.document_id for one in found} - {None}
        return [one for one in known if one in found or one.document_id in documents]

    async def _require_room(self, channel_id: int, file: PostedFile) -> None:
        """Raises CommandError where too much waits, and for what is no document by its name."""
        if file.kind != "document":
            raise CommandError(reason=f"That is a {file.kind} by its name; I read texts.")
        known = await self.files.in_channel(channel_id, limit=LOOKED_THROUGH)
        waiting = sum(one.origin == "link" and one.state == "waiting" for one in known)
        if waiting >= MOST_WAITING:
            raise CommandError(
                reason=f"{waiting} pages and files are still to be read here: add it later."
            )


def _read(written: str) -> Address:
    try:
        return read_address(written.strip("<>"))
    except ToolFailed as error:
        raise CommandError(reason=str(error)) from None
