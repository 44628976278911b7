"""What people write of how a model is to generate."""

import pytest

from bot.domain.generation import format_generation, merge, parse_generation


@pytest.mark.parametrize(
    ("text", "generation"),
    [
        ("", {}),
        ("temperature=0.2", {"temperature": 0.2}),
        ("Temperature=0  seed=7\ttop_p=1", {"temperature": 0.0, "seed": 7, "top_p": 1.0}),
        ("stop=END|###", {"stop": ["END", "###"]}),
        ("effort=Low verbosity=high", {"reasoning_effort": "low", "verbosity": "high"}),
        ("max=200", {"max_answer": 200}),
        ("temperature=", {"temperature": None}),
    ],
)
def test_reads_pairs(text: str, generation: dict[str, object]) -> None:
    assert parse_generation(text) == generation


@pytest.mark.parametrize(
    "text",
    [
        "hot",
        "heat=1",
        "temperature=hot",
        "temperature=nan",
        "temperature=2.5",
        "temperature=-1",
        "temperature=٢",
        "seed=1.5",
        "seed=99999999999999999999",
        "max_answer=2",
        "reasoning_effort=some",
        "stop=a|b|c|d|e",
        f"stop={'x' * 41}",
    ],
)
def test_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ (is|has|do not)"):
        parse_generation(text)


def test_what_is_written_reads_the_same_again() -> None:
    generation = parse_generation("temperature=0.2 stop=END|### seed=7 effort=low")

    assert parse_generation(format_generation(generation)) == generation


def test_later_settings_go_first_and_can_take_back() -> None:
    general, channel = {"temperature": 0.2, "seed": 7}, {"temperature": 0.9, "seed": None}

    assert merge(general, channel) == {"temperature": 0.9}
