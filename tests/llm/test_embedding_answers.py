"""Vectors as servers send them: in any order and form, and what is none is named."""

from typing import Any

import pytest
from doubles.embeddings_endpoint import encode
from hypothesis import example, given
from hypothesis import strategies as st

from bot.llm.embedding.answers import NoVectors, read_vectors

NUMBERS = [[3.0, 4.0], [0.0, 2.0], [-1.0, 0.0]]
VECTORS = [[0.6, 0.8], [0.0, 1.0], [-1.0, 0.0]]


def entries(*numbers: Any) -> list[dict[str, Any]]:
    return [{"index": index, "embedding": one} for index, one in enumerate(numbers)]


@pytest.mark.parametrize(
    "answer",
    [
        {"data": entries(*NUMBERS)},
        {"data": entries(*NUMBERS)[::-1]},
        {"data": entries(*map(encode, NUMBERS))},
        {"data": [{"embedding": one} for one in NUMBERS]},
        {"data": entries(*({"float": one} for one in NUMBERS))},
        {"data": entries(*([one] for one in NUMBERS))},
        {"embeddings": NUMBERS},
        NUMBERS,
        {"data": entries([3, 4], [0, 2], [-1, 0])},
    ],
)
def test_is_read_in_every_form_that_servers_use(answer: Any) -> None:
    assert read_vectors(answer, 3) == VECTORS


@given(st.permutations(range(6)))
def test_any_order_is_put_right(order: list[int]) -> None:
    data = entries(*([float(n), 1.0] for n in range(6)))

    assert read_vectors({"data": [data[n] for n in order]}, 6) == read_vectors({"data": data}, 6)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"data": entries(*NUMBERS[:2])}, "2 vectors for 3 texts"),
        ({"data": entries(*NUMBERS, [1.0, 1.0])}, "4 vectors for 3 texts"),
        ({"data": []}, "0 vectors for 3 texts"),
        ({"data": entries([1.0], [1.0, 2.0], [1.0])}, "of 1 and of 2 numbers together"),
        ({"data": entries(*NUMBERS[:2], [0.0, 0.0])}, "all zeros"),
        ({"data": entries([], [], [])}, "empty"),
        ({"data": entries(*NUMBERS[:2], [1.0, float("nan")])}, "no number"),
        ({"data": entries(*NUMBERS[:2], [1.0, None])}, "no number"),
        ({"data": entries(*NUMBERS[:2], [1.0, float("inf")])}, "no number"),
        ({"data": entries(*NUMBERS[:2], "not base64!")}, "no number"),
        ({"data": entries(*NUMBERS[:2], "AAAA")}, "no number"),
        ({"data": entries(*NUMBERS[:2], None)}, "missing"),
        ({"data": entries(*NUMBERS[:2], [[1.0, 2.0], [3.0, 4.0]])}, "pooling"),
        ({"data": [{"index": 0, "embedding": [1.0]}] * 3}, "not those of the texts"),
        ({"data": [{"index": n + 1, "embedding": [1.0]} for n in range(3)]}, "not those"),
        ({"data": entries(*([[1.0] * 16_001] * 3))}, "16,000"),
        ({"data": None}, "no vectors"),
        ({"error": "x"}, "no vectors"),
        ("oops", "no vectors"),
        (None, "no vectors"),
    ],
)
def test_what_is_no_vector_is_named(answer: Any, reason: str) -> None:
    with pytest.raises(NoVectors, match=reason):
        read_vectors(answer, 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "index", "embedding", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, st.integers(1, 3))
@example([{"index": [], "data": None}], 1)
def test_anything_else_is_no_vector_and_no_crash(answer: Any, texts: int) -> None:
    try:
        vectors = read_vectors(answer, texts)
    except NoVectors:
        return
    assert len(vectors) == texts
