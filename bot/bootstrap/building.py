"""Builds every part and hands it what it needs."""

from collections.abc import Iterable

from bot.bootstrap.parts import Nellie
from bot.commands.dispatch import Commands
from bot.commands.families import Families
from bot.config.settings import Settings
from bot.core.acceptance import Acceptance
from bot.core.answering import Answering, tool_rounds
from bot.core.asked_files import FilesAsked
from bot.core.asked_links import LinksAsked
from bot.core.backfill import Backfill
from bot.core.consenting.ending import Ending
from bot.core.consenting.resuming import Resuming
from bot.core.continuing import Continuing
from bot.core.due_reminders import DueReminders
from bot.core.first_come import FirstCome
from bot.core.gathering import Gathering
from bot.core.health_probe import HealthProbe
from bot.core.inbox import Inbox
from bot.core.jobs import Jobs
from bot.core.lanes import Lanes
from bot.core.owed_posts import OwedPosts
from bot.core.pictures import Pictures
from bot.core.question_material import QuestionMaterial
from bot.core.ruling.ruling import Ruling
from bot.core.scheduled_digests import ScheduledDigests
from bot.core.standing_requests import StandingRequests
from bot.core.supervision import Supervisor
from bot.core.takeover import Takeover
from bot.core.turn_control import TurnControl
from bot.documents.fetching import Sources
from bot.documents.hearing import load_transcriber
from bot.documents.local_files import LocalFiles
from bot.documents.queue import ReadingQueue
from bot.domain.ports import Adapter, Toolbox, with_stand_ins
from bot.limits.call_queue import CallQueue
from bot.limits.charged_calls import ChargedCalls
from bot.limits.quotas import Quotas
from bot.llm.registry import ModelRegistry
from bot.memory.catchup import Catchup
from bot.memory.compaction import Compaction
from bot.memory.digests import Digests
from bot.memory.document_summaries import DocumentSummaries
from bot.memory.forgetting import Forgetting
from bot.memory.local_times import LocalTimes
from bot.memory.passage_recall import PassageRecall
from bot.memory.recall import Recall
from bot.memory.recollection import Recollecting
from bot.memory.semantic_index import SemanticIndex
from bot.memory.summarizer import Summarizer
from bot.memory.window import Windows
from bot.prompting.budget import Budget
from bot.prompting.model_budgets import ModelBudgets
from bot.store.database import Database
from bot.store.stores import Stores
from bot.tasks.classification import Classification
from bot.tasks.extraction import Extraction
from bot.tasks.summaries import TextSummaries
from bot.tasks.translation import Translation
from bot.tools.tools import Tools
from bot.tools.web.links import LinkedFiles


