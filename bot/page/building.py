"""Puts the page of one replica together."""

import time
from collections.abc import Callable

from bot.gateway.teammate.rights import Rights
from bot.page.administering import Administering
from bot.page.archiving import Archiving
from bot.page.arranging import Arranging
from bot.page.asked import Asking
from bot.page.changing import Changing
from bot.page.chatting import Chatting
from bot.page.examining import Examining
from bot.page.explaining import Explaining
from bot.page.memory import Remembering
from bot.page.noting import Noting
from bot.page.numbers import Counting
from bot.page.operating import Operating
from bot.page.page import TeamPage
from bot.page.parts import Parts
from bot.page.reading import Reading
from bot.page.signing import SigningIn
from bot.page.sums import Costs
from bot.page.uploading import Uploading
from bot.store.page_memory import PageMemory
from bot.store.page_numbers import PageNumbers
from bot.store.page_operating import PageOperating
from bot.store.page_turns import PageTurns


def build_page(parts: Parts, *, clock: Callable[[], float] = time.monotonic) -> TeamPage:
    """On the parts of a running Nellie."""
    stores, settings = parts.stores, parts.settings
    page_memory, page_numbers = PageMemory(parts.database), PageNumbers(parts.database)
    page_operating, page_turns = PageOperating(parts.database), PageTurns(parts.database)
    reading = Reading(page_memory, stores.page_chat, Rights(parts.adapters, clock), clock=clock)
    costs = Costs(settings.price_of)
    noting = Noting(stores.audit)
    changing = Changing(
        reading=reading,
        adapters=parts.adapters,
        commands=parts.commands,
        audit=stores.audit,
        noting=noting,
    )
    return TeamPage(
        signing=SigningIn(stores.page_sessions, parts.adapters, settings.admins, clock=clock),
        counting=Counting(
            reading=reading,
            store=page_numbers,
            costs=costs,
            window_high=parts.budget.high,
            clock=clock,
        ),
        remembering=Remembering(
            reading=reading,
            states=stores.channels,
            messages=stores.messages,
            summaries=stores.summaries,
            store=page_memory,
            recollecting=parts.gathering.material.recollecting,
            retention=settings.retention,
            models=settings.model,
            clock=clock,
        ),
        asking=Asking(
            reading=reading,
            store=page_turns,
            traces=stores.answer_traces,
            explaining=Explaining(
                messages=stores.messages,
                summaries=stores.summaries,
                store=page_turns,
                costs=costs,
            ),
        ),
        arranging=Arranging(
            reading=reading,
            changing=changing,
            stores=stores,
            settings=settings,
            registry=parts.tools.registry,
        ),
        changing=changing,
        uploading=Uploading(reading=reading, store=stores.uploads),
        archiving=Archiving(reading=reading, changing=changing, audit=stores.audit, parts=parts),
        administering=Administering(
            noting=noting,
            keys=stores.api_keys,
            sessions=stores.page_sessions,
            store=page_operating,
            admins=settings.admins,
            serves_api=settings.api is not None,
        ),
        operating=Operating(
            reading=reading,
            settings=settings,
            registry=parts.models,
            all_tools=parts.tools,
            quotas=parts.quotas,
            call_queue=parts.call_queue,
            store=page_operating,
        ),
        chatting=Chatting(
            reading=reading,
            changing=changing,
            channels=stores.channels,
            messages=stores.messages,
            memory=page_memory,
            store=stores.page_chat,
            reminders=stores.reminders,
        ),
        examining=Examining(clock=clock),
    )
