"""Commands, menus and buttons: what a person does, and how the bot may answer it in time."""

import time
from typing import Any

from doubles.discord_server.guild import (
    COMMAND,
    EPHEMERAL,
    JSON,
    LOADING,
    NO_EMBEDS,
    Post,
    snowflake,
)
from doubles.discord_server.interaction import Answer, Interaction, event_json, response_json
from doubles.discord_server.messages import Messages, attachments, check
from doubles.discord_server.rest import Refusal, Request, Rest, unknown
from doubles.discord_server.world import World


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

    def begin(self, interaction: Interaction) -> Interaction:
        """A person does it, and the bot hears of it."""
        self.all.append(interaction)
        self.world.gateway.emit("INTERACTION_CREATE", event_json(interaction, self.world.bot))
        return interaction

    def commands(self, request: Request, application: str, guild: str = "") -> list[JSON]:
        return self.world.commands

    def sync(self, request: Request, application: str, guild: str = "") -> list[JSON]:
        self.synced += 1
        own = {"application_id": application, "version": snowflake(), "dm_permission": True}
        blank = {"default_member_permissions": None, "options": [], "description": ""}
        self.world.commands = [
            {"id": snowflake(), **blank, **one, **own, "type": one.get("type", 1)}
            for one in request.body
        ]
        return self.world.commands

    def callback(self, request: Request, id: str, token: str) -> JSON | None:
        interaction = next((one for one in self.all if one.token == token), None)
        took = time.monotonic() - interaction.began if interaction else 0
        if interaction is None or (took > self.deadline and interaction.acknowledged is None):
            raise _noted(interaction, unknown("interaction", 10062))
        if interaction.acknowledged is not None:
            words = "Interaction has already been acknowledged."
            raise _noted(interaction, Refusal(400, 40060, words))
        kind, data = request.body["type"], request.body.get("data") or {}
        self._carry_out(interaction, kind, data, request)
        interaction.acknowledged, interaction.response = took, kind
        return (
            response_json(interaction)
            if request.query.get("with_response") in ("1", "true", "True")
            else None
        )

    def followup(self, request: Request, application: str, token: str) -> JSON | None:
        interaction = self._known(token)
        if interaction.thinking and interaction.original:
            return self._finish(
                interaction.original, request
            )  # as Discord does, for old bots' sake
        ephemeral = bool((request.body.get("flags") or 0) & EPHEMERAL)
        post = self._say(interaction, request.body, request, ephemeral=ephemeral)
        interaction.followups.append(post)
        return post.json()

    def get(self, request: Request, application: str, token: str, message: str) -> JSON:
        return self._post(self._known(token), message).json()

    def edit(self, request: Request, application: str, token: str, message: str) -> JSON:
        return self._finish(self._post(self._known(token), message), request)

    def delete(self, request: Request, application: str, token: str, message: str) -> None:
        self.world.remove(self._post(self._known(token), message))

    def _carry_out(self, interaction: Interaction, kind: int, data: JSON, request: Request) -> None:
        interaction.ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
        match kind:
            case Answer.MESSAGE:
                interaction.original = self._say(
                    interaction, data, request, ephemeral=interaction.ephemeral
                )
            case Answer.DEFER:
                interaction.original = self._thinking(interaction)
            case Answer.DEFER_UPDATE:
                interaction.original = interaction.on
            case Answer.UPDATE:
                assert interaction.on
                interaction.original = interaction.on
                body = Request(request.method, request.path, request.query, data, {}, request.files)
                self.messages.rewrite(interaction.on, body)
            case Answer.CHOICES:
                interaction.choices = [one["value"] for one in data["choices"]]
            case Answer.MODAL:
                interaction.modal = data
            case _:
                raise Refusal(400, 50035, "Invalid Form Body")

    def _finish(self, post: Post, request: Request) -> JSON:
        post.flags &= ~LOADING
        self.messages.rewrite(post, request)
        return post.json()

    def _known(self, token: str) -> Interaction:
        interaction = next((one for one in self.all if one.token == token), None)
        if interaction is None or interaction.acknowledged is None:
            raise _noted(interaction, unknown("Webhook", 10015))
        if time.monotonic() - interaction.began > self.life:
            raise _noted(interaction, Refusal(401, 50027, "Invalid Webhook Token"))
        if interaction.channel.removed:
            raise _noted(interaction, unknown("Channel", 10003))
        return interaction

    def _post(self, interaction: Interaction, message: str) -> Post:
        if message == "@original":
            if interaction.original is None:
                raise unknown("Message", 10008)
            message = interaction.original.id
        return self.world.post(interaction.channel, message)

    def _thinking(self, interaction: Interaction) -> Post:
        return self._add(
            interaction, "", flags=LOADING | (EPHEMERAL if interaction.ephemeral else 0)
        )

    def _say(
        self, interaction: Interaction, body: JSON, request: Request, *, ephemeral: bool
    ) -> Post:
        check(body, bool(request.files))
        text, allowed = body.get("content") or "", body.get("allowed_mentions")
        return self._add(
            interaction,
            text,
            flags=(EPHEMERAL if ephemeral else 0) | (body.get("flags") or 0) & NO_EMBEDS,
            components=body.get("components") or [],
            embeds=body.get("embeds") or [],
            attachments=attachments(request),
            mentioned=self.world.pings(text, allowed, None),
            roles=self.world.role_pings(text, allowed),
            everyone=self.world.everyone(text, allowed),
        )

    def _add(self, interaction: Interaction, text: str, **more: Any) -> Post:
        command = {
            "id": interaction.id,
            "type": interaction.kind,
            "user": interaction.user.json(),
            "authorizing_integration_owners": {},
        }
        bot = self.world.bot
        return self.world.add(
            Post(
                interaction.channel,
                bot,
                text,
                COMMAND,
                asker=interaction.user,
                application=bot.id,
                command=command,
                **more,
            )
        )


def _noted(interaction: Interaction | None, refusal: Refusal) -> Refusal:
    if interaction:
        interaction.refused.append(refusal.body["code"])
    return refusal
