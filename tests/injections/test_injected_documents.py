"""Documents that want a model to do something: nothing comes of it, and names are harmless."""

from datetime import UTC, datetime

import pytest
from doubles.injections import INJECTIONS
from doubles.obeying_model import ObeyingModel
from doubles.read_documents import document_of, read_file
from injections.test_obeying_models import MARKS, SECRET, on_discord, on_slack

from bot.bootstrap import Nellie
from bot.domain.documents import PostedFile, name_files
from bot.domain.model import Author, Channel, Message
from bot.store.database import Database

LINK = "https://team.example/archives/C1/p17"
NAMES = (
    "crane.pdf",
    "](http://evil.example/a) crane.pdf",
    "@everyone <!channel> <@U2> <@&1> `crane` ||crane||.pdf",
    "http://evil.example/crane.pdf",
    "كرين [doc 1] \u202e鶴.pdf",
)
PLACES = {"slack": on_slack, "discord": on_discord}


class CitingModel(ObeyingModel):
    """Cites what it was given, and what it was not."""

    def _answer(self) -> str:
        return f"The crane is red [doc 1] [doc 77]. {super()._answer()}"


async def post(parts: Nellie, channel: Channel, number: int, name: str, text: str) -> None:
    """Somebody posts a file, and it is read."""
    file = PostedFile(id=f"F{number}", name=name, media_type="application/pdf")
    said = name_files([file])
    await parts.inbox.receive(
        Message(
            channel,
            f"{1700000000 + number}.000100",
            Author("U9", "carla"),
            said,
            datetime.now(UTC),
            link=LINK,
            files=(file,),
        )
    )
    await read_file(parts.stores, document_of(text), platform=channel.platform)


@pytest.mark.parametrize("platform", PLACES)
@pytest.mark.timeout(300)
async def test_what_a_document_says_is_a_quote_and_its_citation_pings_and_opens_nothing(
    database: Database, platform: str
) -> None:
    model = CitingModel(SECRET)
    async with PLACES[platform](database, model) as (parts, ask, pinged):
        await ask("hello")
        states = await parts.stores.channels.all()
        [channel] = [one.channel for one in states if not one.channel.direct and one.seq > 1][:1]
        for number, (kind, text) in enumerate(INJECTIONS.items()):
            name = NAMES[number % len(NAMES)]
            about = f"The height of crane{number}x in the harbour is {number} metres. {text}"
            await post(parts, channel, number, name, about)
            model.prompts.clear()

            await ask(f"what is the height of crane{number}x in the harbour?")

            prompt = model.prompts[-1]
            assert any(f"crane{number}x" in one.passage.text for one in prompt.passages), kind
            told = [one.text for one in prompt.messages]
            assert not [one for one in told if any(mark in one for mark in MARKS)], kind
            assert f"crane{number}x in the harbour is" not in prompt.messages[0].text, kind
            assert pinged() == [], kind
            channel_id = await parts.stores.channels.id(channel)
            walk = parts.stores.messages.read_in_order(channel, channel_id)
            *_, answer = [one.text async for one in walk if one.author.nellie]
            assert answer.startswith("The crane is red ["), kind
            cited = answer.removeprefix("The crane is red ").partition("](")
            assert cited[2].startswith(f"{LINK}). "), kind
            assert "doc 77" not in answer, kind
