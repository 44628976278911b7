"""What models answer of labels: nothing is believed that is not in the list."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tasks.label_answers import UNREADABLE, LabelAnswers, Labelled

LABELS = ("bug", "praise", "a, b")


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ('{"label": "bug", "confidence": 0.5}', "bug"),
        ('{"confidence": 0.5, "label": " BUG "}', "bug"),
        ('{"label": "a, b", "confidence": "0.5"}', "a, b"),
        ('{"label": "bug", "confidence": 50}', "bug"),
        ('{"label": "bug", "confidence": "50%"}', "bug"),
        ('{"label": "none", "confidence": 0.5}', None),
        ('Sure! Here it is:\n```json\n{"label": "bug", "confidence": 0.5}\n```\nBye', "bug"),
        ('The label is {"label": "bug", "confidence": 0.5}.', "bug"),
    ],
)
def test_reads_a_label(answer: str, label: str | None) -> None:
    assert LabelAnswers(LABELS, 1).read(answer) == [Labelled(label, 0.5)]


@pytest.mark.parametrize(
    ("said", "confidence"),
    [
        ('"confidence": 1.2', 1.0),
        ('"confidence": 1.99', 1.0),
        ('"confidence": 2', 0.02),
        ('"confidence": 100', 1.0),
        ('"confidence": 101', 0.0),
        ('"confidence": true', 0.0),
        ('"confidence": NaN', 0.0),
        ('"confidence": 1e999', 0.0),
        ('"confidence": -1', 0.0),
        ('"confidence": -0.0', 0.0),
        ('"confidence": "-0%"', 0.0),
        ('"confidence": null', 0.0),
        ('"sure": 1', 0.0),
    ],
)
def test_a_label_counts_however_sure_its_model_says_to_be(said: str, confidence: float) -> None:
    answer = f'{{"label": "bug", {said}}}'

    [read] = LabelAnswers(LABELS, 1).read(answer)

    assert read == Labelled("bug", confidence)
    assert f"{read.confidence:.0%}" == f"{confidence:.0%}"  # nothing is -0% sure


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "nothing was said"),
        ("bug", "no JSON object"),
        ("[]", "no JSON object"),
        ('{"label": "bug", "confidence": 0.', "broken"),
        ('{"label": "outage", "confidence": 1}', '"outage" is none of the labels'),
        ('{"label": ["bug"], "confidence": 1}', "no label"),
        ('{"label": null, "confidence": 1}', "no label"),
        ('{"labels": "bug"}', "no label"),
        ('{"label": "bug", "confidence": ' + "9" * 5_000 + "}", "broken"),
        ('{"label":' * 100_000, "nested|broken"),
        (f'{{"label": "{"x" * 100_000}", "confidence": 1}}', "none of the labels"),
    ],
)
def test_says_what_is_wrong_with_an_answer(answer: str, why: str) -> None:
    answers = LabelAnswers(LABELS, 1)

    with pytest.raises(ValueError, match=why) as caught:
        answers.read(answer)

    assert len(str(caught.value)) < 200
    assert answers.found == [UNREADABLE]


def test_keeps_of_several_what_could_be_read() -> None:
    answers = LabelAnswers(LABELS, 3)
    said = {"1": {"label": "bug", "confidence": 1}, "2": {"label": "outage", "confidence": 1}}

    with pytest.raises(ValueError, match='of text 2, "outage" is none of the labels'):
        answers.read(json.dumps(said))

    assert answers.found == [Labelled("bug", 1.0), UNREADABLE, UNREADABLE]


def test_a_label_may_be_called_as_abstaining_is() -> None:
    answers = LabelAnswers(("bug", "None"), 1)

    assert answers.read('{"label": "none", "confidence": 1}') == [Labelled("None", 1.0)]
    assert answers.read('{"label": "none of these", "confidence": 1}') == [Labelled(None, 1.0)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_said_the_label_is_from_the_list(said: object) -> None:
    for answer in (json.dumps(said), str(said), json.dumps({"label": said, "confidence": said})):
        answers = LabelAnswers(LABELS, 1)
        try:
            answers.read(answer)
        except ValueError:
            continue

        assert answers.found[0].label in {*LABELS, None}
        assert 0 <= answers.found[0].confidence <= 1
