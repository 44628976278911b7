"""Budgets, as programs meet them: two replicas, many calls at once, and a readable error."""

import asyncio
from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

WORDS = "word " * 20


def chat(number: int, **fields: Any) -> dict[str, Any]:
    content = f"question number {number}"
    messages = [{"role": "user", "content": content}]
    return {"model": "openai/double", "messages": messages, "max_tokens": 40, **fields}


async def spent(api: ApiEndpoint) -> int:
    async with api.database.autocommit() as connection:
        found = await connection.exec_driver_sql("SELECT coalesce(sum(tokens), 0) FROM api_day")
        return int(found.scalar_one())


@pytest.mark.parametrize("stream", [False, True])
async def test_fifty_calls_at_once_over_two_replicas_overshoot_by_less_than_one(
    start_api: StartApi, upstream: OpenAIServer, stream: bool
) -> None:
    upstream.default_response = CannedResponse(text=WORDS, delay=0.01)
    limit = 200
    replicas = [await start_api(limit_person_tokens=limit) for _ in range(2)]
    clients = [one.client(replicas[0].key) for one in replicas]

    async def ask(number: int) -> str:
        client = clients[number % 2]
        try:
            answer = await client.chat.completions.create(**chat(number, stream=stream))
            if stream:
                _ = [chunk async for chunk in answer]
        except openai.RateLimitError as error:
            return str(error.code)
        return "answered"

    ends = await asyncio.gather(*(ask(number) for number in range(50)))
    rows = await replicas[0].ended_rows(50)

    used = [row.input + row.output for row in rows if row.status == "200"]
    assert limit <= await spent(replicas[0]) < limit + max(used)
    assert ends.count("answered") == len(used) == len(upstream.prompts)
    assert sum(row.status == "429" for row in rows) == ends.count("budget_exceeded") > 0


@pytest.mark.parametrize(
    ("limit", "whose"),
    [
        ({"limit_person_tokens": 10}, "Your budget for today is used up (10 tokens a day)"),
        ({"limit_tokens": 10}, "The common budget for today is used up (10 tokens a day)"),
        (
            {"limit_team_cost": 0.01, "prices": ("openai/double=1000/1000/1000",)},
            "Your team's budget for today is used up (0.01 a day)",
        ),
    ],
)
async def test_a_spent_budget_is_an_error_that_nobody_tries_again(
    start_api: StartApi, upstream: OpenAIServer, limit: dict[str, Any], whose: str
) -> None:
    upstream.default_response = CannedResponse(text=WORDS)
    api = await start_api(**limit)
    client = api.client(max_retries=2)
    await client.chat.completions.create(**chat(1))
    await api.ended_rows(1)

    with pytest.raises(openai.RateLimitError) as refused:
        await client.chat.completions.create(**chat(2))

    error = refused.value
    assert error.code == "budget_exceeded"
    assert whose in error.message
    assert "starts again at 00:00 UTC" in error.message
    assert error.response.headers["x-should-retry"] == "false"
    rows = await api.rows()
    assert len(rows) == 2  # it was sent once
    assert error.response.headers["x-request-id"] == str(rows[1].id)


async def test_who_sits_before_a_front_end_has_a_budget_of_their_own(
    start_api: StartApi, upstream: OpenAIServer
) -> None:
    upstream.default_response = CannedResponse(text=WORDS)
    api = await start_api(limit_person_tokens=10)
    key = await api.add_key("desk", trusted=True)
    ends = []
    for person in ("ann", "ben", "ann"):
        status, _, _ = await api.post(
            "chat/completions", chat(len(ends)), key=key, X_OpenWebUI_User_Id=person
        )
        ends.append(status)
        await api.ended_rows(len(ends))

    assert ends == [200, 200, 429]
    people = [row.person_id for row in await api.rows()]
    assert people == ["desk/ann", "desk/ben", "desk/ann"]
