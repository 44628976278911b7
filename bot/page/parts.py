"""What the page is built on: the parts of a running Nellie."""

from collections.abc import Mapping
from typing import Protocol

from bot.config.settings import Settings
from bot.core.acceptance import Acceptance
from bot.core.gathering import Gathering
from bot.domain.ports import Adapter, Commands
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.prompting.budget import Budget
from bot.store.database import Database
from bot.store.stores import Stores
from bot.tools.tools import Tools


class Parts(Protocol):
    """Those that it needs."""

    @property
    def settings(self) -> Settings: ...
    @property
    def acceptance(self) -> Acceptance: ...
    @property
    def database(self) -> Database: ...
    @property
    def adapters(self) -> Mapping[str, Adapter]: ...
    @property
    def budget(self) -> Budget: ...
    @property
    def stores(self) -> Stores: ...
    @property
    def commands(self) -> Commands: ...
    @property
    def tools(self) -> Tools: ...
    @property
    def models(self) -> ModelRegistry: ...
    @property
    def quotas(self) -> Quotas: ...
    @property
    def call_queue(self) -> CallQueue: ...
    @property
    def gathering(self) -> Gathering: ...
