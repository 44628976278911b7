"""Stand-ins that sort texts into labels, as OpenAI's API and as TGI: each by a function it is told.

They keep to a schema as such servers do; a careless one does not, now and then.
"""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest
from doubles.openai_server import OpenAIServer, read_text
from doubles.tgi_server import TGIServer

Sort = Callable[[str], str]
"""The label of a text."""

_TEXTS = re.compile(r"(?:^|\|>)(?:Text (\d+)|The text):\n((?:\|.*(?:\n|\Z))+)", re.MULTILINE)
_QUOTED = re.compile(r"^\| ?", re.MULTILINE)


def answer(prompt: str, sort: Sort, schema: Mapping[str, Any], *, careless: bool) -> str:
    """JSON with the label of each text of a prompt."""
    found = {number: _QUOTED.sub("", text).strip() for number, text in _TEXTS.findall(prompt)}
    is_second = "could not be read" in prompt
    said = {
        number: _entry(text, sort, careless=careless and not is_second)
        for number, text in found.items()
    }
    if careless and any(_is_odd(text) for text in found.values()):
        return f"Here you are:\n```json\n{json.dumps(said.get('', said))}\n```"
    if set(schema.get("properties", {})) >= {"label"} or "" in said:
        return json.dumps(next(iter(said.values())))
    return json.dumps(said)


def _entry(text: str, sort: Sort, *, careless: bool) -> dict[str, Any]:
    label = "banana" if careless and _is_odd(text) else sort(text)
    return {"label": label, "confidence": 0.9}


def _is_odd(text: str) -> bool:
    """One of ten texts, always the same."""
    return zlib.crc32(text.encode()) % 10 == 0


class LabellingOpenAI(OpenAIServer):
    """At `/v1`, with `response_format`; a careless one refuses schemas, as an old server does."""

    def __init__(self, sort: Sort, *, careless: bool = False) -> None:
        super().__init__()
        self.sort = sort
        self.careless = careless

    def _refusal(self, received: ReceivedRequest) -> web.Response | None:
        if self.careless and "response_format" in received.body:
            return self.refuse(received.path, 400, "response_format is not supported")
        return super()._refusal(received)

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        asked = "\n".join(read_text(one["content"]) for one in received.body["messages"])
        schema = received.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        said = answer(asked, self.sort, schema, careless=self.careless)
        return await super()._stream(request, received, replace(canned, text=said))


class LabellingTGI(TGIServer):
    """In TGI's own protocol, with its grammar."""

    def __init__(self, sort: Sort) -> None:
        super().__init__(max_input=16_383, max_total=16_384)
        self.sort = sort

    async def _generate(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        schema = received.body["parameters"].get("grammar", {}).get("value", {})
        said = answer(received.body["inputs"], self.sort, schema, careless=False)
        return await super()._generate(request, received, replace(canned, text=said))
