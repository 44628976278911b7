"""Our TGI double, and what we send to it, against TGI's own OpenAPI document."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from doubles.canned_responses import OVERLOADED, CannedResponse
from doubles.tgi_server import TGIServer
from jsonschema import Draft4Validator

from bot.domain.model import ChatMessage, Image, Prompt, ResponseFormat
from bot.llm.tgi.model import TGI
from bot.testing import collect, prompt_of

_ANSWERS = {
    "/info": "Info",
    "/tokenize": "TokenizeResponse",
    "/chat_tokenize": "ChatTokenizeResponse",
    "/generate_stream": "StreamResponse",
    "/v1/chat/completions": "ChatCompletionChunk",
}
_REQUESTS = {
    "/tokenize": "GenerateRequest",
    "/chat_tokenize": "ChatRequest",
    "/generate_stream": "GenerateRequest",
    "/v1/chat/completions": "ChatRequest",
}


@pytest.fixture
def schemas() -> dict[str, Any]:
    folder = os.environ.get("NELLIE_CONTRACTS") or Path(__file__).parents[3] / "shared/contracts"
    path = Path(folder) / "tgi-openapi.json"
    if not path.exists():
        pytest.skip("TGI's OpenAPI document is not here: NELLIE_CONTRACTS names its folder")
    document: dict[str, Any] = _with_nulls(json.loads(path.read_text()))
    return document


def _with_nulls(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type."""
    if isinstance(schema, list):
        return [_with_nulls(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _with_nulls(part) for name, part in schema.items()}
    return {"anyOf": [plain, {"type": "null"}]} if plain.pop("nullable", False) else plain


def _faults(document: dict[str, Any], name: str, body: Any) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return [error.message for error in Draft4Validator(schema).iter_errors(body)]


@pytest.mark.parametrize("templates", [True, False])
async def test_keeps_to_the_contract_of_tgi(
    schemas: dict[str, Any], build: Any, templates: bool
) -> None:
    async with TGIServer(templates=templates, max_input=500) as double:
        model = build(TGI, "", tgi_url=double.url)
        double.respond_with(CannedResponse(), CannedResponse(finish="length"))
        await collect(model, prompt_of("Hi", "Hello", "Who are you?"))
        await collect(model, prompt_of())

    assert double.answers
    for path, answer in double.answers:
        assert _faults(schemas, _ANSWERS[path], answer) == []
    for seen in double.requests:
        if seen.path in _REQUESTS:
            assert _faults(schemas, _REQUESTS[seen.path], seen.body) == []


async def test_pictures_formats_and_adapters_keep_to_it_too(
    schemas: dict[str, Any], build: Any
) -> None:
    cat = Image(b"GIF89a", "image/gif", 20, 10)
    seen = ChatMessage("user", "What is this?", (cat,))
    wanted = (
        ResponseFormat("label", {"type": "object", "properties": {"label": {"type": "string"}}}),
        ResponseFormat("yes_no", regex="yes|no"),
    )
    generation = {"temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["END"]}
    async with TGIServer(sees=True) as double, TGIServer(templates=False) as plain:
        for server in (double, plain):
            model = build(TGI, "support", tgi_url=server.url)
            for one in wanted:
                prompt = Prompt("answer", (seen,), 50, response_format=one, generation=generation)
                output = await collect(model, prompt)
                assert output.error is None

    sent = [one for one in (*double.requests, *plain.requests) if one.path in _REQUESTS]
    assert {"/chat_tokenize", "/generate_stream", "/v1/chat/completions"} <= {
        one.path for one in sent
    }
    for one in sent:
        assert _faults(schemas, _REQUESTS[one.path], one.body) == []
    for path, answer in (*double.answers, *plain.answers):
        name = "ErrorResponse" if "error" in answer else _ANSWERS[path]
        assert _faults(schemas, name, answer) == []


async def test_reports_errors_as_tgi_does(schemas: dict[str, Any], build: Any) -> None:
    async with TGIServer() as double:
        model = build(TGI, "", tgi_url=double.url)
        double.respond_with(OVERLOADED, CannedResponse("", ending="error", error="CUDA error"))
        await collect(model, prompt_of())
        await collect(model, prompt_of())

    errors = [body for path, body in double.answers if path == "/generate_stream"]
    assert [error["error_type"] for error in errors] == ["overloaded", "generation"]
    assert [_faults(schemas, "ErrorResponse", error) for error in errors] == [[], []]
