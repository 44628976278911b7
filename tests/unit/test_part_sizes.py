"""The parts of a prompt: all of it belongs to one, and their tokens are those of the whole."""

from dataclasses import replace

from doubles.prompt_material import CHANNEL, NELLIE, NOON, budgets, messages
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.documents import FoundPassage, Passage
from bot.domain.model import ChatMessage, Message, Prompt, Tool
from bot.prompting.budget import Budget
from bot.prompting.message_line import count_line_tokens, format_line
from bot.prompting.part_sizes import count_parts
from bot.prompting.prompt import build_digest_text, build_prompt, build_system_text
from bot.text.tokens import estimate

SOME = settings(max_examples=50)
CLAUSE = FoundPassage(
    document_id=1,
    name="contract.pdf",
    passage=Passage(number=1, text="thirty days", first_page=1, last_page=1),
    tokens=3,
)
SEARCH = Tool("search", "Finds what was said.", {"type": "object"})


def built(history: list[Message], budget: Budget, *, so_far: str = "", digest: str = "") -> Prompt:
    """A prompt with all parts that there may be."""
    *before, trigger = history
    prompt = build_prompt(
        system=build_system_text("a teammate", budget),
        digest=build_digest_text(digest, budget),
        transcript="\n".join(format_line(one, budget.message) for one in before[-3:]),
        conversation=before,
        recalled=before,
        trigger=trigger,
        about=before[:1],
        turns=[ChatMessage("user", "said before"), ChatMessage("assistant", "yes")],
        shown=range(len(history), 10_000),
        now=NOON,
        budget=budget,
        passages=[CLAUSE],
        files=["plan.pdf is still being read"],
        so_far=so_far,
    )
    return replace(prompt, tools=(SEARCH,))


@SOME
@given(messages(), budgets, st.sampled_from(["", "so far, so"]), st.sampled_from(["", "a\n" * 50]))
def test_every_letter_of_a_prompt_belongs_to_one_part(
    history: list[Message], budget: Budget, so_far: str, digest: str
) -> None:
    for one in built(history, budget, so_far=so_far, digest=digest).messages:
        ends = [end for _, end in one.parts]

        assert ends == sorted(set(ends))
        assert ends[-1] == len(one.text)


@SOME
@given(messages(), budgets, st.sampled_from(["", "so far, so"]), st.sampled_from(["", "a\n" * 50]))
def test_the_parts_make_up_the_prompt(
    history: list[Message], budget: Budget, so_far: str, digest: str
) -> None:
    prompt = built(history, budget, so_far=so_far, digest=digest)

    sizes = count_parts(prompt)

    pieces = sum(len(one.parts) for one in prompt.messages)  # each is rounded up by itself
    assert prompt.tokens - pieces <= sum(sizes.values()) <= prompt.tokens + pieces
    assert all(tokens > 0 for tokens in sizes.values())


def test_a_window_whose_tokens_are_known_is_not_counted_again() -> None:
    budget = Budget.fit(high=8000, low=2000, recall=1200, answer=1000)
    lines = [
        Message(CHANNEL, f"m{n}", NELLIE, f"line {n} of the talk", NOON, seq=n)
        for n in range(1, 40)
    ]
    transcript = "\n".join(format_line(one, budget.message) for one in lines)
    prompt = build_prompt(
        system=build_system_text("a teammate", budget),
        transcript=transcript,
        conversation=[],
        recalled=[],
        trigger=lines[-1],
        shown=range(100),
        now=NOON,
        budget=budget,
    )

    known = count_parts(prompt, window=sum(count_line_tokens(one) for one in lines))

    assert abs(sum(known.values()) - prompt.tokens) <= 3
    assert known["window"] > estimate(transcript)
    assert count_parts(prompt, window=1)["window"] < 20
