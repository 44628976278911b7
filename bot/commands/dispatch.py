"""The table of commands, the same on every platform, and the rights of who gives one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self

from bot.commands.about import About
from bot.commands.catchup import CatchupCommand
from bot.commands.confirming import Confirming
from bot.commands.digest import DigestCommand
from bot.commands.docs import DocsCommands
from bot.commands.forgetting import ForgettingCommands
from bot.commands.help import show_help
from bot.commands.key import KeyCommands
from bot.commands.memory import MemoryCommands
from bot.commands.model import ModelCommands
from bot.commands.persona import PersonaCommands
from bot.commands.remind import RemindCommands
from bot.commands.request import Handler, Request
from bot.commands.tools import ToolCommands
from bot.commands.usage import UsageCommand
from bot.commands.web import WebCommand
from bot.config.settings import Settings
from bot.documents.local_files import LocalFiles
from bot.domain.errors import CommandError
from bot.domain.generation import parse_generations
from bot.domain.model import Channel, Command, Reply
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.catchup import Catchup
from bot.memory.forgetting import Forgetting
from bot.memory.passage_recall import PassageRecall
from bot.store.channels import Channels, ChannelState
from bot.store.stores import Stores
from bot.text.sanitize import clean, defuse
from bot.text.words import plain_spaces, split_word
from bot.tools.registry import Registry

WITHOUT_SUBCOMMANDS = {"about", "catchup", "digest", "help", "no", "thread", "usage", "web", "yes"}
TELLING = {
    "catchup": {""},
    "thread": {""},
    "memory": {"", "show", "search", "export"},
    "tools": {"log"},
    "docs": {"", "list"},
}
"""Commands, with their subcommands, that tell what was said."""
READING = {
    *("help", "about", "catchup", "thread", "usage", "persona", "persona show", "model"),
    *("model show", "memory", "memory show", "memory search", "memory log", "memory export"),
    *("tools", "tools list", "tools log", "remind", "remind list", "docs", "docs list"),
}
"""Commands that change nothing: they can be given where a channel is only looked into."""
SHOWN = 40  # characters of an unknown word that the error quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """Every command (bot.domain.ports.Commands)."""

    channels: Channels
    admins: Collection[str]
    """Ids of people with rights over every channel."""
    catchup: CatchupCommand
    digest: DigestCommand
    memory: MemoryCommands
    forgetting: ForgettingCommands
    persona: PersonaCommands
    model: ModelCommands
    usage: UsageCommand
    confirming: Confirming
    about: About
    key: KeyCommands
    tools: ToolCommands
    remind: RemindCommands
    web: WebCommand
    docs: DocsCommands
    read_only: bool = False
    """Whoever gives commands here only looks into a channel."""

    @classmethod
    def build(
        cls,
        *,
        settings: Settings,
        stores: Stores,
        catchup: Catchup,
        forgetting: Forgetting,
        quotas: Quotas,
        registry: Registry,
        models: ModelRegistry,
        local_files: LocalFiles,
    ) -> Self:
        """Every family, each with the stores that it needs."""
        channels, messages = stores.channels, stores.messages
        return cls(
            channels=channels,
            admins=settings.admins,
            catchup=CatchupCommand(catchup),
            digest=DigestCommand(channels=channels, schedules=stores.schedules),
            memory=MemoryCommands(
                channels=channels,
                messages=messages,
                summaries=stores.summaries,
                search=stores.search,
                passages=PassageRecall(search=stores.passage_search),
            ),
            forgetting=ForgettingCommands(
                forgetting=forgetting, channels=channels, default_retention=settings.retention
            ),
            persona=PersonaCommands(channels=channels, default=settings.persona),
            model=ModelCommands(
                channels=channels,
                default=settings.model,
                choices=settings.choices,
                generations=parse_generations(settings.generation),
            ),
            usage=UsageCommand(
                usage_log=stores.usage, quotas=quotas, calls=stores.api_call_listing
            ),
            confirming=Confirming(stores.confirmations),
            tools=ToolCommands(
                registry=registry,
                switches=stores.tool_switches,
                channels=channels,
                calls=stores.tool_log,
                models=models,
            ),
            remind=RemindCommands(stores.reminders, settings.model),
            docs=DocsCommands.on(stores, registry, local_files),
            about=About(messages=messages, default=settings.model),
            key=KeyCommands(api_keys=stores.api_keys, address=settings.api),
            web=WebCommand(
                sessions=stores.page_sessions,
                address=settings.web,
                url=settings.web_url,
                home=settings.home,
            ),
        )

    async def run(self, command: Command) -> Reply:
        """Carry out a command. Raises CommandError and NotAllowed, whose texts are for people."""
        arguments = clean(plain_spaces(command.arguments))
        name = clean(plain_spaces(command.name)).strip().lower()
        if name != "yes":
            self._find_handler(name, arguments)  # of one that nobody knows, nothing is looked up
        if command.refusal and _tells(name, arguments):
            raise CommandError(reason=command.refusal)
        person = replace(command.person, id=command.person.stored_id)
        request = Request(
            state=await self._state(command.channel),
            person=person,
            privileged=command.admin or command.channel.direct or person.id in self.admins,
            arguments=arguments,
            zone=command.zone,
            thread=command.thread,
            whispered=command.whispered,
            by_button=command.by_button,
        )
        if name == "yes":
            name, request = await self.confirming.yes(request)
        handler = self._find_handler(name, request.arguments)
        reply = await handler(request)
        await self.confirming.keep(request, name, reply)
        return replace(reply, text=defuse(reply.text))

    async def _state(self, channel: Channel) -> ChannelState:
        """The channel's state; one that was never seen gets no row by being asked about."""
        channel_id = await self.channels.find(channel)
        if channel_id is None:
            return ChannelState.unseen(channel)
        return await self.channels.state(channel_id)

    def _find_handler(self, name: str, arguments: str) -> Handler:
        subcommand = split_word(arguments)[0].lower()
        alone = name in WITHOUT_SUBCOMMANDS or not subcommand
        full = name if alone else f"{name} {subcommand}"
        handler = self._table().get(full)
        if handler is None:
            unknown = defuse(f"/{name[:SHOWN]} {subcommand[:SHOWN]}".strip())
            raise CommandError(reason=f"I do not know {unknown}. /help lists what I do know.")
        if self.read_only and full not in READING:
            raise CommandError(
                reason=f"/{full} would change something, and here you only look into the channel."
                " Give the command in the channel itself."
            )
        return handler

    def _table(self) -> dict[str, Handler]:
        return {
            "help": show_help,
            "about": self.about.run,
            "no": self.confirming.no,
            "catchup": self.catchup.run,
            "thread": self.catchup.sum_up_thread,
            "usage": self.usage.run,
            "digest": self.digest.run,
            "memory": self.memory.show,
            "memory show": self.memory.show,
            "memory search": self.memory.find,
            "memory log": self.memory.log,
            "memory rebuild": self.memory.rebuild,
            "memory export": self.memory.export,
            "memory forget": self.forgetting.forget,
            "memory optout": self.forgetting.opt_out,
            "memory retention": self.forgetting.retention,
            "persona": self.persona.show,
            "persona show": self.persona.show,
            "persona set": self.persona.set,
            "persona clear": self.persona.clear,
            "model": self.model.show,
            "model show": self.model.show,
            "model set": self.model.set,
            "model clear": self.model.clear,
            "tools": self.tools.list,
            "tools list": self.tools.list,
            "tools on": self.tools.on,
            "tools off": self.tools.off,
            "tools log": self.tools.log,
            "remind": self.remind.list,
            "remind list": self.remind.list,
            "remind cancel": self.remind.cancel,
            "docs": self.docs.list,
            "docs list": self.docs.list,
            "docs add": self.docs.add,
            "docs forget": self.docs.forget,
            "key": self.key.list,
            "key list": self.key.list,
            "key new": self.key.new,
            "key revoke": self.key.revoke,
            "web": self.web.run,
        }


def _tells(name: str, arguments: str) -> bool:
    """Whether a command tells what was said, which only those may know who could read it."""
    subcommand = "" if name in WITHOUT_SUBCOMMANDS else split_word(arguments)[0].lower()
    return subcommand in TELLING.get(name, ())
