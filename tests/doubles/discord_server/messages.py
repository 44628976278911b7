"""REST: accounts, channels, messages and threads."""

from typing import Any

from doubles.discord_server.guild import (
    FORUM,
    JSON,
    NO_EMBEDS,
    PRIVATE_THREAD,
    REPLY,
    THREAD,
    THREAD_STARTED,
    Channel,
    Post,
    moment,
    snowflake,
)
from doubles.discord_server.rest import Refusal, Request, Rest
from doubles.discord_server.world import World

LONGEST = 2_000


class Messages:
    """What a bot can do in channels."""

    def __init__(self, world: World, rest: Rest) -> None:
        self.world = world
        self.typing: list[str] = []
        """Where it was typing, once for each time."""
        self._nonces: dict[tuple[str, str], Post] = {}
        here, one = "/channels/{channel_id}", "/channels/{channel_id}/messages/{message}"
        for line, handler in {
            "GET /users/@me": self.me,
            "POST /users/@me/channels": self.direct,
            "GET /users/@me/guilds": self.servers,
            "GET /users/{user}": self.user,
            "GET /guilds/{guild}/channels": self.channels,
            "GET /guilds/{guild}/members/{user}": self.member,
            "GET /guilds/{guild}": self.server,
            "GET /applications/@me": self.application,
            "GET /oauth2/applications/@me": self.application,
            "GET /gateway/bot": self.gateway,
            f"GET {here}": self.channel,
            f"GET {here}/messages": self.history,
            f"POST {here}/messages": self.create,
            f"GET {one}": self.get,
            f"PATCH {one}": self.edit,
            f"DELETE {one}": self.delete,
            f"POST {here}/typing": self.types,
            f"POST {one}/threads": self.thread_of,
            f"POST {here}/threads": self.thread,
            f"GET {here}/threads/archived/public": self.archived,
            f"GET {here}/threads/archived/private": self.archived,
            f"PUT {here}/thread-members/@me": self.join,
            f"GET {here}/thread-members/{{user}}": self.thread_member,
            "GET /guilds/{guild}/threads/active": self.active,
        }.items():
            rest.route(line, handler)

    def me(self, request: Request) -> JSON:
        return self.world.bot.json()

    def user(self, request: Request, user: str) -> JSON:
        if user not in self.world.users:
            raise Refusal(404, 10013, "Unknown User")
        return self.world.users[user].json()

    def server(self, request: Request, guild: str) -> JSON:
        if not self.world.invited or guild != self.world.guild:
            raise Refusal(404, 10004, "Unknown Guild")
        return self.world.guild_json()

    def servers(self, request: Request) -> list[JSON]:
        """Partial ones, as Discord lists them."""
        if not self.world.invited:
            return []
        whole = self.world.guild_json()
        kept = {name: whole[name] for name in ("id", "name", "features")}
        return [kept | {"icon": None, "banner": None, "owner": False, "permissions": "0"}]

    def channels(self, request: Request, guild: str) -> list[JSON]:
        return list(self.server(request, guild)["channels"])

    def member(self, request: Request, guild: str, user: str) -> JSON:
        if user not in self.world.users:
            raise Refusal(404, 10007, "Unknown Member")
        found = self.world.users[user]
        return found.member() | {"user": found.json()}

    def application(self, request: Request) -> JSON:
        flags = self.world.welcome()[0][1]["application"]["flags"]
        return {
            "id": self.world.bot.id,
            "name": "nellie",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "00",
            "flags": flags,
            "owner": self.world.bot.json(),
            "team": None,
            "rpc_origins": [],
        }

    def gateway(self, request: Request) -> JSON:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.world.gateway.url, "shards": 1, "session_start_limit": limit}

    def direct(self, request: Request) -> JSON:
        return self.world.direct(self.world.users[str(request.body["recipient_id"])]).json()

    def channel(self, request: Request, channel_id: str) -> JSON:
        return self.world.channel(channel_id).json()

    def history(self, request: Request, channel_id: str) -> list[JSON]:
        channel = self.world.channel(channel_id)
        posts = [post for post in channel.standing if not post.ephemeral]
        posts = [] if (channel.parent or channel).concealed else posts
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        if "after" in request.query:
            later = [post for post in posts if int(post.id) > int(request.query["after"])]
            found = later[:limit]
        else:
            before = int(request.query.get("before", snowflake()))
            found = [post for post in posts if int(post.id) < before][-limit:]
        return [post.json() for post in reversed(found)]

    def get(self, request: Request, channel_id: str, message: str) -> JSON:
        channel = self.world.channel(channel_id)
        if (channel.parent or channel).concealed:
            raise Refusal(403, 50013, "Missing Permissions")
        return self.world.post(self.world.channel(channel_id), message).json()

    def create(self, request: Request, channel_id: str) -> JSON:
        channel, body = self.world.channel(channel_id), request.body
        if channel.forbidden:
            raise Refusal(403, 50013, "Missing Permissions")
        nonce = body.get("nonce")
        known = self._nonces.get((channel_id, str(nonce)))
        if nonce is not None and known and body.get("enforce_nonce"):
            return known.json()
        post = self.world.add(self._made(channel, request))
        self._nonces[channel_id, str(nonce)] = post
        channel.archived = False
        return post.json()

    def edit(self, request: Request, channel_id: str, message: str) -> JSON:
        post = self.world.post(self.world.channel(channel_id), message)
        if post.author is not self.world.bot:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        self.rewrite(post, request)
        return post.json()

    def delete(self, request: Request, channel_id: str, message: str) -> None:
        post = self.world.post(self.world.channel(channel_id), message)
        if post.author is not self.world.bot:
            raise Refusal(403, 50013, "Missing Permissions")
        self.world.remove(post)

    def types(self, request: Request, channel_id: str) -> None:
        if self.world.channel(channel_id).forbidden:
            raise Refusal(403, 50013, "Missing Permissions")
        self.typing.append(channel_id)

    def thread_of(self, request: Request, channel_id: str, message: str) -> JSON:
        channel = self.world.channel(channel_id)
        post = self.world.post(channel, message)
        if post.id in self.world.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        name, bot = request.body["name"], self.world.bot
        return self.threaded(Channel(name, channel.guild, THREAD, channel, bot, post.id)).json()

    def thread(self, request: Request, channel_id: str) -> JSON:
        channel, kind = self.world.channel(channel_id), request.body.get("type", PRIVATE_THREAD)
        name, bot = request.body["name"], self.world.bot
        return self.threaded(Channel(name, channel.guild, kind, channel, bot)).json()

    def threaded(self, thread: Channel) -> Channel:
        """A thread is there; a public one is announced in its channel."""
        assert thread.parent
        assert thread.owner
        known = thread.id in self.world.posts
        self.world.open(thread)
        self.world.gateway.emit("THREAD_CREATE", thread.json() | {"newly_created": True})
        if thread.kind == THREAD and not (known or thread.parent.kind == FORUM):
            self.world.add(Post(thread.parent, thread.owner, thread.name, THREAD_STARTED))
        return thread

    def archived(self, request: Request, channel_id: str) -> JSON:
        private = request.path.endswith("private")
        found = [
            channel.json()
            for channel in self.world.channels.values()
            if channel.archived
            and channel.parent is self.world.channel(channel_id)
            and (channel.kind == PRIVATE_THREAD) == private
        ]
        return {"threads": found, "members": [], "has_more": False}

    def active(self, request: Request, guild: str) -> JSON:
        return {"threads": self.world.guild_json()["threads"], "members": []}

    def join(self, request: Request, channel_id: str) -> None:
        self.world.channel(channel_id)

    def thread_member(self, request: Request, channel_id: str, user: str) -> JSON:
        thread = self.world.channel(channel_id)
        if user not in thread.members and user != getattr(thread.owner, "id", ""):
            raise Refusal(404, 10007, "Unknown Member")
        joined = moment(thread.id).isoformat()
        return {"id": thread.id, "user_id": user, "join_timestamp": joined, "flags": 0}

    def rewrite(self, post: Post, request: Request) -> None:
        """Edit as the body says; what it does not name stays."""
        body = request.body
        text = body.get("content", post.text) or ""
        check(body | {"content": text}, bool(post.embeds or post.attachments))
        post.components = body.get("components", post.components) or []
        post.embeds = body.get("embeds", post.embeds) or []
        post.attachments += attachments(request)
        allowed = body.get("allowed_mentions")
        post.mentioned = self.world.pings(text, allowed, post.reply_to)
        post.roles = self.world.role_pings(text, allowed)
        if "flags" in body:  # of which an edit changes this one alone
            post.flags = post.flags & ~NO_EMBEDS | body["flags"] & NO_EMBEDS
        post.rewrite(text)
        self.world.changed(post)

    def _made(self, channel: Channel, request: Request) -> Post:
        body = request.body
        text, allowed = body.get("content") or "", body.get("allowed_mentions")
        check(body, bool(request.files))
        reply_to = self._reply_to(channel, body.get("message_reference"))
        return Post(
            channel,
            self.world.bot,
            text,
            REPLY if reply_to else 0,
            reply_to,
            components=body.get("components") or [],
            attachments=attachments(request),
            embeds=body.get("embeds") or [],
            flags=body.get("flags") or 0,
            nonce=body.get("nonce"),
            mentioned=self.world.pings(text, allowed, reply_to),
            roles=self.world.role_pings(text, allowed),
            everyone=self.world.everyone(text, allowed),
        )

    def _reply_to(self, channel: Channel, reference: JSON | None) -> Post | None:
        if not reference:
            return None
        post = self.world.posts.get(str(reference["message_id"]))
        if post and not post.deleted and post.channel is channel:
            return post
        if reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None


def check(body: JSON, more: bool = False) -> None:
    """Raises the refusal of a message that is too long or empty."""
    text = body.get("content") or ""
    if len(text) > LONGEST:
        words = f"Must be {LONGEST} or fewer in length."
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", words)
    if not text.strip() and not body.get("embeds") and not more:
        raise Refusal(400, 50006, "Cannot send an empty message")


def invalid(name: str, code: str, message: str) -> Refusal:
    errors = {name: {"_errors": [{"code": code, "message": message}]}}
    return Refusal(400, 50035, "Invalid Form Body", errors=errors)


def attachments(request: Request) -> list[JSON]:
    """The files of a request, as they stand on a message."""
    made: list[Any] = []
    for name, content in request.files.items():
        url = f"http://127.0.0.1/attachments/{name}"
        made.append(
            {
                "id": snowflake(),
                "filename": name,
                "size": len(content),
                "url": url,
                "proxy_url": url,
                "text": content.decode("utf-8", "replace"),
            }
        )
    return made
