"""What a running Nellie is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.dispatch import Commands
from bot.config.settings import Settings
from bot.core.acceptance import Acceptance
from bot.core.gathering import Gathering
from bot.core.health_probe import HealthProbe
from bot.core.inbox import Inbox
from bot.core.jobs import Jobs
from bot.core.lanes import Lanes
from bot.core.scheduled_digests import ScheduledDigests
from bot.core.supervision import Supervisor
from bot.core.turn_control import TurnControl
from bot.documents.local_files import LocalFiles
from bot.documents.queue import ReadingQueue
from bot.domain.ports import Adapter
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.compaction import Compaction
from bot.memory.forgetting import Forgetting
from bot.memory.recall import Recall
from bot.memory.semantic_index import SemanticIndex
from bot.prompting.budget import Budget
from bot.store.database import Database
from bot.store.stores import Stores
from bot.tasks.classification import Classification
from bot.tools.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # it would show every setting
class Nellie:
    """One running Nellie: every part, built and connected."""

    settings: Settings
    database: Database
    models: ModelRegistry
    adapters: Mapping[str, Adapter]
    budget: Budget
    stores: Stores
    quotas: Quotas
    call_queue: CallQueue
    tools: Tools
    recall: Recall
    semantic_index: SemanticIndex | None
    classification: Classification
    compaction: Compaction
    forgetting: Forgetting
    gathering: Gathering
    lanes: Lanes
    acceptance: Acceptance
    inbox: Inbox
    turns: TurnControl
    commands: Commands
    scheduled_digests: ScheduledDigests
    jobs: Jobs
    health_probe: HealthProbe
    reading_queue: ReadingQueue
    local_files: LocalFiles
    supervisor: Supervisor
