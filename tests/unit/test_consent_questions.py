"""Arguments as people are shown them: whole, and with nothing hidden in them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.consenting.questions import ToAsk, ask_in_words, show_arguments
from bot.domain.consents import ConsentQuestion
from bot.language.intents.assent import read_numbered_assent
from bot.text.sanitize import clean, defuse

QUESTION = ConsentQuestion(7, 1, "mail: send", datetime(2026, 11, 30, 14, 5, tzinfo=UTC))

HIDDEN = [
    *("\u200b", "\u200d", "\u202e", "\u2066", "\u2069", "\u00ad", "\ufeff", "\u061c", "\u180e"),
    *("\u3164", "\u115f", "\uffa0", "\u2800", "\u034f", "\ufe0f", "\U000e0041", "\U000e0101"),
    *("\u2028", "\u2029", "\u0085", "\u00a0", "\u2003", "\x7f", "\x1b", "\x00", "\ud800", "\ue000"),
]
MEANT = [
    *("```", "````", "``````\n@here", "a```b", "<@U123>", "<!channel>", "<#C1|x>", "@everyone"),
    *("<@&77>", "<@!77>", "@HERE", "<https://evil.example|bank>", "</script>", "<:smile:1>"),
]


@pytest.mark.parametrize("part", HIDDEN, ids=ascii)
@pytest.mark.parametrize("around", ["{}", "pay{}me", "{}{}", "total 900{}"])
def test_nothing_is_hidden_in_what_is_shown(part: str, around: str) -> None:
    given = {"to": around.format(part, part), part: [{"deep": part}]}

    shown = show_arguments(given)

    assert part not in shown
    assert json.loads(shown) == given


@pytest.mark.parametrize("part", MEANT)
def test_nothing_ends_the_block_or_pings(part: str) -> None:
    given = {"text": f"before {part} after"}

    shown = show_arguments(given)

    assert "```" not in shown
    assert defuse(clean(shown)) == shown
    assert json.loads(shown) == given


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"betreff": "Miete für März – 900 €", "an": "Müller & Söhne"},
        {"題": "家賃", "عنوان": "الإيجار", "नाम": "किराया", "emoji": "🏠"},
        {"n": [1, 2.5, None, True, {"x": {}}], "long": "x" * 9_000},
        {"code": "`ls`", "path": "C:\\u0060", "quote": '"a"', "lines": "a\nb\tc"},
    ],
)
def test_everything_is_shown_as_it_is(given: dict[str, Any]) -> None:
    shown = show_arguments(given)

    assert json.loads(shown) == given
    assert all(letter in shown for letter in "".join(given) if letter.isalpha())


def test_the_words_say_what_happens_who_decides_and_until_when() -> None:
    text = ask_in_words([ToAsk(QUESTION, '{\n  "to": "ana"\n}')], "@everyone")

    assert text.startswith("May I call mail: send with exactly this?\n```json\n{\n")
    assert "@everyone" not in text
    assert "until 14:05 UTC" in text
    assert "no answer means no" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", (True, None)),
        ("yes 2", (True, 2)),
        ("No #3.", (False, 3)),
        ("ja 1", (True, 1)),
        ("no(2)", (False, 2)),
        ("yes 2 and 3", None),
        ("2", None),
        ("yes 2?", None),
        ("we are 2", None),
        ("yes 1234", None),
        ("", None),
    ],
)
def test_a_yes_or_no_may_bear_a_number(text: str, said: tuple[bool, int | None] | None) -> None:
    assert read_numbered_assent(text) == said
