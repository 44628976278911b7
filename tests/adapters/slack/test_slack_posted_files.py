"""Files in Slack: kept with their message, handed over with our token, gone once deleted."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.read_documents import pretend_to_read
from doubles.slack_server import Slack
from structlog.testing import capture_logs

from adapters.slack import file_downloads
from adapters.slack.api_errors import SlackRefused, SlackUnreachable
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.model import Channel

GENERAL = Channel("slack", "T1", "C1")
PDF = b"%PDF-1.7 " + bytes(range(256)) * 1_000
STUB = {"mode": "file_access", "file_access": "check_file_info"}


async def posted(nellie: NellieOnSlack, name: str, content: bytes, **more: Any) -> PostedFile:
    """Somebody posts a file; as it is remembered."""
    nellie.slack.say("U1", "C1", "look", files=[(name, content)], **more)
    await nellie.slack.settled()
    [file] = await files(nellie)
    return file


async def files(nellie: NellieOnSlack) -> list[PostedFile]:
    rows = await nellie.query(
        "SELECT external_id, name, media_type, size, alt, address FROM posted_file ORDER BY seq"
    )
    return [PostedFile(**{"id": row.external_id, **_rest(row)}) for row in rows]


def _rest(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "external_id"}


async def fetch(nellie: NellieOnSlack, file: PostedFile, *, small: bool = False) -> bytes:
    content = b""
    async with aclosing(nellie.adapter.open_file(GENERAL, "1.0", file, small=small)) as pieces:  # type: ignore[type-var]  # it is a generator
        async for piece in pieces:
            content += piece
    return content


async def why_not(nellie: NellieOnSlack, file: PostedFile) -> NotReadable:
    with pytest.raises(NotReadable) as caught:
        await fetch(nellie, file)
    return caught.value


# With their message


async def test_a_message_is_accepted_without_a_look_at_its_files(nellie: NellieOnSlack) -> None:
    sent = [("plan.txt", b"the harbour opens at nine"), ("cat.png", b"\x89PNG")]

    nellie.slack.say("U1", "C1", "look at these", files=sent)
    await nellie.slack.settled()

    assert (await nellie.remembered())[-1] == (
        "look at these\n[file: plan.txt]\n[picture: cat.png]"
    )
    assert [file.name for file in await files(nellie)] == ["plan.txt", "cat.png"]
    assert nellie.slack.downloads == nellie.slack.called("files.info") == []


async def test_history_says_the_same_of_files(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.app_is_down = True
    slack.say("U2", "C1", "", files=[("plan.pdf", PDF), ("map.png", b"\x89PNG")])

    await nellie.parts.inbox.catch_up(GENERAL)

    assert (await nellie.remembered())[-1] == "[file: plan.pdf]\n[picture: map.png]"
    assert [file.media_type for file in await files(nellie)] == ["application/pdf", "image/png"]
    assert slack.downloads == []


async def test_a_file_of_a_shared_channel_is_asked_for_by_its_id(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "tides.pdf", PDF, stubs=True)

    assert (await nellie.remembered())[-1] == "look\n[file: tides.pdf]"
    assert (file.media_type, file.size) == ("application/pdf", len(PDF))
    assert await fetch(nellie, file) == PDF


async def test_what_slack_describes_late_is_named_then(nellie: NellieOnSlack) -> None:
    nellie.slack.faults.slow("files.info", seconds=1.2, times=2)

    file = await posted(nellie, "map.png", b"\x89PNG", stubs=True)
    assert (file.name, file.media_type) == ("without a name", "")
    await nellie.slack.settled()

    while not file.media_type:
        await asyncio.sleep(0.02)
        [file] = await files(nellie)
    assert (file.name, file.media_type) == ("map.png", "image/png")
    assert (await nellie.remembered())[-1] == "look\n[picture: map.png]"
    assert [tuple(row) for row in await nellie.query("SELECT state FROM posted_file")] == [
        ("picture",)
    ]


async def test_a_file_of_which_slack_says_nothing_has_no_name(nellie: NellieOnSlack) -> None:
    nellie.slack.faults.refuse("files.info", error="file_not_found", times=9)

    file = await posted(nellie, "tides.pdf", PDF, stubs=True)

    assert (await nellie.remembered())[-1] == "look\n[file: without a name]"
    assert str(await why_not(nellie, file)) == "Slack no longer has it"


# Handing over


async def test_a_file_is_handed_over_byte_for_byte(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "größe 100%.pdf", PDF)

    assert await fetch(nellie, file) == PDF


async def test_an_empty_file_is_handed_over(nellie: NellieOnSlack) -> None:
    assert await fetch(nellie, await posted(nellie, "empty.txt", b"")) == b""


async def test_a_picture_has_smaller_versions(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "map.png", b"\x89PNG")

    assert await fetch(nellie, file, small=True) == b"\x89PNG at 1024.png"
    nellie.slack.files[file.id][0].pop("thumb_1024")
    assert await fetch(nellie, file, small=True) == b"\x89PNG at 720.png"
    for size in (720, 480, 360):
        nellie.slack.files[file.id][0].pop(f"thumb_{size}")
    assert await fetch(nellie, file, small=True) == b"\x89PNG"


async def test_a_fresh_address_is_asked_for(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)

    stale = PostedFile(id=file.id, name=file.name, address="https://files.slack.com/gone")

    assert await fetch(nellie, stale) == PDF


@pytest.mark.parametrize("mode", ["canvas", "quip"])
async def test_a_canvas_is_handed_over_as_a_page(nellie: NellieOnSlack, mode: str) -> None:
    file = await posted(nellie, "Plan", b"<h1>About Slack</h1><p>at nine</p>")
    nellie.slack.files[file.id][0].update({"mode": mode, "mimetype": "application/vnd.slack-docs"})
    nellie.slack.served_as[file.id] = "text/html"

    assert await fetch(nellie, file) == b"<h1>About Slack</h1><p>at nine</p>"


async def test_what_a_post_says_comes_with_what_slack_says_of_it(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "Plan", b"{}")
    nellie.slack.files[file.id][0]["mode"] = "space"
    nellie.slack.file_contents[file.id] = {"content": "plain", "content_html": "<p>at nine</p>"}

    assert await fetch(nellie, file) == b"<p>at nine</p>"
    assert nellie.slack.downloads == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mode": "tombstone"}, "it was deleted"),
        ({"mode": "hidden_by_limit"}, "Slack's plan hides it"),
        ({"mode": "list", "filetype": "list"}, "it is a list, which Slack hands over to nobody"),
        ({"file_access": "access_denied"}, "Slack does not let me see it"),
        (STUB, "Slack did not hand it over"),
        ({"is_external": True, "external_type": "gdrive"}, "it is kept in Google Drive, not in"),
        ({"mode": "external", "external_type": "odd"}, "it is kept elsewhere"),
        ({"url_private_download": "", "url_private": ""}, "it is kept elsewhere"),
        ({"url_private_download": 7, "url_private": None}, "it is kept elsewhere"),
    ],
)
async def test_what_is_not_handed_over_says_why(
    nellie: NellieOnSlack, changed: dict[str, Any], reason: str
) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.files[file.id][0].update(changed)

    error = await why_not(nellie, file)

    assert str(error).startswith(reason)
    assert not error.mendable


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.png", "it is a picture"),
        ("a.mp3", "it is a sound, not heard"),
        ("a.mp4", "it is a video, not seen"),
    ],
)
async def test_what_turns_out_to_be_no_document_is_not_downloaded(
    nellie: NellieOnSlack, name: str, reason: str
) -> None:
    file = await posted(nellie, name, b"abc")

    error = await why_not(nellie, PostedFile(id=file.id, name="without a name"))

    assert str(error) == reason
    assert nellie.slack.downloads == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("file_not_found", "Slack no longer has it"),
        ("file_deleted", "it was deleted"),
        ("access_denied", "Slack does not let me see it"),
    ],
)
async def test_what_slack_refuses_says_why(nellie: NellieOnSlack, error: str, reason: str) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.refuse("files.info", error=error, times=9)

    assert str(await why_not(nellie, file)) == reason


async def test_a_missing_right_is_named_and_can_be_mended(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        slack.scopes.remove("files:read")
        nellie = await start_nellie(slack)
        file = await posted(nellie, "plan.pdf", PDF)

        error = await why_not(nellie, file)

        assert error.mendable
        assert "files:read" in str(error)
        slack.scopes.add("files:read")
        assert await fetch(nellie, file) == PDF


@pytest.mark.parametrize("name", ["plan.pdf", "page.html"])
async def test_a_login_page_is_no_file(nellie: NellieOnSlack, name: str) -> None:
    file = await posted(nellie, name, PDF)
    nellie.slack.faults.spoil["files.info"] = lambda answer: answer  # it may still be asked
    nellie.slack.scopes.discard("files:read")
    nellie.slack.faults.refuse("files.info", error="unknown_method", times=9)

    error = await why_not(nellie, file)

    assert error.mendable
    assert "login page" in str(error)
    assert "files:read" in str(error)


async def test_a_page_that_somebody_posted_is_handed_over(nellie: NellieOnSlack) -> None:
    page = b"<html><title>Slack and we</title>at nine</html>"

    assert await fetch(nellie, await posted(nellie, "page.html", page)) == page


async def test_a_token_that_is_void_is_no_reason_to_give_a_file_up(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.revoked = "token_revoked"

    with pytest.raises(SlackRefused):
        await fetch(nellie, file)


async def test_a_file_of_another_workspace_is_not_asked_for(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    elsewhere = Channel("slack", "T2", "C1")

    with pytest.raises(NotReadable, match="another workspace"):
        async for _ in nellie.adapter.open_file(elsewhere, "1.0", file):
            pass
    assert nellie.slack.called("files.info") == []


# Faults


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_may_pass(nellie: NellieOnSlack, status: int) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.fail("download", status=status)

    with pytest.raises(SlackUnreachable, match=str(status)):
        await fetch(nellie, file)
    assert await fetch(nellie, file) == PDF


async def test_a_rate_limit_is_waited_for(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.limit("download", retry_after=1)

    assert await fetch(nellie, file) == PDF
    assert len(nellie.slack.downloads) == 2


async def test_a_rate_limit_that_takes_long_is_left_to_a_later_try(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.limit("download", retry_after=3_600)

    with pytest.raises(SlackUnreachable, match="429"):
        await fetch(nellie, file)


async def test_a_connection_that_breaks_off_leaves_no_half_file(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.cut("download", every=3)

    with pytest.raises(SlackUnreachable):
        await fetch(nellie, file)


async def test_a_silent_server_is_not_waited_for(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_downloads, "SILENCE", 0.2)
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.faults.slow("download", seconds=2, times=1)

    with pytest.raises(SlackUnreachable):
        await fetch(nellie, file)


async def test_who_stops_reading_leaves_nothing_open(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)

    async with aclosing(nellie.adapter.open_file(GENERAL, "1.0", file)) as pieces:  # type: ignore[type-var]  # it is a generator
        assert await anext(pieces)

    assert await fetch(nellie, file) == PDF


# Our token


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example/plan.pdf",
        "http://files.slack.com/plan.pdf",
        "https://slack.com.example/plan.pdf",
        "https://notslack.com/plan.pdf",
        "https://slack.com@files.example/plan.pdf",
        "https://files.example\\@slack.com/plan.pdf",
        "//files.example/plan.pdf",
        "ftp://files.slack.com/plan.pdf",
        "http://[",
        "plan.pdf",
    ],
)
async def test_it_is_sent_to_slack_alone(nellie: NellieOnSlack, url: str) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    nellie.slack.files[file.id][0].update({"url_private_download": url, "url_private": url})

    assert str(await why_not(nellie, file)) == "it is kept elsewhere"


@pytest.mark.parametrize("port", ["", ":1"])
async def test_it_is_not_sent_along_to_where_slack_sends_us(
    nellie: NellieOnSlack, port: str
) -> None:
    async with Slack() as other:
        address = other.url if not port else "http://127.0.0.1:1"
        file = await posted(nellie, "plan.pdf", PDF)
        nellie.slack.redirects[file.id] = f"{address}/files/{file.id}/plan.pdf"

        assert str(await why_not(nellie, file)) == "it is kept elsewhere"
        assert other.downloads == []


async def test_it_follows_slack_within_slack_and_not_for_ever(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    twin = nellie.slack.file_json("twin.pdf", PDF, "U1")
    nellie.slack.files[twin["id"]] = (twin, PDF)

    nellie.slack.redirects[file.id] = f"/files/{twin['id']}/twin.pdf"
    assert await fetch(nellie, file) == PDF

    nellie.slack.redirects[file.id] = f"/files/{file.id}/plan.pdf"
    with pytest.raises(SlackUnreachable):
        await fetch(nellie, file)


async def test_no_log_and_no_error_holds_it(nellie: NellieOnSlack) -> None:
    token = nellie.slack.environ["SLACK_BOT_TOKEN"]
    file = await posted(nellie, "plan.pdf", PDF)
    told: list[str] = []

    with capture_logs() as logs:
        for fault in ("fail", "limit", "break_off"):
            getattr(nellie.slack.faults, fault)("download")
            try:
                await fetch(nellie, file)
            except SlackUnreachable as error:
                told.append(repr(error))
        nellie.slack.scopes.discard("files:read")
        told.append(repr(await why_not(nellie, file)))

    assert len(told) > 2
    assert token not in repr(logs) + "".join(told)


# Gone, and changed


async def read_document(nellie: NellieOnSlack, file: PostedFile) -> None:
    [(channel_id,)] = await nellie.query("SELECT DISTINCT channel_id FROM posted_file")
    await pretend_to_read(nellie.database, channel_id, file.id, "ab" * 32)


async def count(nellie: NellieOnSlack) -> list[int]:
    """Files, documents and passages that are left."""
    [row] = await nellie.query(
        "SELECT (SELECT count(*) FROM posted_file WHERE state <> 'forgotten'),"
        " (SELECT count(*) FROM document), (SELECT count(*) FROM passage)"
    )
    return list(row)


async def test_a_deleted_file_is_forgotten_while_its_message_stays(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    await read_document(nellie, file)
    assert await count(nellie) == [1, 1, 1]

    nellie.slack.delete_file(file.id)
    await nellie.slack.settled()

    assert await count(nellie) == [0, 0, 0]
    assert "look" in (await nellie.remembered())[-1]


async def test_a_message_that_loses_its_file_no_longer_names_it(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    slack.events = frozenset({"message.channels"})  # an app that was made without file_deleted
    ts = slack.say("U2", "C1", "look", files=[("plan.pdf", PDF)])
    await slack.settled()
    await read_document(nellie, (await files(nellie))[0])

    slack.delete_files("C1", ts)
    await slack.settled()

    assert await count(nellie) == [0, 0, 0]
    assert (await nellie.remembered())[-1] == "look"


async def test_a_message_that_was_nothing_but_its_file_goes_with_it(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    before = await nellie.remembered()
    ts = slack.say("U2", "C1", "", files=[("plan.pdf", PDF)])
    await slack.settled()

    slack.delete_files("C1", ts)
    await slack.settled()

    assert await nellie.remembered() == before
    assert await count(nellie) == [0, 0, 0]


async def test_what_is_rewritten_is_read_again_and_known_until_then(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "notes.py", b"at nine")
    nellie.slack.files[file.id][0]["mode"] = "snippet"
    await read_document(nellie, file)

    nellie.slack.rewrite_file(file.id, b"at ten")
    await nellie.slack.settled()

    assert await count(nellie) == [1, 1, 1]
    [row] = await nellie.query("SELECT state, document_id, due_at > now() FROM posted_file")
    assert (row[0], row[1] is not None, row[2]) == ("waiting", True, True)


async def test_a_preview_that_slack_makes_of_a_file_is_no_change(nellie: NellieOnSlack) -> None:
    file = await posted(nellie, "plan.pdf", PDF)
    await read_document(nellie, file)

    nellie.slack.rewrite_file(file.id, PDF)  # the event is the same
    await nellie.slack.settled()

    assert [tuple(row) for row in await nellie.query("SELECT state FROM posted_file")] == [
        ("read",)
    ]


@pytest.mark.parametrize("kind", ["file_deleted", "file_change"])
@pytest.mark.parametrize("file_id", [None, 7, "", "F404", "x" * 5_000, "\x00"])
async def test_odd_events_of_files_change_nothing(
    nellie: NellieOnSlack, kind: str, file_id: Any
) -> None:
    await posted(nellie, "plan.pdf", PDF)

    nellie.slack.send_event({"type": kind, "file_id": file_id})
    await nellie.slack.settled()

    assert await count(nellie) == [1, 0, 0]
    assert len(await nellie.ask("@nellie hello")) == 1
