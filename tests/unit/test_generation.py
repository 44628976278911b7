"""What people write of how a model is to generate."""

import pytest

from bot.domain.generation import (
    format_generation,
    merge,
    parse_generation,
    parse_generations,
)


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
        (
            'system="Answer in French, please." seed=7',
            {"system": "Answer in French, please.", "seed": 7},
        ),
        ("system='Say \"no\" kindly'", {"system": 'Say "no" kindly'}),
        ("system=“Be brief; be kind”", {"system": "Be brief; be kind"}),
        ("system=Briefly!", {"system": "Briefly!"}),
        ('stop="the end|---"', {"stop": ["the end", "---"]}),
        ('system=""', {"system": None}),
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
        "stop=|",
        "temperature=1e400",
        f"temperature={'9' * 5000}",
        f"{'x' * 5000}=1",
        "=5",
        "temperature",
        f'system="{"x" * 1001}"',
        "top_p=0",
        "seed=-1",
        "verbosity=loud",
    ],
)
def test_says_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ (is|has|do not)") as caught:
        parse_generation(text)

    assert len(str(caught.value)) < 250


def test_what_is_written_reads_the_same_again() -> None:
    text = "temperature=0.2 stop=END|### seed=7 effort=low system='Say \"no; not\" kindly, it”s'"
    generation = parse_generation(text)

    assert parse_generation(format_generation(generation)) == generation


def test_later_settings_go_first_and_can_take_back() -> None:
    general, channel = {"temperature": 0.2, "seed": 7}, {"temperature": 0.9, "seed": None}

    assert merge(general, channel) == {"temperature": 0.9}


@pytest.mark.parametrize(
    ("text", "generations"),
    [
        ("", {}),
        ("temperature=0.7", {"": {"temperature": 0.7}}),
        (
            "temperature=0.7; openai/GPT-6-luna: temperature=0.2 seed=7",
            {"": {"temperature": 0.7}, "openai/gpt-6-luna": {"temperature": 0.2, "seed": 7}},
        ),
        (
            'ollama/llama3.2:3b: system="Short; in German."; tgi: top_p=0.5 ; seed=1',
            {
                "ollama/llama3.2:3b": {"system": "Short; in German."},
                "tgi": {"top_p": 0.5},
                "": {"seed": 1},
            },
        ),
    ],
)
def test_models_have_settings_of_their_own(
    text: str, generations: dict[str, dict[str, object]]
) -> None:
    assert parse_generations(text) == generations


@pytest.mark.parametrize("text", ["m: heat=1", "m: temperature=hot", "m temperature=1"])
def test_what_is_wrong_with_a_model_s_settings_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ (is|do not)"):
        parse_generations(text)
