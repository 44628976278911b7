"""Commands, menus and buttons: what a person does, and how the bot may answer it in time."""

import secrets
import time
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from doubles.discord.guild import (
    COMMAND,
    DIRECT,
    EPHEMERAL,
    JSON,
    LOADING,
    Place,
    Post,
    User,
    snowflake,
)
from doubles.discord.messages import Messages, attachments, check
from doubles.discord.rest import Asked, Refusal, Rest, unknown
from doubles.discord.world import World

CALL, PRESS, COMPLETE, SUBMIT = 2, 3, 4, 5


class Answer(IntEnum):
    """How a bot may respond at first, in Discord's numbers."""

    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """Something that a person did with the bot."""

    user: User
    place: Place
    kind: int
    data: JSON
    on: Post | None = None
    """The message whose button was pressed."""
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    began: float = field(default_factory=time.monotonic)
    acknowledged: float | None = None
    """Seconds until its first answer; None as long as there is none."""
    response: int = 0
    """The kind of that answer, in Discord's numbers."""
    original: Post | None = None
    followups: list[Post] = field(default_factory=list)
    ephemeral: bool = False
    choices: list[str] | None = None
    modal: JSON | None = None
    refused: list[int] = field(default_factory=list)
    """Discord's codes of the answers that it did not take."""

    @property
    def shown(self) -> str:
        """What the person reads: empty while the bot is thinking, or when it was deleted."""
        first = self.original
        return first.text if first and not first.deleted else ""

    @property
    def thinking(self) -> bool:
        return self.original is not None and bool(self.original.flags & LOADING)


