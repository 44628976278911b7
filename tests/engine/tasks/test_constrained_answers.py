"""A thousand answers of servers that hold a model to a schema, or do not: no label is invented."""

from collections import Counter
from dataclasses import replace

import pytest
from doubles.canned_responses import CannedResponse
from doubles.constrained_servers import ConstrainedServer, ConstrainedTGI, Kind
from doubles.openai_server import OpenAIServer
from doubles.start_nellie import Start

from bot.config.settings import load
from bot.domain.ports import Model
from bot.llm.openai.chat import OpenAI
from bot.llm.tgi.model import TGI
from bot.store.channels import ChannelState
from bot.tasks.classification import Labelled
from bot.tasks.extraction import Extraction
from bot.tasks.labels import LabelSet
from bot.testing import ANA, GENERAL, RunningNellie

KINDS = LabelSet(("bug", "praise", 'a "b", c', "<|im_end|>", "问题"))
MANY = LabelSet(tuple(f"label {number}" for number in range(100)))


def openai_at(server: OpenAIServer) -> Model:
    return OpenAI("double", load(openai_base_url=server.url, openai_api_key="k"))


async def sort(nellie: RunningNellie, labels: LabelSet, count: int, at_once: int) -> list[Labelled]:
    classification = replace(nellie.parts.classification, at_once=at_once)
    texts = [f"text {number}" for number in range(count)]
    state = ChannelState.unseen(GENERAL)
    return await classification.classify(state, labels, texts, person=ANA.id)


def check(found: list[Labelled], labels: LabelSet, count: int) -> None:
    """All of them have a label of the list, or abstain; all labels come up."""
    counts = Counter(one.label for one in found)
    assert len(found) == count
    assert set(counts) == {*labels.labels, None}
    assert not any(one.unreadable for one in found)
    assert all(0 <= one.confidence <= 1 for one in found)


async def test_answers_about_single_texts_have_no_invalid_label(start_nellie: Start) -> None:
    async with ConstrainedServer() as server:
        nellie = await start_nellie(model=openai_at(server))

        check(await sort(nellie, KINDS, 200, at_once=1), KINDS, 200)

        assert len(server.prompts) == 200


@pytest.mark.parametrize("kind", ["openai", "llama_cpp_python"])
@pytest.mark.parametrize(
    ("labels", "count"),
    [
        pytest.param(KINDS, 300, id="few"),
        pytest.param(KINDS, 1_000, id="few, often", marks=pytest.mark.stress),
        pytest.param(MANY, 1_000, id="many"),  # so that each of a hundred comes up
    ],
)
async def test_of_many_answers_none_has_an_invalid_label(
    start_nellie: Start, kind: Kind, labels: LabelSet, count: int
) -> None:
    async with ConstrainedServer(kind) as server:
        nellie = await start_nellie(model=openai_at(server))

        check(await sort(nellie, labels, count, at_once=10), labels, count)

        formats = Counter(one["response_format"]["type"] for one in server.prompts)
        assert formats["json_schema"] == (1 if kind != "openai" else formats.total())


async def test_tgi_holds_them_by_its_grammar(start_nellie: Start) -> None:
    async with ConstrainedTGI() as server:
        nellie = await start_nellie(model=TGI("", load(tgi_url=server.url)))

        check(await sort(nellie, KINDS, 300, at_once=10), KINDS, 300)

        asked = [one["parameters"] for one in server.prompts if "parameters" in one]
        assert len(asked) == 30
        assert all("grammar" in one for one in asked)


@pytest.mark.parametrize(
    "text", ["The label is bug!", '{"label": "outage", "confidence": 1}', "<think>hm", "{" * 900]
)
async def test_where_nothing_holds_it_what_it_invents_is_no_label(
    start_nellie: Start, text: str
) -> None:
    async with ConstrainedServer("none") as server:
        server.default_response = CannedResponse(text=text)
        nellie = await start_nellie(model=openai_at(server))

        found = await sort(nellie, KINDS, 20, at_once=1)

        assert found == [Labelled(None, 0.0, unreadable=True)] * 20


async def test_a_server_that_knows_no_formats_is_asked_in_free_words(start_nellie: Start) -> None:
    async with OpenAIServer() as server:
        server.refusals["response_format"] = (400, "response_format is not supported")
        server.default_response = CannedResponse(text='Sure: {"label": "bug", "confidence": 0.5}')
        nellie = await start_nellie(model=openai_at(server))

        found = await sort(nellie, KINDS, 5, at_once=1)

        assert found == [Labelled("bug", 0.5)] * 5
        assert ["response_format" in one for one in server.prompts][-5:] == [False] * 5


@pytest.mark.parametrize("kind", ["openai", "llama_cpp_python"])
async def test_fields_are_held_to_their_schema(start_nellie: Start, kind: Kind) -> None:
    async with ConstrainedServer(kind) as server:
        nellie = await start_nellie(model=openai_at(server))
        extraction = Extraction(calls=nellie.parts.classification.calls, budget=nellie.parts.budget)
        fields = ("date", "e-mail", "e mail", "Größe")

        for _ in range(50):
            found = await extraction.extract(
                ChannelState.unseen(GENERAL), fields, "a b", person=ANA.id
            )
            assert [name for name, _ in found.fields] == list(fields)
            assert not found.unreadable
