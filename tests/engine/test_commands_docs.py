"""/docs: what was read in a channel, one more by its address, and one less."""

from pathlib import Path
from typing import Any

import pytest
from doubles.read_documents import pretend_to_read
from doubles.tool_calls import switch_on

from bot.domain.documents import PostedFile
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Author, Channel
from bot.store.file_claims import ClaimedFile
from bot.testing import ANA, BOB, RunningNellie

PAGE = "https://example.org/a/Terms%20of%20use.html?b=1"


async def post(
    nellie: RunningNellie, author: Author, name: str = "terms.pdf", id: str = "", **fields: Any
) -> int:
    """Somebody posts a file; the number of the message."""
    file = PostedFile(id=id or f"F-{name}", name=name, media_type=fields.pop("media_type", ""))
    return (await nellie.say(author, str(file), files=(file,), **fields)).seq


async def read(nellie: RunningNellie, name: str = "terms.pdf", sha256: str = "1") -> int:
    """It has been read."""
    channel_id = (await nellie.channel_state()).id
    return await pretend_to_read(nellie.database, channel_id, f"F-{name}", sha256)


async def claim(nellie: RunningNellie) -> ClaimedFile:
    claimed = await nellie.parts.stores.file_claims.claim(
        nellie.parts.stores.heartbeat.owner, platforms=["fake"], lease=60
    )
    assert claimed
    return claimed


async def listed(nellie: RunningNellie) -> list[str]:
    return (await nellie.run_command("docs list")).text.splitlines()


async def test_without_a_document_the_list_says_how_there_is_one(nellie: RunningNellie) -> None:
    reply = await nellie.run_command("docs")

    assert "no document here yet" in reply.text
    assert reply.private


async def test_the_list_says_what_each_document_is_and_where_it_was_posted(
    nellie: RunningNellie,
) -> None:
    await post(nellie, ANA, link="https://chat.example/1")
    await read(nellie)

    head, line = await listed(nellie)

    assert head == "1 document here:"
    assert line.startswith("- terms.pdf: PDF, 1 page, posted by ana on 2026-")
    assert line.endswith("(page 2 has no text) https://chat.example/1")


async def test_the_list_says_how_far_reading_is(nellie: RunningNellie) -> None:
    claims = nellie.parts.stores.file_claims
    await post(nellie, ANA, "scan.pdf")
    await claims.refuse(await claim(nellie), "it is scanned: it has no text")
    await post(nellie, ANA, "late.pdf")
    await claims.put_off(await claim(nellie), 60, "it could not be fetched")
    await post(nellie, ANA, "long.pdf")
    await claims.keep(await claim(nellie), lease=60, progress="page 30 of 100")
    await post(nellie, ANA, "new.pdf")
    await post(nellie, ANA, "cat.png", media_type="image/png")

    lines = {line.split(": ")[0]: line for line in (await listed(nellie))[1:]}

    assert lines.keys() == {"- scan.pdf", "- late.pdf", "- long.pdf", "- new.pdf"}
    assert "not read: it is scanned: it has no text" in lines["- scan.pdf"]
    assert "not read so far: it could not be fetched; I try again" in lines["- late.pdf"]
    assert "is being read, page 30 of 100" in lines["- long.pdf"]
    assert "waits to be read" in lines["- new.pdf"]


async def test_what_was_posted_twice_is_one_document(nellie: RunningNellie) -> None:
    await post(nellie, ANA)
    await post(nellie, BOB, "terms (1).pdf")
    await read(nellie)
    await read(nellie, "terms (1).pdf")

    head, line = await listed(nellie)

    assert head == "1 document here:"
    assert "posted by bob" in line
    assert "and 1 other time" in line


async def test_a_long_list_is_cut_with_a_count(nellie: RunningNellie) -> None:
    files = tuple(PostedFile(id=f"F{n}", name=f"{n}.txt") for n in range(60))
    await nellie.say(ANA, "many", files=files)

    lines = await listed(nellie)

    assert lines[0] == "60 documents here:"
    assert lines[-1] == "And 10 more, which are older."
    assert len(lines) == 52


async def test_a_name_that_would_mislead_is_shown_on_one_line(nellie: RunningNellie) -> None:
    await post(nellie, ANA, "a\n- b.pdf: read\u202efdp.exe")

    _, line = await listed(nellie)

    assert line.startswith("- a - b.pdf: read")
    assert "\u202e" not in line


