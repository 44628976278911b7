"""What the doctor says of tools: of models that take none, and of what searches the web."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from doctor.conftest import Patient
from doctor.faults import Fault, check_diagnosis, sets
from doubles.canned_responses import CannedResponse
from doubles.search_engine import SearchEngine

from bot.domain.ports import Finding

VLLM = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'


async def of(patient: Patient, name: str) -> Finding:
    found = {one.name: one for one in await patient.examined()}
    return found[name]


@pytest.fixture
async def engine() -> AsyncIterator[SearchEngine]:
    async with SearchEngine() as serving:
        yield serving


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (VLLM, "--tool-call-parser"),
        ("tools param requires --jinja flag", "llama.cpp with --jinja"),
        ("double does not support tools", "Choose a model that does"),
    ],
)
async def test_a_server_that_refuses_tools_is_told_with_what_mends_it(
    patient: Patient, words: str, mend: str
) -> None:
    patient.openai.refusals['"tools"'] = (400, words)

    found = {one.name: one for one in await patient.examined()}
    tools = found["model openai/double, tools"]

    assert found["model openai/double"].state == "ok"
    assert (tools.state, mend in tools.mend) == ("note", True), tools
    assert tools.what == "its server refuses them: it calls no tools, and answers without them"


async def test_a_model_that_takes_tools_is_well(patient: Patient) -> None:
    assert (await of(patient, "model openai/double, tools")).what == "it takes tools"
    [asked] = [one for one in patient.openai.prompts if one.get("tools")]
    assert asked["tools"][0]["function"]["name"] == "now"


async def test_tgis_own_protocol_has_none_and_she_answers_without(patient: Patient) -> None:
    patient.environ["NELLIE_MODEL"] = "tgi"

    tools = await of(patient, "model tgi, tools")

    assert tools.state == "ok"
    assert "it calls no tools, and answers without them" in tools.what
    assert "TGI's native protocol has none" in tools.what


async def test_a_model_that_fails_with_tools_alone_is_told(patient: Patient) -> None:
    patient.openai.refusals['"tools"'] = (500, "Internal error")

    tools = await of(patient, "model openai/double, tools")

    assert tools.state == "note"
    assert "asked with a tool, it fails" in tools.what


async def test_no_tool_is_spoken_of_where_the_model_does_not_answer(patient: Patient) -> None:
    patient.openai.default_response = CannedResponse(status=500, error="broken")

    assert "model openai/double, tools" not in [one.name for one in await patient.examined()]


@pytest.mark.parametrize(
    ("status", "answer", "state", "what", "mend"),
    [
        (200, {"results": [{"url": "https://a.example", "title": "a"}]}, "ok", "in JSON", ""),
        (200, {"results": []}, "note", "finds nothing", "its own engines"),
        (403, "Forbidden", "wrong", "does not answer in JSON", "search.formats: "),
        (200, "<html>hello</html>", "wrong", "no JSON of results", "correct NELLIE_SEARXNG"),
        (502, "Bad gateway", "wrong", "answers 502", "start SearXNG"),
    ],
)
async def test_the_search_engine_is_asked_once(
    patient: Patient,
    engine: SearchEngine,
    status: int,
    answer: Any,
    state: str,
    what: str,
    mend: str,
) -> None:
    engine.status, engine.answer = status, answer
    patient.environ["NELLIE_SEARXNG"] = f"http://127.0.0.1:{engine.port}"

    found = await of(patient, "web search SearXNG")

    assert (found.state, what in found.what, mend in found.mend) == (state, True, True), found
    assert len(engine.asked) == 1


async def test_a_search_engine_that_is_away_is_the_one_thing_that_is_wrong(
    patient: Patient,
) -> None:
    await check_diagnosis(
        patient,
        Fault(
            sets(NELLIE_SEARXNG="http://127.0.0.1:9"),
            "web search SearXNG",
            "cannot be reached",
            "start SearXNG, or correct NELLIE_SEARXNG",
        ),
    )


async def test_without_an_engine_it_says_what_web_search_needs(patient: Patient) -> None:
    found = await of(patient, "tools")

    assert (found.state, found.what) == (
        "ok",
        "all but web_search can be used; for that, set NELLIE_SEARXNG or NELLIE_BRAVE_KEY",
    )
