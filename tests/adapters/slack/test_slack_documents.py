"""Documents in Slack from end to end: posted, read, asked about, cited, and forgotten."""

from base64 import b64encode
from pathlib import Path

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.pictures import png
from doubles.slack_server import Slack

from bot.documents.temporary import private_folder
from bot.testing import ScriptedModel, repeats_prompt, says

HARBOUR = Path(__file__).parents[2] / "documents" / "files" / "harbour.pdf"
READ = [("read", "")]
TERMS = b"""<h1>Rent</h1><p>The rent of the boat house is due on the first of each month.</p>
<h1>Notice</h1><p>Either party may end the contract with a notice of thirty days.</p>"""
QUESTION = "@nellie with how many days of notice may a party end the contract?"


async def read(nellie: NellieOnSlack) -> list[tuple[str, str]]:
    """All that is due is read; the states of the files, and the notes beside them."""
    await nellie.slack.settled()
    with private_folder() as folder:
        while await nellie.parts.reading_queue.read_next(folder):
            pass
    rows = await nellie.query("SELECT state, note FROM posted_file ORDER BY name")
    return [(row.state, row.note) for row in rows]


def link(nellie: NellieOnSlack, ts: str) -> str:
    room = nellie.slack.room("C1")
    return nellie.slack.link(room, room.messages[ts])


async def test_a_pdf_is_read_and_cited_with_its_page_and_the_link_of_its_post(
    start_nellie: StartNellie,
) -> None:
    pytest.importorskip("pypdfium2")
    nellie = await start_nellie(model=ScriptedModel(says("Nine ", "tonnes [do", "c 1].")))
    ts = nellie.slack.say("U1", "C1", "", files=[("harbour.pdf", HARBOUR.read_bytes())])
    assert await read(nellie) == READ

    answers = await nellie.ask("@nellie how many tonnes does the crane lift?")

    assert answers == [f"Nine tonnes [harbour.pdf, p. 1–2]({link(nellie, ts)})."]
    assert "The crane lifts nine tonnes" in nellie.model.prompts[-1].messages[-1].text


@pytest.mark.parametrize("stubs", [False, True])
async def test_a_page_in_a_channel_of_one_company_or_two_is_read(
    start_nellie: StartNellie, stubs: bool
) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt))
    nellie.slack.say("U1", "C1", "the terms", files=[("terms.html", TERMS)], stubs=stubs)
    assert await read(nellie) == READ

    [answer] = await nellie.ask(QUESTION)

    assert "a notice of thirty days" in answer
    assert "terms.html" in answer


async def test_what_a_canvas_says_by_now_is_known(
    start_nellie: StartNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.posted_files.LEFT_ALONE", 0.0)
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt))
    slack = nellie.slack
    slack.say("U1", "C1", "the terms", files=[("terms", TERMS)])
    assert await read(nellie) == READ
    [file_id] = slack.files
    slack.files[file_id][0].update(mode="canvas", mimetype="application/vnd.slack-docs")

    slack.rewrite_file(file_id, TERMS.replace(b"thirty", b"sixty"))
    await slack.settled()
    assert await read(nellie) == READ

    [answer] = await nellie.ask(QUESTION)
    assert "a notice of sixty days" in answer
    assert "thirty" not in answer


async def test_what_a_deleted_file_said_is_known_no_longer_nor_what_rests_on_it(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("Thirty days [doc 1].")))
    slack = nellie.slack
    slack.say("U1", "C1", "the terms", files=[("terms.html", TERMS)])
    assert await read(nellie) == READ
    assert "Thirty days" in (await nellie.ask(QUESTION))[0]

    [file_id] = slack.files
    slack.delete_file(file_id)
    await slack.settled()

    assert "Thirty" not in " ".join(await nellie.remembered())
    nellie.model.follow("answer", repeats_prompt)
    [answer] = await nellie.ask(QUESTION)
    assert "thirty days" not in answer


async def test_a_missing_right_is_noted_and_read_once_it_is_given(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        slack.scopes.remove("files:read")
        first = await start_nellie(slack)
        slack.say("U1", "C1", "the terms", files=[("terms.html", TERMS)])

        [(state, note)] = await read(first)
        assert state == "unreadable"
        assert "files:read" in note
        await first.crash()

        slack.scopes.add("files:read")
        second = await start_nellie(slack, introduced=False)
        await second.parts.stores.posted_files.try_again(["slack"], limit=9)
        assert await read(second) == READ


async def test_a_limit_of_slack_delays_a_file_and_loses_none(nellie: NellieOnSlack) -> None:
    nellie.slack.faults.limit("download", "files.info", retry_after=1)

    nellie.slack.say("U1", "C1", "", files=[("a.html", TERMS), ("b.md", b"# Tides\n\nlow at noon")])

    assert await read(nellie) == READ * 2


async def test_a_screenshot_reaches_the_model_in_its_smaller_version(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("A pump.")))
    content = png()

    await nellie.ask("@nellie what is this?", files=[("pump.png", content)])

    shown = nellie.model.prompts[-1].messages[-1]
    assert "[picture: pump.png]" in shown.text
    assert [image.data for image in shown.images] == [content + b" at 1024.png"]
    assert b64encode(content[:30]).decode() not in str(await nellie.query("SELECT * FROM message"))