async def test_who_posted_it_may_forget_a_document_once_it_is_sure(nellie: RunningNellie) -> None:
    await post(nellie, ANA)
    document = await read(nellie)
    await nellie.ask(BOB, "what do the terms say?")
    await nellie.rows(
        "UPDATE message SET rests_on = ARRAY[CAST(:gone AS bigint)] WHERE nellie RETURNING seq",
        gone=-document,
    )

    asked = await nellie.run_command("docs forget TERMS.pdf", BOB, admin=True)
    assert asked.text.startswith("This forgets terms.pdf (PDF, 1 page, posted by ana on 2026-")
    assert "with 1 answer of mine, for good. Messages stay. Sure?" in asked.text
    assert len(await listed(nellie)) == 2

    done = await nellie.run_command(f"docs {asked.confirm}", ANA)

    assert done.text == "Forgotten: terms.pdf."
    assert "no document" in (await listed(nellie))[0]
    assert [one for one in await nellie.texts() if "terms.pdf" in one] == ["[file: terms.pdf]"]
    assert len(await nellie.texts()) == 2  # what she answered from it is gone


async def test_yes_in_words_forgets_it_too(nellie: RunningNellie) -> None:
    await post(nellie, ANA)
    await nellie.run_command("docs forget terms")

    assert (await nellie.run_command("yes")).text == "Forgotten: terms.pdf."


async def test_nobody_forgets_what_others_posted_without_rights(nellie: RunningNellie) -> None:
    await post(nellie, ANA)

    with pytest.raises(NotAllowed, match="ana, who posted it"):
        await nellie.run_command("docs forget terms.pdf", BOB)
    assert (await nellie.run_command("docs forget terms.pdf", BOB, admin=True)).confirm


async def test_of_what_several_have_posted_each_takes_their_own_away(
    nellie: RunningNellie,
) -> None:
    await post(nellie, ANA)
    await post(nellie, BOB, "copy.pdf")
    await read(nellie)
    await read(nellie, "copy.pdf")

    asked = await nellie.run_command("docs forget terms.pdf", ANA)
    assert "It stays, as 1 other post of it is not yours." in asked.text
    await nellie.run_command(f"docs {asked.confirm}", ANA)

    [line] = (await listed(nellie))[1:]
    assert "copy.pdf: PDF" in line


async def test_more_posts_than_were_shown_are_asked_about_again(nellie: RunningNellie) -> None:
    await post(nellie, ANA)
    asked = await nellie.run_command("docs forget terms.pdf", ANA)
    await post(nellie, ANA, id="F-again")

    again = await nellie.run_command(f"docs {asked.confirm}", ANA)

    assert again.confirm == "forget terms.pdf yes-2"
    assert (await nellie.run_command(f"docs {again.confirm}", ANA)).text.startswith("Forgotten")


@pytest.mark.parametrize("name", ["nothing.pdf", "%", "_", "'; DROP TABLE message; --", "\u0645"])
async def test_a_document_that_nobody_knows(nellie: RunningNellie, name: str) -> None:
    await post(nellie, ANA)

    with pytest.raises(CommandError, match="I know no document called"):
        await nellie.run_command(f"docs forget {name}")


async def test_a_part_of_several_names_is_asked_about(nellie: RunningNellie) -> None:
    await post(nellie, ANA, "terms 2025.pdf")
    await post(nellie, ANA, "terms 2026.pdf")

    with pytest.raises(CommandError, match=r"Which one: terms 2026\.pdf, terms 2025\.pdf\?"):
        await nellie.run_command("docs forget terms")
    assert (await nellie.run_command("docs forget 2026")).confirm == ("forget terms 2026.pdf yes-1")


@pytest.mark.parametrize(
    "written", ["re\u0301sume\u0301.pdf", "R\u00c9SUM\u00c9.PDF", "\u5951\u7d04.pdf"]
)
async def test_names_are_found_however_they_are_written(
    nellie: RunningNellie, written: str
) -> None:
    await post(nellie, ANA, "r\u00e9sum\u00e9.pdf")
    await post(nellie, ANA, "\u5951\u7d04.pdf")

    assert (await nellie.run_command(f"docs forget {written}")).confirm