def build(
    *,
    settings: Settings,
    database: Database,
    models: ModelRegistry,
    adapters: Iterable[Adapter],
    context_window: int | None,
    toolbox: Toolbox | None = None,
) -> Nellie:
    """Every part, connected. Nothing is opened and nothing runs yet."""
    served = {adapter.name: adapter for adapter in adapters}
    by_name = with_stand_ins(served)
    names = tuple(by_name)
    heard = tuple(name for name, one in served.items() if one.hears)  # there, what is posted stays
    budget = Budget.fit(
        high=settings.window_high,
        low=settings.window_low,
        recall=settings.recall,
        answer=settings.max_answer,
        context_window=context_window,
    )
    stores = Stores.on(database, lease=settings.lease)
    call_queue = CallQueue(settings.concurrency, max_waiting=settings.limit_waiting)
    quotas = Quotas.on(stores, settings, call_queue)
    windows = Windows(messages=stores.messages, summaries=stores.summaries, budget=budget)
    budgets = ModelBudgets(budget)
    semantic_index = SemanticIndex.from_settings(settings, database, stores, quotas)
    recall = Recall(search=stores.search, messages=stores.messages, semantic_index=semantic_index)
    passage_recall = PassageRecall.on(stores, semantic_index)
    local = LocalTimes(by_name)
    calls = ChargedCalls.on(stores, models=models, quotas=quotas)
    summarizer = Summarizer(calls=calls, budget=budget, local_times=local)
    classification = Classification(calls=calls, budget=budget)
    digests = Digests(schedules=stores.schedules, messages=stores.messages, summarizer=summarizer)
    compaction = Compaction(
        locks=stores.locks,
        channels=stores.channels,
        messages=stores.messages,
        summaries=stores.summaries,
        usage=stores.usage,
        models=models,
        windows=windows,
        persona=settings.persona,
        budgets=budgets,
        quotas=quotas,
        local_times=local,
    )
    forgetting = Forgetting.on(stores)
    continuing = Continuing.on(stores)
    first_come = FirstCome()
    tools = Tools.on(stores, settings, local, semantic_index)
    links = LinksAsked(posted=stores.posted_files, news=stores.file_news, registry=tools.registry)
    gathering = Gathering(
        windows=windows,
        messages=stores.messages,
        material=QuestionMaterial(
            windows=windows,
            material=stores.material,
            recollecting=Recollecting(recall=recall, passages=passage_recall),
        ),
        models=models,
        budgets=budgets,
        persona=settings.persona,
        adapters=by_name,
        continuing=continuing,
        resuming=Resuming(stores.consents),
        pictures=Pictures(files=stores.posted_files, uploads=stores.uploads, adapters=by_name),
        files=FilesAsked(
            posted=stores.posted_files,
            news=stores.file_news,
            links=links,
            summaries=DocumentSummaries(documents=stores.documents),
        ),
        first_come=first_come,
    )
    sources = Sources(adapters=by_name, fetch_link=LinkedFiles().fetch, uploads=stores.uploads)
    reading_queue = ReadingQueue.on(
        stores,
        sources,
        readers=settings.read_files,
        transcriber=load_transcriber(settings),
    )
    local_files = LocalFiles.on(stores, reading_queue)
    families = Families.on(
        stores,
        settings=settings,
        catchup=Catchup(messages=stores.messages, summarizer=summarizer),
        texts=TextSummaries.on(stores, calls, budget),
        translation=Translation(calls, budget),
        forgetting=forgetting,
        quotas=quotas,
        registry=tools.registry,
        models=models,
        local_files=local_files,
        classification=classification,
        extraction=Extraction(calls=calls, budget=budget),
    )
    commands = Commands.of(families, channels=stores.channels, admins=settings.admins)
    requests = StandingRequests.on(stores, commands=commands, adapters=by_name)
    rounds = tool_rounds(toolbox or tools.registry, stores)
    answering = Answering(
        gathering, digests, by_name, quotas, requests, OwedPosts.on(stores), rounds
    )
    lanes = Lanes(
        turns=stores.turns, heartbeat=stores.heartbeat, answerer=answering, lease=settings.lease
    )
    takeover = Takeover(turns=stores.turns, lanes=lanes, platforms=names)
    acceptance = Acceptance.on(
        stores, settings=settings, lanes=lanes, requests=requests, first_come=first_come
    )
    backfill = Backfill.on(stores, settings=settings, adapters=by_name, acceptance=acceptance)
    scheduled_digests = ScheduledDigests(digests=digests, acceptance=acceptance, platforms=heard)
    inbox = Inbox.build(stores, acceptance=acceptance, backfill=backfill)
    classification = Classification(calls=calls, budget=budget)
    ruling = Ruling.on(
        stores, classification=classification, acceptance=acceptance, platforms=heard
    )
    turn_control = TurnControl.on(stores, lanes=lanes, acceptance=acceptance, continuing=continuing)
    return Nellie(
        settings=settings,
        database=database,
        models=models,
        adapters=served,
        budget=budget,
        stores=stores,
        quotas=quotas,
        call_queue=call_queue,
        tools=tools,
        recall=recall,
        semantic_index=semantic_index,
        classification=classification,
        compaction=compaction,
        forgetting=forgetting,
        gathering=gathering,
        lanes=lanes,
        acceptance=acceptance,
        inbox=inbox,
        turns=turn_control,
        commands=commands,
        scheduled_digests=scheduled_digests,
        jobs=Jobs(
            compaction=compaction,
            scheduled_digests=scheduled_digests,
            due_reminders=DueReminders(stores.reminders, acceptance, heard),
            ruling=ruling,
            consents=Ending(acceptance.deciding, acceptance.store, names),
            forgetting=forgetting,
            semantic_index=semantic_index,
            quotas=quotas,
            retention=settings.retention,
            forget_removed_days=settings.forget_removed_days,
        ),
        health_probe=HealthProbe(
            database=database,
            window_high=budget.high,
            lanes=lanes,
            models=models,
            call_queue=call_queue,
            adapters=served,
        ),
        reading_queue=reading_queue,
        local_files=local_files,
        supervisor=Supervisor(
            lanes=lanes,
            takeover=takeover,
            inbox=inbox,
            turns=turn_control,
            commands=commands,
            reading_queue=reading_queue,
        ),
    )
