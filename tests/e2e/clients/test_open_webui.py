"""What Open WebUI sends, sent again: a chat, its tasks, and who sits before it.

It is not installed: these are the requests of version 0.12, by what its source says.
"""

import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from e2e.clients.endpoint import MODEL, Endpoint
from e2e.clients.upstream import SPEND_ALL

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

SAID = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Where is the disk?"},
    {"role": "assistant", "content": "In the cupboard."},
]
TASKS = {
    "title": 'Give this chat a title, as JSON: {"title": "..."}',
    "tags": 'Name broad tags for this chat, as JSON: {"tags": ["..."]}',
    "follow-ups": 'Suggest what may be asked next, as JSON: {"follow_ups": ["..."]}',
}


def sits_before_it(id_: str, name: str) -> dict[str, str]:
    """The headers that it sends of a person, where it is told to."""
    return {
        "X-OpenWebUI-User-Id": id_,
        "X-OpenWebUI-User-Name": quote(name, safe=" "),
        "X-OpenWebUI-User-Email": f"{id_}@example.com",
        "X-OpenWebUI-User-Role": "user",
        "X-OpenWebUI-Chat-Id": "5d0f6a3e-2a0f-4a52-9d9b-2f5c1e6f7a10",
    }


async def chat(endpoint: Endpoint, key: str, text: str, headers: dict[str, str]) -> str:
    """The text of a chat as it is streamed to a browser."""
    body = {
        "model": MODEL,
        "messages": [*SAID, {"role": "user", "content": text}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    sent = {"Authorization": f"Bearer {key}", **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint.url}/chat/completions", json=body, headers=sent) as response,
    ):
        assert response.status == 200, await response.text()
        assert response.content_type == "text/event-stream"
        lines = [line.decode().strip() async for line in response.content]
    events = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert events.pop() == "[DONE]"
    chunks = [json.loads(event) for event in events]
    return "".join(
        choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]
    )


def task(text: str) -> dict[str, Any]:
    """What it asks for itself after an answer."""
    told = "\n".join(f"{one['role'].upper()}: {one['content']}" for one in SAID)
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": f"### Task:\n{text}\n### Chat History:\n{told}"}],
        "stream": False,
        "max_completion_tokens": 1000,
    }


async def test_the_models_are_listed_for_its_menu(endpoint: Endpoint) -> None:
    key = await endpoint.add_key("front end that lists", "--trusted")
    sent = {"Authorization": f"Bearer {key}", **sits_before_it("u-1", "Ana")}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{endpoint.url}/models", headers=sent) as response,
    ):
        listed = await response.json()

    assert MODEL in [one["id"] for one in listed["data"]]
    assert all(one["object"] == "model" and one["owned_by"] for one in listed["data"])


async def test_a_chat_is_streamed_and_its_tasks_are_answered(endpoint: Endpoint) -> None:
    key = await endpoint.add_key("front end that chats", "--trusted")
    headers = sits_before_it("u-2", "Zoë Åkesson")

    said = await chat(endpoint, key, "And the key?", headers)
    answers = {
        name: await endpoint.post("/chat/completions", key, task(text), **headers)
        for name, text in TASKS.items()
    }

    assert said == "You said: And the key?"
    for name, (status, told) in answers.items():
        assert status == 200
        content = told["choices"][0]["message"]["content"]
        assert TASKS[name] in content
        assert told["usage"]["total_tokens"] == 15


async def test_what_it_says_of_people_goes_to_no_model_server(endpoint: Endpoint) -> None:
    key = await endpoint.add_key("front end that tells", "--trusted")

    await chat(endpoint, key, "hello", sits_before_it("u-3", "Carl"))

    sent = {name.lower() for name in endpoint.upstream.headers[-1]}
    assert not {name for name in sent if "openwebui" in name}
    assert key not in json.dumps(endpoint.upstream.headers[-1])


async def test_each_person_before_a_trusted_front_end_has_a_budget_of_their_own(
    endpoint: Endpoint,
) -> None:
    key = await endpoint.add_key("front end of many", "--trusted")
    ana, bob = sits_before_it("u-ana", "Ana"), sits_before_it("u-bob", "Bob")

    assert (await endpoint.ask(key, SPEND_ALL, **ana))[0] == 200
    status_of_ana, told = await endpoint.ask(key, "hello", **ana)
    status_of_bob, _ = await endpoint.ask(key, "hello", **bob)

    assert (status_of_ana, told["error"]["code"]) == (429, "budget_exceeded")
    assert status_of_bob == 200


async def test_the_headers_of_any_other_key_name_nobody(endpoint: Endpoint) -> None:
    key = await endpoint.add_key("dora")
    spent = await endpoint.spent_key("emil")

    status, _ = await endpoint.ask(key, "hello", **sits_before_it("emil", "Emil"))
    status_of_emil, _ = await endpoint.ask(spent, "hello", **sits_before_it("dora", "Dora"))

    assert (status, status_of_emil) == (200, 429)
