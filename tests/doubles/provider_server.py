"""A provider's own server: it knows one address, one header for the key, and one dialect."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from doubles.loopback_server import LoopbackServer, stream

LIMITS = ("max_tokens", "max_completion_tokens")
COMMON = frozenset(
    {"model", "messages", "stream", "stream_options", "temperature", "top_p", "stop", "seed"}
)


def choice(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    """An event with a piece of an answer."""
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": dict(delta), "finish_reason": finish} | more],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProtocol:
    """What a provider expects of a request, and how it answers one."""

    host: str
    path: str
    environ: Mapping[str, str] = field(default_factory=dict)
    """The variables that its users have set."""
    query: Mapping[str, str] = field(default_factory=dict)
    key_header: str = "Authorization"
    key: str = "Bearer secret-key"
    """Empty where it asks for none."""
    limit: str = "max_tokens"
    others: frozenset[str] = frozenset()
    """Fields that it knows beside those that all know."""
    refuses: frozenset[str] = frozenset()
    """Of those that all know, the ones that it does not."""
    refusal: str = "Unrecognized request argument supplied: {name}"
    status: int = 400
    takes_parts: bool = False
    events: Sequence[Any] = ()
    """Its answer; bytes and texts stand as they are."""


class ProviderServer(LoopbackServer):
    """`async with ProviderServer(protocol) as server:` answers at `server.port`."""

    def __init__(self, protocol: ProviderProtocol) -> None:
        self.protocol = protocol
        self.accepted: list[dict[str, Any]] = []
        """The bodies of the requests that it answered."""
        self.refused: list[str] = []
        """What it said of the others."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_route("*", "/{path:.*}", self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        wanted = self.protocol
        if request.method != "POST":  # what it may be asked about itself
            return web.json_response({"error": {"message": "not found"}}, status=404)
        if request.headers["Host"] != f"{wanted.host}:{self.port}" or request.path != wanted.path:
            return self._refuse(404, f"nothing is at {request.url}")
        if dict(request.query) != wanted.query:
            return self._refuse(404, f"the query must be {dict(wanted.query)}")
        if wanted.key and request.headers.get(wanted.key_header) != wanted.key:
            return self._refuse(401, f"{wanted.key_header} is not what it should be")
        body = await request.json()
        if words := self._wrong_in(body):
            return self._refuse(wanted.status, words)
        self.accepted.append(body)
        return await stream(request, *map(_line, wanted.events))

    def _wrong_in(self, body: dict[str, Any]) -> str:
        """What is wrong with a request, in the provider's own words."""
        wanted = self.protocol
        known = (COMMON - wanted.refuses) | wanted.others | {wanted.limit}
        if None in body.values():
            return "null is not of the expected type"
        if unknown := sorted(body.keys() - known):
            return wanted.refusal.format(name=unknown[0])
        if wanted.limit not in body or not body.get("stream"):
            return f"{wanted.limit} and stream are needed"
        if not wanted.takes_parts and any(
            not isinstance(message["content"], str) for message in body["messages"]
        ):
            return "messages.0.content: Input should be a valid string"
        return ""

    def _refuse(self, status: int, words: str) -> web.Response:
        self.refused.append(words)
        return web.json_response({"error": {"message": words}}, status=status)


