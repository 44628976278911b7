"""What people do on Discord."""

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from aiohttp import web
from doubles.discord_server.faults import Faults
from doubles.discord_server.guild import (
    JSON,
    PRIVATE_THREAD,
    REPLY,
    TEXT,
    THREAD,
    Channel,
    Post,
    Role,
    User,
    mentions,
    snowflake,
)
from doubles.discord_server.interaction import CALL, COMPLETE, PRESS, SUBMIT, Interaction
from doubles.discord_server.interactions import Interactions
from doubles.discord_server.messages import Messages
from doubles.discord_server.world import World

PIECE = 65_536  # bytes of an attachment at a time
TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown",
    "py": "text/x-python",
    "pdf": "application/pdf",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
}


class People:
    """Everything here is done at once, and the bot hears of it as it would from Discord."""

    bot: User
    world: World
    messages: Messages
    interactions: Interactions
    faults: Faults
    origin: str
    file_requests: list[str]
    """The addresses that attachments were asked for at, without the host."""
    served = 0
    """So many bytes of attachments were taken, about."""
    signature = 1
    """That of the addresses of attachments which are good now."""
    stated_sizes: Mapping[str, object] = MappingProxyType({})
    """By the name of a file: its size in messages, where that is not the true one."""

    def person(self, name: str, *, manages: bool = False, bot: bool = False) -> User:
        """Somebody new; `bot` is another bot."""
        user = User(name, manages, bot)
        self.world.users[user.id] = user
        return user

    def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        to: Post | None = None,
        ping: bool = True,
        kind: int = 0,
        webhook: bool = False,
        files: dict[str, bytes] | None = None,
        id: str = "",
        **more: Any,
    ) -> Post:
        """Say something, in reply `to` a message, which pings its author unless told not to.

        `kind` makes it a system message; `webhook` says it through one; `more` goes into it.
        """
        named = [self.world.users[one] for one in mentions(text) if one in self.world.users]
        if to and ping and to.author not in named:
            named.append(to.author)
        post = Post(
            channel,
            user,
            text,
            kind or (REPLY if to else 0),
            to,
            mentioned=named,
            everyone="@everyone" in text,
            id=id or snowflake(),
            application=user.id if webhook else "",
            more=more,
        )
        post.attachments = [self._file(name, content) for name, content in (files or {}).items()]
        return self.world.add(post)

    def dm(self, user: User, text: str, **more: Any) -> Post:
        """Say something to the bot alone."""
        return self.say(user, self.world.direct(user), text, **more)

    def edit(self, post: Post, text: str, *, without: str = "") -> None:
        """Rewrite a message, and take a file from it by its name."""
        post.attachments = [one for one in post.attachments if one["filename"] != without]
        post.rewrite(text)
        self.world.changed(post)

    def unfurl(self, post: Post) -> None:
        """A link preview appears: a MESSAGE_UPDATE that is no edit."""
        post.embeds = [{"type": "link", "url": "https://example.org", "title": "Example"}]
        self.world.changed(post)

    def delete(self, *posts: Post) -> None:
        """Delete a message, or several at once."""
        if len(posts) == 1:
            self.world.remove(posts[0])
            return
        for post in posts:
            post.deleted = True
        channel = posts[0].channel
        data = {"ids": [post.id for post in posts], "channel_id": channel.id}
        self.world.gateway.emit("MESSAGE_DELETE_BULK", data | self.world.where(channel))

    def thread(self, user: User, on: Post | Channel, name: str = "a thread") -> Channel:
        """A public thread, from a message or in a channel."""
        parent = on.channel if isinstance(on, Post) else on
        id = on.id if isinstance(on, Post) else snowflake()
        thread = Channel(name, parent.guild, THREAD, parent, user, id)
        return self.messages.threaded(thread)

    def private_thread(self, user: User, parent: Channel, name: str = "in private") -> Channel:
        """A private thread, of which the bot is a member."""
        return self.messages.threaded(Channel(name, parent.guild, PRIVATE_THREAD, parent, user))

    def publish(self, user: User, forum: Channel, text: str, name: str = "a post") -> Post:
        """A post in a forum: a thread whose first message has its id."""
        thread = self.messages.threaded(Channel(name, forum.guild, THREAD, forum, user))
        return self.say(user, thread, text, id=thread.id)

    def open(self, name: str, kind: int = TEXT) -> Channel:
        """A new channel."""
        channel = self.world.open(Channel(name, self.world.guild, kind))
        self.world.gateway.emit("CHANNEL_CREATE", channel.json())
        return channel

    def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        self._updated(channel)

    def remove(self, channel: Channel) -> None:
        """The channel or thread is deleted."""
        channel.removed = True
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.world.gateway.emit(event, channel.json())

    def show_out(self) -> None:
        """The bot is shown out of the server."""
        self.world.invited = False
        self.world.gateway.emit("GUILD_DELETE", {"id": self.world.guild})

    def break_down(self) -> None:
        """The server has an outage: it is there, and nothing of it can be seen."""
        self.world.gateway.emit("GUILD_DELETE", {"id": self.world.guild, "unavailable": True})

    def invite(self) -> None:
        """The bot is brought in (again), or the outage is over."""
        self.world.invited = True
        self.world.gateway.emit("GUILD_CREATE", self.world.guild_json() | {"unavailable": False})

    def forbid(self, channel: Channel, *, notify: bool = True) -> None:
        """The bot may not send there any more; `notify` sends it the new permissions."""
        channel.forbidden = True
        if notify:
            self._updated(channel)

    def conceal(self, channel: Channel, *, notify: bool = True) -> None:
        """The bot may not read history there any more; `notify` sends it the new permissions."""
        channel.concealed = True
        if notify:
            self._updated(channel)

    def permit(self, channel: Channel) -> None:
        """It may again, and is told."""
        channel.forbidden = False
        self._updated(channel)

    def deny(self, user: User, channel: Channel, permissions: int) -> None:
        """A person may not do this in a channel."""
        channel.denied[user.id] = permissions
        self._updated(channel)

    def leave(self, user: User) -> None:
        """A person leaves the server: without the members intent, nobody tells the bot."""
        del self.world.users[user.id]

    def slash(self, user: User, channel: Channel, name: str, /, **options: Any) -> Interaction:
        """A slash command as the bot registered it: "ask", or "memory search" with its group.

        A file among the options is a pair of its name and content; a person or a role may be one.
        """
        files = {key: self._file(*one) for key, one in options.items() if isinstance(one, tuple)}
        for file in files.values():  # no message shows it
            file["url"] = file["url"].replace("/files/", "/ephemeral-attachments/")
        named = [one for one in options.values() if isinstance(one, User | Role)]
        ids = {key: one.id for key, one in options.items() if isinstance(one, User | Role)}
        given = options | ids | {key: one["id"] for key, one in files.items()}
        data = self._called(user, name, given)
        if files:
            data["resolved"] = {"attachments": {one["id"]: one for one in files.values()}}
        if named:
            data["resolved"] = _resolved(named)
        return self.interactions.begin(Interaction(user, channel, CALL, data))

    def menu(self, user: User, name: str, on: Post) -> Interaction:
        """An entry of a message's menu."""
        command = self._command(name, 3)
        resolved = {"messages": {on.id: on.json()}}
        data = {"id": command["id"], "name": name, "type": 3, "target_id": on.id}
        return self.interactions.begin(
            Interaction(user, on.channel, CALL, data | {"resolved": resolved})
        )

    def press(self, user: User, post: Post, label: str) -> Interaction:
        """A button, by what is written on it."""
        assert label in post.buttons, f"there is no {label!r} among {list(post.buttons)}"
        data = {"custom_id": post.buttons[label], "component_type": 2}
        return self.interactions.begin(Interaction(user, post.channel, PRESS, data, post))

    def submit(self, interaction: Interaction, **fields: str) -> Interaction:
        """Fill in the modal that an interaction has opened."""
        assert interaction.modal, "no modal was opened"
        rows = [
            {"type": 1, "components": [{"type": 4, "custom_id": id, "value": value}]}
            for id, value in fields.items()
        ]
        data = {"custom_id": interaction.modal["custom_id"], "components": rows}
        return self.interactions.begin(
            Interaction(interaction.user, interaction.channel, SUBMIT, data)
        )

    def complete(self, user: User, channel: Channel, name: str, /, **options: Any) -> Interaction:
        """Type the last of these options; its choices come as `choices`."""
        data = self._called(user, name, options)
        typed = data
        while "options" in typed:
            typed = typed["options"][-1]
        typed["focused"] = True
        return self.interactions.begin(Interaction(user, channel, COMPLETE, data))

    def expire_files(self) -> None:
        """Every address of an attachment is refused; its message says another one."""
        former, self.signature = f"hm={self.signature}", self.signature + 1
        for post in self.world.posts.values():
            shown = [one["message"] for one in post.more.get("message_snapshots", ())]
            for file in [
                *post.attachments,
                *(one for each in shown for one in each["attachments"]),
            ]:
                for name in ("url", "proxy_url"):
                    file[name] = file[name].replace(former, f"hm={self.signature}")

    async def serve_file(self, request: web.Request) -> web.StreamResponse:
        """An attachment's content; of a picture, in the size that is asked for."""
        self.file_requests.append(request.path_qs)
        content = self._files.get(request.match_info["id"])
        if fault := self.faults.next(f"GET {request.path}"):
            if fault.kind == "lost":
                assert request.transport
                request.transport.abort()
            return web.Response(status=int(fault.kind) if fault.kind.isdecimal() else 500)
        if content is None or request.query.get("hm") != str(self.signature):
            return web.Response(status=404, text="This content is no longer available.")
        if "width" in request.query:
            content = f"{request.query['width']}x{request.query['height']}".encode()
        response = web.StreamResponse()
        ending = request.match_info["name"].rpartition(".")[2]
        response.content_type = TYPES.get(ending, "application/octet-stream").partition(";")[0]
        await response.prepare(request)
        with suppress(ConnectionError):  # whoever reads it may have seen enough
            for first in range(0, len(content), PIECE):
                await response.write(content[first : first + PIECE])
                self.served += PIECE
        return response

    @property
    def _files(self) -> dict[str, bytes]:
        return self.__dict__.setdefault("_contents", {})  # type: ignore[no-any-return]

    def _file(self, name: str, content: bytes) -> JSON:
        id = snowflake()
        self._files[id] = content
        url = f"http://{self.origin}/files/{id}/{name}?ex=ffffffff&hm={self.signature}"
        return {
            "id": id,
            "filename": name,
            "size": self.stated_sizes.get(name, len(content)),
            "url": url,
            "proxy_url": url,
            "content_type": TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
        }

    def _updated(self, channel: Channel) -> None:
        event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
        self.world.gateway.emit(event, channel.json())

    def _command(self, name: str, kind: int) -> JSON:
        found = [one for one in self.world.commands if (one["name"], one["type"]) == (name, kind)]
        assert found, f"no {name!r} among {[one['name'] for one in self.world.commands]}"
        return found[0]

    def _called(self, user: User, name: str, options: JSON) -> JSON:
        first, *path = name.split()
        command = self._command(first, 1)
        needed = int(command["default_member_permissions"] or 0)
        assert user.permissions & needed == needed, f"/{first} is not shown to {user.name}"
        known = command["options"]
        groups = []
        for step in path:
            group = next(one for one in known if one["name"] == step)
            known = group.get("options") or []
            groups.append(group)
        given: list[JSON] = [_option(known, key, value) for key, value in options.items()]
        for group in reversed(groups):
            given = [{"name": group["name"], "type": group["type"], "options": given}]
        return {"id": command["id"], "name": first, "type": 1, "options": given}


def _resolved(named: list[User | Role]) -> JSON:
    """What Discord says of the people and roles that an interaction names."""
    users = [one for one in named if isinstance(one, User)]
    return {
        "users": {one.id: one.json() for one in users},
        "members": {one.id: one.member() | {"permissions": "0"} for one in users},
        "roles": {one.id: one.json() for one in named if isinstance(one, Role)},
    }


def _option(known: list[JSON], name: str, value: Any) -> JSON:
    found = next((one for one in known if one["name"] == name), None)
    assert found, f"no option {name!r} among {[one['name'] for one in known]}"
    return {"name": name, "type": found["type"], "value": value}
