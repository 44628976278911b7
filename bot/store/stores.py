"""All stores on one database: each is what one subject reads and writes there."""

from dataclasses import dataclass
from typing import Self

from bot.store.answer_traces import AnswerTraces
from bot.store.api_calls import ApiCallListing, ApiCalls
from bot.store.api_keys import ApiKeys
from bot.store.api_traces import ApiTraces
from bot.store.audit import Audit
from bot.store.channels import Channels
from bot.store.confirmations import Confirmations
from bot.store.consents import Consents
from bot.store.continuations import Continuations
from bot.store.database import Database
from bot.store.documents import Documents
from bot.store.early_edits import EarlyEdits
from bot.store.file_claims import FileClaims
from bot.store.file_edits import FileEdits
from bot.store.file_news import FileNews
from bot.store.heartbeat import Heartbeat
from bot.store.introductions import Introductions
from bot.store.label_sets import LabelSets
from bot.store.locks import Locks
from bot.store.material import Material
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.page_chat import PageChat
from bot.store.page_sessions import PageSessions
from bot.store.passage_search import PassageSearch
from bot.store.person_traces import PersonTraces
from bot.store.posted_files import PostedFiles
from bot.store.quota_counters import QuotaCounters, UnkeptCounters
from bot.store.reminders import Reminders
from bot.store.removals import Removals
from bot.store.reservations import Reservations, UnkeptReservations
from bot.store.reviews import Reviews
from bot.store.rule_recaps import RuleRecaps
from bot.store.rule_tells import RuleTells
from bot.store.rule_work import RuleWork
from bot.store.rules import Rules
from bot.store.schedules import Schedules
from bot.store.search import Search
from bot.store.searched_addresses import SearchedAddresses
from bot.store.summaries import Summaries
from bot.store.tool_calls import ToolCalls
from bot.store.tool_log import ToolLog
from bot.store.tool_switches import ToolSwitches
from bot.store.turn_actions import TurnActions
from bot.store.turns import Turns
from bot.store.uploads import Uploads
from bot.store.usage import UnkeptUsage, UsageLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores of one replica."""

    channels: Channels
    messages: Messages
    material: Material
    message_edits: MessageEdits
    early_edits: EarlyEdits
    posted_files: PostedFiles
    file_edits: FileEdits
    file_claims: FileClaims
    file_news: FileNews
    documents: Documents
    person_traces: PersonTraces
    removals: Removals
    reviews: Reviews
    search: Search
    passage_search: PassageSearch
    summaries: Summaries
    schedules: Schedules
    reminders: Reminders
    label_sets: LabelSets
    rules: Rules
    rule_work: RuleWork
    rule_tells: RuleTells
    rule_recaps: RuleRecaps
    tool_switches: ToolSwitches
    searched_addresses: SearchedAddresses
    turns: Turns
    turn_actions: TurnActions
    tool_calls: ToolCalls
    tool_log: ToolLog
    consents: Consents
    continuations: Continuations
    confirmations: Confirmations
    introductions: Introductions
    uploads: Uploads
    usage: UsageLog
    quota_counters: QuotaCounters
    reservations: Reservations
    answer_traces: AnswerTraces
    api_keys: ApiKeys
    api_calls: ApiCalls
    api_call_listing: ApiCallListing
    api_traces: ApiTraces
    audit: Audit
    page_chat: PageChat
    page_sessions: PageSessions
    locks: Locks
    heartbeat: Heartbeat

    @classmethod
    def on(cls, database: Database, *, lease: float) -> Self:
        """On an open database; `lease` is in seconds. Nothing is read or written yet.

        Where it is read-only, what models cost is kept nowhere.
        """
        usage, counters, reservations = (
            (UnkeptUsage, UnkeptCounters, UnkeptReservations)
            if database.read_only
            else (UsageLog, QuotaCounters, Reservations)
        )
        heartbeat, file_news = Heartbeat(database, lease=lease), FileNews()
        heartbeat.on_file = file_news.tell
        return cls(
            channels=Channels(database),
            messages=Messages(database),
            material=Material(database),
            message_edits=MessageEdits(database),
            early_edits=EarlyEdits(database),
            posted_files=PostedFiles(database),
            file_edits=FileEdits(database),
            file_claims=FileClaims(database),
            file_news=file_news,
            documents=Documents(database),
            person_traces=PersonTraces(database),
            removals=Removals(database),
            reviews=Reviews(database),
            search=Search(database),
            passage_search=PassageSearch(database),
            summaries=Summaries(database),
            schedules=Schedules(database),
            reminders=Reminders(database),
            label_sets=LabelSets(database),
            rules=Rules(database),
            rule_work=RuleWork(database),
            rule_tells=RuleTells(database),
            rule_recaps=RuleRecaps(database),
            tool_switches=ToolSwitches(database),
            searched_addresses=SearchedAddresses(database),
            turns=Turns(database, lease=lease),
            tool_calls=ToolCalls(database),
            tool_log=ToolLog(database),
            consents=Consents(database),
            turn_actions=TurnActions(database, lease=lease),
            continuations=Continuations(database),
            confirmations=Confirmations(database),
            introductions=Introductions(database, lease=lease),
            uploads=Uploads(database),
            usage=usage(database),
            quota_counters=counters(database),
            reservations=reservations(database),
            answer_traces=AnswerTraces(database),
            api_keys=ApiKeys(database),
            api_calls=ApiCalls(database),
            api_call_listing=ApiCallListing(database),
            api_traces=ApiTraces(database),
            audit=Audit(database),
            page_chat=PageChat(database),
            page_sessions=PageSessions(database),
            locks=Locks(database),
            heartbeat=heartbeat,
        )