def _line(event: Any) -> bytes:
    """An event as it is sent; a text is one already."""
    return (event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n").encode()


DONE = "data: [DONE]\n\n"
_SAID = [choice({"role": "assistant", "content": ""}), choice({"content": "Re"})]
_PLAIN = [*_SAID, choice({"content": "d."}), choice({}, "stop")]
_COUNTS = {"prompt_tokens": 40, "completion_tokens": 3, "total_tokens": 43}


def _usage(**more: Any) -> dict[str, Any]:
    return {"choices": [], "usage": _COUNTS | more}


def _local(port_path: str = "/v1/chat/completions", **more: Any) -> ProviderProtocol:
    events = more.pop("events", [*_PLAIN, _usage(), DONE])
    return ProviderProtocol(host="127.0.0.1", path=port_path, key="", events=events, **more)


PROTOCOLS: dict[str, ProviderProtocol] = {
    "openai": ProviderProtocol(
        host="api.openai.com",
        path="/v1/chat/completions",
        environ={"OPENAI_API_KEY": "secret-key"},
        limit="max_completion_tokens",
        others=frozenset({"prompt_cache_key", "prompt_cache_options"}),
        refusal="Unsupported parameter: '{name}' is not supported with this model.",
        takes_parts=True,
        events=[*_PLAIN, _usage(prompt_tokens_details={"cached_tokens": 32}), DONE],
    ),
    "azure": ProviderProtocol(
        host="me.openai.azure.com",
        path="/openai/v1/chat/completions",
        environ={
            "AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com/",
            "AZURE_OPENAI_API_KEY": "secret-key",
        },
        key_header="api-key",
        key="secret-key",
        limit="max_completion_tokens",
        # Its content filter speaks first, in an event without a choice.
        events=[{"choices": [], "prompt_filter_results": []}, *_PLAIN, _usage(), DONE],
    ),
    "azure with a version": ProviderProtocol(
        host="me.openai.azure.com",
        path="/openai/deployments/some-model/chat/completions",
        query={"api-version": "2024-10-21"},
        environ={
            "AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com",
            "AZURE_OPENAI_API_KEY": "secret-key",
            "OPENAI_API_VERSION": "2024-10-21",
        },
        key_header="api-key",
        key="secret-key",
        limit="max_completion_tokens",
        refuses=frozenset({"stream_options"}),
        events=[{"choices": [], "prompt_filter_results": []}, *_PLAIN, DONE],
    ),
    "anthropic": ProviderProtocol(
        host="api.anthropic.com",
        path="/v1/chat/completions",
        environ={"ANTHROPIC_API_KEY": "secret-key"},
        takes_parts=True,
        events=[*_PLAIN, _usage(prompt_tokens_details=None), DONE],
    ),
    "gemini": ProviderProtocol(
        host="generativelanguage.googleapis.com",
        path="/v1beta/openai/chat/completions",
        environ={"GEMINI_API_KEY": "secret-key"},
        refusal='Invalid JSON payload received. Unknown name "{name}": Cannot find field.',
        events=[
            choice({"content": "Red.", "role": "assistant"}, "stop") | {"usage": _COUNTS},
            DONE,
        ],
    ),
    "vertex": ProviderProtocol(
        host="europe-west4-aiplatform.googleapis.com",
        path="/v1/projects/acme/locations/europe-west4/endpoints/openapi/chat/completions",
        environ={
            "GOOGLE_CLOUD_PROJECT": "acme",
            "GOOGLE_CLOUD_LOCATION": "europe-west4",
            "VERTEX_ACCESS_TOKEN": "secret-key",
        },
        events=[*_PLAIN[:-1], choice({}, "STOP") | {"usage": _COUNTS}, DONE],
    ),
    "bedrock": ProviderProtocol(
        host="bedrock-runtime.us-west-2.amazonaws.com",
        path="/openai/v1/chat/completions",
        environ={"AWS_REGION": "us-west-2", "AWS_BEARER_TOKEN_BEDROCK": "secret-key"},
        events=[
            choice({"content": "<reasoning>They ask.</reasoning>"}),
            *_PLAIN,
            _usage(),
            DONE,
        ],
    ),
    "mistral": ProviderProtocol(
        host="api.mistral.ai",
        path="/v1/chat/completions",
        environ={"MISTRAL_API_KEY": "secret-key"},
        others=frozenset({"random_seed"}),
        refuses=frozenset({"stream_options", "seed"}),
        refusal="body.{name}: Extra inputs are not permitted",
        status=422,
        events=[
            choice({"content": [{"type": "thinking", "thinking": [{"text": "They ask."}]}]}),
            choice({"content": [{"type": "text", "text": "Re"}]}),
            choice({"content": "d."}),
            choice({}, "stop") | {"usage": _COUNTS},
            DONE,
        ],
    ),
    "groq": ProviderProtocol(
        host="api.groq.com",
        path="/openai/v1/chat/completions",
        environ={"GROQ_API_KEY": "secret-key"},
        events=[
            choice({"reasoning": "They ask."}),
            *_PLAIN[:-1],
            choice({}, "stop") | {"x_groq": {"id": "req_1", "usage": _COUNTS}},
            DONE,
        ],
    ),
    "openrouter": ProviderProtocol(
        host="openrouter.ai",
        path="/api/v1/chat/completions",
        environ={"OPENROUTER_API_KEY": "secret-key"},
        events=[
            ": OPENROUTER PROCESSING\n\n",
            choice({"content": "", "reasoning": "They ask.", "reasoning_details": [{"text": "x"}]}),
            *_PLAIN[:-1],
            choice({}, "stop", native_finish_reason="STOP"),
            _usage(prompt_tokens_details={"cached_tokens": 32, "cache_write_tokens": 0}),
            DONE,
        ],
    ),
    "together": ProviderProtocol(
        host="api.together.xyz",
        path="/v1/chat/completions",
        environ={"TOGETHER_API_KEY": "secret-key"},
        events=[
            choice({"content": "Red."}, text="Red."),
            choice({"content": ""}, "eos") | {"usage": _COUNTS},
            DONE,
        ],
    ),
    "deepseek": ProviderProtocol(
        host="api.deepseek.com",
        path="/v1/chat/completions",
        environ={"DEEPSEEK_API_KEY": "secret-key"},
        events=[
            ": keep-alive\n\n",
            choice({"content": None, "reasoning_content": "They ask."}),
            *_PLAIN,
            _usage(prompt_cache_hit_tokens=32, prompt_cache_miss_tokens=8),
            DONE,
        ],
    ),
    "xai": ProviderProtocol(
        host="api.x.ai",
        path="/v1/chat/completions",
        environ={"XAI_API_KEY": "secret-key"},
        refuses=frozenset({"stop"}),
        refusal="Model grok does not support parameter {name}.",
        events=[*_PLAIN, _usage(prompt_tokens_details={"cached_tokens": 32}), DONE],
    ),
    "ollama": _local(events=[choice({"reasoning": "They ask."}), *_PLAIN, _usage(), DONE]),
    "lmstudio": _local(),
    "llamacpp": _local(
        events=[
            *_PLAIN[:-1],
            choice({}, "stop") | {"timings": {"cache_n": 32}},
            _usage(prompt_tokens_details={"cached_tokens": 32}) | {"timings": {}},
            DONE,
        ]
    ),
    "vllm": _local(
        events=[*_PLAIN[:-1], choice({"content": ""}, "stop", stop_reason=None), _usage(), DONE],
    ),
    "sglang": _local(
        events=[
            choice({"role": "assistant", "content": None, "reasoning_content": None}),
            *_PLAIN[1:-1],
            choice({"content": None}, "stop", matched_stop=151645),
            _usage(prompt_tokens_details=None),
            DONE,
        ]
    ),
    "text-generation-webui": _local(),
    "oobabooga": _local(),
    "transformers": _local(events=[*_PLAIN[:-1], choice({}, "stop") | {"usage": _COUNTS}]),
}
