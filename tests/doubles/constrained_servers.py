"""Stand-ins for servers that hold an answer to a schema: it is by chance, and always fits."""

import json
from dataclasses import replace
from random import Random
from typing import Any, Literal

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

Kind = Literal["openai", "llama_cpp_python", "none"]
"""OpenAI's way (also vLLM's, llama.cpp's and Ollama's); `json_object` with a schema beside it; or
one that takes every format, and heeds none."""
MOST_CHOICES, DEEPEST = 1_000, 5  # of OpenAI's strict schemas


def sample(schema: dict[str, Any], chance: Random) -> Any:
    """Anything that a schema allows."""
    if "enum" in schema:
        return chance.choice(schema["enum"])
    match schema["type"]:
        case "object":
            return {key: sample(one, chance) for key, one in schema["properties"].items()}
        case "array":
            return [sample(schema["items"], chance) for _ in range(chance.randrange(3))]
        case "number":
            return chance.choice((chance.random(), chance.randrange(101)))
        case "string":
            return "".join(chance.choices('ab "\\{}\n', k=chance.randrange(9)))
    raise ValueError(f"this double knows no {schema}")


def what_is_wrong(schema: dict[str, Any], depth: int = 1) -> str:
    """What OpenAI finds wrong with a strict schema, in its own words; empty where nothing is."""
    if depth > DEEPEST:
        return "too many levels of nesting"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false"
        if schema.get("required") != list(schema["properties"]):
            return "'required' is required to be supplied and to be an array including every key"
        inner = (what_is_wrong(one, depth + 1) for one in schema["properties"].values())
        return next(filter(None, inner), "")
    return "" if "enum" in schema or "type" in schema else "schema must have a 'type' key"


def count_choices(schema: dict[str, Any]) -> int:
    """The values of all enums."""
    inner = schema.get("properties", {}).values()
    return len(schema.get("enum", ())) + sum(map(count_choices, inner))


class ConstrainedServer(OpenAIServer):
    """Chat Completions; where no schema holds it, it says whatever it was told to."""

    def __init__(self, kind: Kind = "openai") -> None:
        super().__init__()
        self.kind = kind
        self.chance = Random(7)  # no secret

    def _refusal(self, received: ReceivedRequest) -> web.Response | None:
        wanted = received.body.get("response_format", {})
        if self.kind == "llama_cpp_python" and wanted.get("type") == "json_schema":
            words = (
                "[{'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or"
            )
            return self.refuse(received.path, 500, f"{words} 'json_object'\"}}]")
        if self.kind == "openai" and (schema := _schema_of(wanted)):
            wrong = what_is_wrong(schema)
            if count_choices(schema) > MOST_CHOICES:
                wrong = f"more than {MOST_CHOICES} enum values in total"
            if wrong:
                words = f"Invalid schema for response_format 'label': {wrong}."
                return self.refuse(received.path, 400, words)
        return super()._refusal(received)

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        schema = _schema_of(received.body.get("response_format", {}))
        if schema and self.kind != "none":
            canned = replace(canned, text=json.dumps(sample(schema, self.chance)))
        return await super()._stream(request, received, canned)


class ConstrainedTGI(TGIServer):
    """TGI with a grammar for each answer that has one."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = Random(7)  # no secret

    async def _generate(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        grammar = received.body["parameters"].get("grammar")
        if grammar and grammar["type"] == "json":
            canned = replace(canned, text=json.dumps(sample(grammar["value"], self.chance)))
        return await super()._generate(request, received, canned)


def _schema_of(wanted: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = wanted.get("json_schema", wanted).get("schema", {})
    return found