class Interactions:
    """Their REST side: `deadline` and `life` are the seconds that Discord gives them."""

    def __init__(
        self, world: World, rest: Rest, messages: Messages, *, deadline: float, life: float
    ) -> None:
        self.world, self.messages = world, messages
        self.deadline, self.life = deadline, life
        self.all: list[Interaction] = []
        self.synced = 0
        """How often commands were written."""
        commands = "/applications/{application}/commands"
        in_guild = "/applications/{application}/guilds/{guild}/commands"
        for line in (commands, in_guild):
            rest.route(f"GET {line}", self.commands)
            rest.route(f"PUT {line}", self.sync)
        hook = "/webhooks/{application}/{token}"
        for method, path, handler in (
            ("POST", "/interactions/{id}/{token}/callback", self.callback),
            ("POST", hook, self.followup),
            ("GET", f"{hook}/messages/{{message}}", self.get),
            ("PATCH", f"{hook}/messages/{{message}}", self.edit),
            ("DELETE", f"{hook}/messages/{{message}}", self.delete),
        ):
            rest.route(f"{method} {path}", handler, own=True)

    def begin(self, did: Interaction) -> Interaction:
        """A person does it, and the bot hears of it."""
        self.all.append(did)
        self.world.gateway.emit("INTERACTION_CREATE", self._event(did))
        return did

    def commands(self, asked: Asked, application: str, guild: str = "") -> list[JSON]:
        return self.world.commands

    def sync(self, asked: Asked, application: str, guild: str = "") -> list[JSON]:
        self.synced += 1
        own = {"application_id": application, "version": snowflake(), "dm_permission": True}
        blank = {"default_member_permissions": None, "options": [], "description": ""}
        self.world.commands = [
            {"id": snowflake(), **blank, **one, **own, "type": one.get("type", 1)}
            for one in asked.body
        ]
        return self.world.commands

    def callback(self, asked: Asked, id: str, token: str) -> JSON | None:
        did = next((one for one in self.all if one.token == token), None)
        took = time.monotonic() - did.began if did else 0
        if did is None or (took > self.deadline and did.acknowledged is None):
            raise _noted(did, unknown("interaction", 10062))
        if did.acknowledged is not None:
            words = "Interaction has already been acknowledged."
            raise _noted(did, Refusal(400, 40060, words))
        kind, data = asked.body["type"], asked.body.get("data") or {}
        self._carry_out(did, kind, data, asked)
        did.acknowledged, did.response = took, kind
        return _response(did) if asked.query.get("with_response") in ("1", "true", "True") else None

    def followup(self, asked: Asked, application: str, token: str) -> JSON | None:
        did = self._known(token)
        if did.thinking and did.original:
            return self._finish(did.original, asked)  # as Discord does, for old bots' sake
        ephemeral = bool((asked.body.get("flags") or 0) & EPHEMERAL)
        post = self._say(did, asked.body, asked, ephemeral=ephemeral)
        did.followups.append(post)
        return post.json()

    def get(self, asked: Asked, application: str, token: str, message: str) -> JSON:
        return self._post(self._known(token), message).json()

    def edit(self, asked: Asked, application: str, token: str, message: str) -> JSON:
        return self._finish(self._post(self._known(token), message), asked)

    def delete(self, asked: Asked, application: str, token: str, message: str) -> None:
        self.world.remove(self._post(self._known(token), message))

    def _carry_out(self, did: Interaction, kind: int, data: JSON, asked: Asked) -> None:
        did.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
        match kind:
            case Answer.MESSAGE:
                did.original = self._say(did, data, asked, ephemeral=did.ephemeral)
            case Answer.DEFER:
                did.original = self._thinking(did)
            case Answer.DEFER_UPDATE:
                did.original = did.on
            case Answer.UPDATE:
                assert did.on
                did.original = did.on
                body = Asked(asked.method, asked.path, asked.query, data, {}, asked.files)
                self.messages.rewrite(did.on, body)
            case Answer.CHOICES:
                did.choices = [one["value"] for one in data["choices"]]
            case Answer.MODAL:
                did.modal = data
            case _:
                raise Refusal(400, 50035, "Invalid Form Body")

    def _finish(self, post: Post, asked: Asked) -> JSON:
        post.flags &= ~LOADING
        self.messages.rewrite(post, asked)
        return post.json()

    def _known(self, token: str) -> Interaction:
        did = next((one for one in self.all if one.token == token), None)
        if did is None or did.acknowledged is None:
            raise _noted(did, unknown("Webhook", 10015))
        if time.monotonic() - did.began > self.life:
            raise _noted(did, Refusal(401, 50027, "Invalid Webhook Token"))
        return did

    def _post(self, did: Interaction, message: str) -> Post:
        if message == "@original":
            if did.original is None:
                raise unknown("Message", 10008)
            message = did.original.id
        return self.world.post(did.place, message)

    def _thinking(self, did: Interaction) -> Post:
        return self._add(did, "", flags=LOADING | (EPHEMERAL if did.ephemeral else 0))

    def _say(self, did: Interaction, body: JSON, asked: Asked, *, ephemeral: bool) -> Post:
        check(body, bool(asked.files))
        text, allowed = body.get("content") or "", body.get("allowed_mentions")
        return self._add(
            did, text, flags=EPHEMERAL if ephemeral else 0,
            components=body.get("components") or [], embeds=body.get("embeds") or [],
            attachments=attachments(asked), mentioned=self.world.pings(text, allowed, None),
            everyone=self.world.everyone(text, allowed),
        )  # fmt: skip

    def _add(self, did: Interaction, text: str, **more: Any) -> Post:
        command = {
            "id": did.id, "type": did.kind, "user": did.user.json(),
            "authorizing_integration_owners": {},
        }  # fmt: skip
        bot = self.world.bot
        return self.world.add(Post(
            did.place, bot, text, COMMAND, asker=did.user, application=bot.id, command=command,
            **more,
        ))  # fmt: skip

    def _event(self, did: Interaction) -> JSON:
        owner = did.place.guild or self.world.bot.id
        made: JSON = {
            "id": did.id, "application_id": self.world.bot.id, "type": did.kind, "version": 1,
            "token": did.token, "channel_id": did.place.id, "channel": did.place.json(),
            "data": did.data, "locale": "en-US", "entitlements": [], "attachment_size_limit": 10**7,
            "app_permissions": str(did.user.permissions), "context": 0 if did.place.guild else 1,
            "authorizing_integration_owners": {"0": owner},
        }  # fmt: skip
        if did.on:
            made["message"] = did.on.json()
        if did.place.kind == DIRECT:
            return made | {"user": did.user.json()}
        member = did.user.member() | {"user": did.user.json()}
        member["permissions"] = str(did.user.permissions)
        guild = {"id": did.place.guild, "features": [], "locale": "en-US"}
        return made | {"guild_id": did.place.guild, "guild": guild, "member": member}


def _noted(did: Interaction | None, refusal: Refusal) -> Refusal:
    if did:
        did.refused.append(refusal.body["code"])
    return refusal


def _response(did: Interaction) -> JSON:
    made: JSON = {
        "id": did.id, "type": did.kind, "response_message_ephemeral": did.ephemeral,
        "response_message_loading": did.response == Answer.DEFER,
    }  # fmt: skip
    if did.original is None:
        return {"interaction": made}
    made["response_message_id"] = did.original.id
    return {"interaction": made, "resource": {"type": did.response, "message": did.original.json()}}
