"""The first steps of an answer: gather what it is made from, and lay that out as a prompt."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from bot.core.asked_files import FilesAsked
from bot.core.consenting.resuming import Resuming
from bot.core.continuing import Continued, Continuing
from bot.core.first_come import FirstCome
from bot.core.gathered import Gathered
from bot.core.pictures import Pictures
from bot.core.question_material import Asked, QuestionMaterial, ReadMaterial
from bot.core.quoting import Quoted, Quoting
from bot.core.turn_run import TurnRun
from bot.domain.errors import DatabaseUnavailable, Fenced
from bot.domain.generation import parse_generation
from bot.domain.model import Message, Prompt, Turn
from bot.domain.ports import Adapter
from bot.llm.fallback import Fallback
from bot.llm.registry import ModelRegistry
from bot.memory.window import Windows
from bot.prompting.budget import Budget
from bot.prompting.model_budgets import ModelBudgets
from bot.prompting.prompt import build_digest_text, build_prompt, build_system_text
from bot.store.messages import Messages
from bot.store.turn_outcome import ShownWindow
from bot.telemetry import metrics
from bot.text.tokens import estimate

QUESTION_FORM = 64  # tokens of a question's name, and of what stands around it, at most
BESIDE_WITHIN = 3.0  # seconds that an answer waits for what other bots wrote beside its question

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Reads memory for a turn."""

    windows: Windows
    messages: Messages
    material: QuestionMaterial
    models: ModelRegistry
    budgets: ModelBudgets
    persona: str
    adapters: Mapping[str, Adapter]
    continuing: Continuing
    resuming: Resuming
    pictures: Pictures
    files: FilesAsked
    first_come: FirstCome

    async def gather(self, run: TurnRun) -> Gathered:
        """Everything that the prompt of a turn is made from. Raises CommandError."""
        await self.first_come.go_on(run.came)
        channel_id = run.lease.channel_id
        resumed = await self.resuming.read(channel_id, run.turn)
        run.went_on_with = resumed.turns if resumed else ()
        continued = await self.continuing.read(channel_id, run.turn)
        former = resumed or continued
        turn = replace(run.turn, trigger=former.question) if former else run.turn
        quoted = await Quoting(messages=self.messages, adapters=self.adapters).read(
            turn, channel_id
        )
        asked = Asked(
            turn=turn,
            channel_id=channel_id,
            words=quoted.added_to(turn.trigger),
            budget=lambda window: self._budget(
                self.models.get(window.state.model), turn.trigger, quoted, continued
            ),
            ahead=None if former else run.take_hits(),
        )
        with run.trace.time("recall") as reading:
            read = await self.material.read(asked)
        window, conversation = read.window, self._conversation(read)
        if beside := await self._beside(turn):
            conversation = sorted([*beside, *conversation], key=lambda message: message.at)
        files = await self.files.read(channel_id, turn, quoted.messages, conversation)
        documents = window.state.has_documents or files.any_read
        with run.trace.time("recall") as recollecting:
            found = await self.material.recollect(read, documents=documents)
        metrics.stages.observe("recall", reading() + recollecting())
        return Gathered(
            turn,
            window,
            self.models.get(window.state.model),
            quoted.left_out_of(conversation),
            quoted.left_out_of(found.messages),
            quoted.left_out_of(found.latest),
            quoted,
            continued,
            resumed,
            passages=found.passages,
            files=files,
            scores=found.scores,
        )

    @asynccontextmanager
    async def seeing(self, run: TurnRun, gathered: Gathered) -> AsyncIterator[Gathered]:
        """With the pictures of the question, which are held as long as its answer is made."""
        async with self.pictures.of(
            gathered.turn,
            run.lease.channel_id,
            gathered.model,
            about=gathered.quoted.messages,
            conversation=gathered.conversation,
        ) as pictures:
            brings = pictures.images or pictures.unseen
            yield replace(gathered, pictures=pictures) if brings else gathered

    async def prompt(self, gathered: Gathered) -> tuple[Prompt, ShownWindow]:
        """The prompt, within the budget of its model now; and what of the window it shows."""
        budget = self._budget(
            gathered.model, gathered.turn.trigger, gathered.quoted, gathered.continued
        )
        whole = await self._lay_out(gathered, budget)
        if not gathered.pictures.images:
            return whole
        most = await self._most_tokens(gathered.model, budget)
        if most is None or whole[0].tokens <= most:
            return whole
        shown = gathered.pictures.within(most * 3 // 4)
        smaller = budget.scale((most - shown.tokens) / budget.total)
        return await self._lay_out(replace(gathered, pictures=shown), smaller)

    async def _most_tokens(self, model: Fallback, budget: Budget) -> int | None:
        """What a prompt may take with its pictures; None where nobody knows."""
        if self.budgets.is_limited(model.name):
            return budget.total
        window = await model.context_window()
        return budget.most_within(window) if window else None

    async def _lay_out(self, gathered: Gathered, budget: Budget) -> tuple[Prompt, ShownWindow]:
        trigger, window = gathered.turn.trigger, gathered.window
        digest = await self.windows.read_digest(window)
        _, transcript = window.render(budget)
        shown = window.shown(budget)
        alone = shown == [trigger.seq]
        prompt = build_prompt(
            system=build_system_text(
                window.state.persona or self.persona, budget, window.state.answer_style
            ),
            digest=build_digest_text(digest, budget),
            transcript="" if alone else transcript,
            ends=() if alone else window.ends(budget),
            first=not window.shown_before,
            conversation=gathered.conversation,
            recalled=gathered.recalled,
            latest=gathered.latest,
            trigger=trigger,
            about=gathered.quoted.messages,
            turns=gathered.turns,
            images=gathered.pictures.images,
            unseen=gathered.pictures.unseen,
            passages=gathered.passages,
            files=gathered.files.shown,
            so_far=gathered.continued.text if gathered.continued else "",
            shown=set(shown),
            now=datetime.now(UTC),
            budget=budget,
            cache_key=f"nellie:{window.state.id}",
        )
        window.shown_before = True
        wanted = parse_generation(window.state.generation or "")
        tokens = 0 if alone else window.tokens_shown(budget)
        return replace(prompt, generation=wanted), window.snapshot(shown, tokens)

    def _budget(
        self, model: Fallback, trigger: Message, quoted: Quoted, continued: Continued | None
    ) -> Budget:
        """The budget of this model now, for this question."""
        texts = [trigger.text, *(message.text for message in quoted.messages)]
        if continued:
            texts.append(continued.text)
        question = sum(estimate(text) + QUESTION_FORM for text in texts)
        return self.budgets.for_model(model.name).beside(question)

    def _conversation(self, read: ReadMaterial) -> list[Message]:
        return read.conversation

    async def _beside(self, turn: Turn) -> list[Message]:
        """What bots that are not heard wrote where the question stands; best without a delay."""
        trigger, adapter = turn.trigger, self.adapters.get(turn.channel.platform)
        if adapter is None or turn.text or not (trigger.thread or trigger.reply_to):
            return []
        try:
            async with asyncio.timeout(BESIDE_WITHIN):
                return list(await adapter.beside(turn))
        except (DatabaseUnavailable, Fenced):
            raise
        except Exception as error:  # whatever a platform's library raises: it can be done without
            log.info("not_read_beside", turn=turn.id, error=type(error).__name__)
            return []