async def test_an_address_is_read_where_pages_may_be_opened(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")

    reply = await nellie.run_command(f"docs add <{PAGE}>")

    assert PAGE in reply.text
    assert not reply.private
    claimed = await claim(nellie)
    assert (claimed.origin, claimed.file.id, claimed.file.name) == (
        "link",
        PAGE,
        "Terms of use.html",
    )
    [line] = (await listed(nellie))[1:]
    assert "added by ana" in line
    assert line.endswith(PAGE)
    asked = await nellie.run_command(f"docs forget {PAGE}")
    assert asked.confirm == "forget Terms of use.html yes-1"


@pytest.mark.parametrize("switched", ["", "calculate"])
async def test_without_the_tool_that_opens_pages_it_says_what_switches_it_on(
    nellie: RunningNellie, switched: str
) -> None:
    if switched:
        await switch_on(nellie, switched)

    with pytest.raises(CommandError, match="/tools on fetch_page"):
        await nellie.run_command(f"docs add {PAGE}")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "terms.pdf of yesterday",
        "file:///etc/passwd",
        "http://127.1/",
        "http://user@example.org/",
        "http://localhost/",
        "https://example.org:8080/",
        "https://example.org/cat.png",
        "/etc/passwd",
        "https://example.org/" + "\u00fc" * 1_900,
    ],
)
async def test_what_is_no_address_of_a_document_is_refused(
    nellie: RunningNellie, written: str
) -> None:
    await switch_on(nellie, "fetch_page")

    with pytest.raises(CommandError):
        await nellie.run_command(f"docs add {written}")
    assert "no document" in (await listed(nellie))[0]


async def test_the_same_address_again_is_read_again(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")
    await nellie.run_command(f"docs add {PAGE}")
    await nellie.parts.stores.file_claims.refuse(await claim(nellie), "it took too long")

    await nellie.run_command(f"docs add {PAGE}")

    [line] = (await listed(nellie))[1:]
    assert "waits to be read" in line


async def test_not_too_many_addresses_wait_at_once(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")
    channel_id = (await nellie.channel_state()).id
    links = [PostedFile(id=f"https://e.org/{n}", name=str(n)) for n in range(50)]
    await nellie.parts.stores.posted_files.add(channel_id, links, origin="link", author=ANA)

    with pytest.raises(CommandError, match="50 pages and files are still to be read"):
        await nellie.run_command(f"docs add {PAGE}")


async def test_who_cannot_look_back_is_told_of_no_document(nellie: RunningNellie) -> None:
    await post(nellie, ANA)

    with pytest.raises(CommandError, match="you may not"):
        await nellie.run_command("docs list", refusal="you may not")


async def test_documents_of_another_channel_are_not_told(nellie: RunningNellie) -> None:
    other = Channel("fake", "team", "C2")
    await post(nellie, ANA, channel=other)

    assert "no document" in (await listed(nellie))[0]
    with pytest.raises(CommandError):
        await nellie.run_command("docs forget terms.pdf", admin=True)


CONSOLE = Channel("console", "local", "kitchen")


async def test_at_the_console_files_and_folders_are_added(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    (tmp_path / "terms.txt").write_text("Thirty days' notice.")
    (tmp_path / "junk.pdf").write_bytes(b"%PDF-1.7 junk")

    done = await nellie.run_command(f"docs add {tmp_path}", channel=CONSOLE, admin=True)
    again = await nellie.run_command(
        f"docs add {tmp_path / 'terms.txt'}", channel=CONSOLE, admin=True
    )

    assert done.text.startswith("1 file read, 1 not to be read.")
    assert "junk.pdf: " in done.text
    assert again.text == "0 files read, 1 as before."
    listed = (await nellie.run_command("docs list", channel=CONSOLE)).text
    assert "- terms.txt: plain text" in listed or "- terms.txt: text" in listed
    asked = await nellie.run_command("docs forget terms.txt", channel=CONSOLE, admin=True)
    assert asked.confirm == "forget terms.txt yes-1"


@pytest.mark.parametrize("path", ["/nowhere/at/all", "a\nb", "~nobody/x", "x" * 5_000])
async def test_at_the_console_a_path_where_nothing_is_says_so(
    nellie: RunningNellie, path: str
) -> None:
    with pytest.raises(CommandError):
        await nellie.run_command(f"docs add {path}", channel=CONSOLE, admin=True)


async def test_on_a_platform_no_path_is_opened(nellie: RunningNellie, tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("Thirty days' notice.")
    await switch_on(nellie, "fetch_page")

    with pytest.raises(CommandError, match="Only http"):
        await nellie.run_command(f"docs add {tmp_path / 'terms.txt'}", admin=True)
