"""Every family of commands, and the table of what follows a slash."""

from dataclasses import dataclass
from typing import Self

from bot.commands.about import About
from bot.commands.catchup import CatchupCommand
from bot.commands.classify import ClassifyCommand
from bot.commands.confirming import Confirming
from bot.commands.digest import DigestCommand
from bot.commands.docs import DocsCommands
from bot.commands.extract import ExtractCommand
from bot.commands.forgetting import ForgettingCommands
from bot.commands.help import show_help
from bot.commands.key import KeyCommands
from bot.commands.memory import MemoryCommands
from bot.commands.model import ModelCommands
from bot.commands.persona import PersonaCommands
from bot.commands.remind import RemindCommands
from bot.commands.request import Handler
from bot.commands.rules import RulesCommands
from bot.commands.sentiment import SentimentCommand
from bot.commands.summarize import SummarizeCommand
from bot.commands.tools import ToolCommands
from bot.commands.translate import TranslateCommand
from bot.commands.usage import UsageCommand
from bot.commands.web import WebCommand
from bot.config.settings import Settings
from bot.documents.local_files import LocalFiles
from bot.domain.generation import parse_generations
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.catchup import Catchup
from bot.memory.forgetting import Forgetting
from bot.memory.passage_recall import PassageRecall
from bot.store.stores import Stores
from bot.tasks.classification import Classification
from bot.tasks.extraction import Extraction
from bot.tasks.summaries import TextSummaries
from bot.tasks.translation import Translation
from bot.tools.registry import Registry

WITHOUT_SUBCOMMANDS = {
    *("about", "catchup", "classify", "digest", "extract", "help", "no", "sentiment"),
    *("summarize", "thread", "translate", "usage", "web", "yes"),
}
TELLING = {
    "catchup": {""},
    "thread": {""},
    "summarize": {""},
    "translate": {""},
    "memory": {"", "show", "search", "export"},
    "tools": {"log"},
    "docs": {"", "list", "summarize"},
    "classify": {""},
    "sentiment": {""},
    "extract": {""},
    "rules": {"", "list", "show"},
}
"""Commands, with their subcommands, that tell what was said."""
READING = {
    *("help", "about", "catchup", "thread", "usage", "persona", "persona show", "model"),
    *("model show", "memory", "memory show", "memory search", "memory log", "memory export"),
    *("tools", "tools list", "tools log", "remind", "remind list", "docs", "docs list"),
    *("docs summarize", "extract", "sentiment", "summarize", "translate"),
    *("classify", "classify list", "classify show", "rules", "rules list", "rules show"),
}
"""Commands that change nothing: they can be given where a channel is only looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """One of each family, with what it needs."""

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
    summarize: SummarizeCommand
    classify: ClassifyCommand
    sentiment: SentimentCommand
    extract: ExtractCommand
    translate: TranslateCommand
    rules: RulesCommands

    @classmethod
    def on(
        cls,
        stores: Stores,
        *,
        settings: Settings,
        catchup: Catchup,
        texts: TextSummaries,
        translation: Translation,
        forgetting: Forgetting,
        quotas: Quotas,
        registry: Registry,
        models: ModelRegistry,
        local_files: LocalFiles,
        classification: Classification,
        extraction: Extraction,
    ) -> Self:
        """On the stores of one replica."""
        channels, messages = stores.channels, stores.messages
        return cls(
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
            docs=DocsCommands.on(stores, registry, local_files, texts),
            summarize=SummarizeCommand.on(stores, catchup=catchup, texts=texts),
            classify=ClassifyCommand.on(stores, classification),
            sentiment=SentimentCommand.on(stores, classification),
            extract=ExtractCommand.on(stores, extraction),
            translate=TranslateCommand.on(stores, translation),
            rules=RulesCommands.on(stores, settings.model),
            about=About(messages=messages, default=settings.model),
            key=KeyCommands(api_keys=stores.api_keys, address=settings.api),
            web=WebCommand(
                sessions=stores.page_sessions,
                address=settings.web,
                url=settings.web_url,
                home=settings.home,
            ),
        )

    def table(self) -> dict[str, Handler]:
        """By a command with its subcommand, what carries it out."""
        return {
            "help": show_help,
            "about": self.about.run,
            "no": self.confirming.no,
            "catchup": self.catchup.run,
            "thread": self.catchup.sum_up_thread,
            "summarize": self.summarize.run,
            "translate": self.translate.run,
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
            "docs summarize": self.docs.summarize,
            "rules": self.rules.list,
            "rules list": self.rules.list,
            "rules show": self.rules.show,
            "rules add": self.rules.add,
            "rules recap": self.rules.recap,
            "rules tell": self.rules.tell,
            "rules limit": self.rules.limit,
            "rules on": self.rules.switch_on,
            "rules off": self.rules.switch_off,
            "rules remove": self.rules.remove,
            "key": self.key.list,
            "key list": self.key.list,
            "key new": self.key.new,
            "key revoke": self.key.revoke,
            "web": self.web.run,
            "classify": self.classify.run,
            "sentiment": self.sentiment.run,
            "extract": self.extract.run,
        }
