"""Nellie's own names over the endpoint: whose they are, and that nothing tells of others'."""

from typing import Any

import openai
import pytest
from doubles.api_endpoint import ApiEndpoint
from doubles.openai_server import OpenAIServer

from bot.domain.model import Author, Channel
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform
from bot.testing.running_nellie import new_message

DEV = Channel("fake", "team", "C7", "dev")
KEYS = "the spare keys are in room 4.12"


@pytest.fixture
def platform() -> FakePlatform:
    platform = FakePlatform()
    platform.readers["C7"] = {ANA.id}
    return platform


@pytest.fixture
async def api(start_api: Any, platform: FakePlatform) -> ApiEndpoint:
    api: ApiEndpoint = await start_api(platforms=[platform])
    channel_id = await api.stores.channels.id(DEV)
    from bot.core.message_checks import checked
    from bot.store.message_inserts import NewMessage

    said = checked(new_message(BOB, KEYS, channel=DEV))
    await api.stores.messages.add(channel_id, [NewMessage(said)])
    return api


async def key_of(api: ApiEndpoint, person: Author, **more: Any) -> str:
    given = {"platform": "fake", "workspace": "team", "name": person.name, **more}
    return await api.add_key(person.id, **given)


async def test_a_channels_member_asks_its_memory(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    client = api.client(await key_of(api, ANA))

    names = [one.id async for one in client.models.list()]
    chat = await client.chat.completions.create(
        model="nellie/fake/dev", messages=[{"role": "user", "content": "where are the keys?"}]
    )
    response = await client.responses.create(model="nellie/fake/dev", input="where?")

    assert names[:2] == ["nellie", "nellie/fake/dev"]
    assert chat.choices[0].message.content == "Hello from the double."
    assert chat.model == "nellie/fake/dev"
    assert response.output_text == "Hello from the double."
    assert all(KEYS in str(prompt["messages"]) for prompt in upstream.prompts)
    rows = await api.ended_rows(2)
    assert {row.model for row in rows} == {"openai/double"}
    assert all(row.output for row in rows)


@pytest.mark.parametrize("name", ["nellie/fake/dev", "nellie/fake/C7", "nellie/fake/team/C7"])
async def test_to_all_others_it_is_as_unknown_as_what_never_was(
    api: ApiEndpoint, upstream: OpenAIServer, name: str
) -> None:
    for key in (await key_of(api, BOB), api.key):
        client = api.client(key)
        errors = []
        for asked in (name, "nellie/fake/never"):
            with pytest.raises(openai.NotFoundError) as caught:
                await client.responses.create(model=asked, input="where?")
            errors.append(str(caught.value).replace(asked, "X"))

        assert errors[0] == errors[1]
        assert [one.id async for one in client.models.list() if "fake" in one.id] == []
    assert upstream.prompts == []


async def test_a_key_for_some_models_has_no_more_of_hers(api: ApiEndpoint) -> None:
    client = api.client(await key_of(api, ANA, models=["nellie"]))

    assert [one.id async for one in client.models.list()] == ["nellie"]
    with pytest.raises(openai.NotFoundError):
        await client.responses.create(model="nellie/fake/C7", input="where?")


async def test_responses_remember_what_is_to_be_remembered(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    client = api.client(await key_of(api, ANA))
    named = {"metadata": {"conversation": "trip"}}

    await client.responses.create(model="nellie", input="my boat is called Ada", **named)
    await client.responses.create(model="nellie", input="what is it called?", **named)
    await client.responses.create(model="nellie", input="what is it called?")

    shown = [str(prompt["messages"]) for prompt in upstream.prompts]
    assert "Ada" in shown[1]
    assert "Ada" not in shown[2]
