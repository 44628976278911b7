"""Documents at the page: listed with how far reading is, found, added and forgotten."""

import re

import pytest
from doubles.page import PageUnderTest, StartPage
from doubles.read_documents import claim_file, document_of, read_file
from doubles.tool_calls import switch_on

from bot.domain.documents import PostedFile
from bot.domain.model import Author
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """Ana has posted two documents, of which one was read; Bob reads the channel too."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    page = await start_page(platform=platform)
    await post(page, ANA, "lease.pdf")
    stores = page.nellie.parts.stores
    pages = document_of("Of the garden nothing is said.", "The notice period is three months.")
    await read_file(stores, pages)
    await post(page, ANA, "scan.pdf")
    await stores.file_claims.refuse(await claim_file(stores), "it is scanned: it has no text")
    return page


async def post(page: PageUnderTest, author: Author, name: str) -> None:
    file = PostedFile(id=f"F-{name}", name=name)
    await page.nellie.say(author, str(file), files=(file,))


async def test_documents_are_listed_with_what_was_read_of_them(page: PageUnderTest) -> None:
    bob, id_ = await page.signed_in(BOB), await page.nellie.channel_id()

    text = (await bob.get(f"/channels/{id_}/documents")).text

    assert re.search(r"lease\.pdf</b><span class=\"state-ok\">PDF, 2 pages<", text)
    assert re.search(r"scan\.pdf</b><span class=\"state-wrong\">not read: it is scanned", text)
    assert "posted by ana on 20" in text
    assert "Forget… lease.pdf" not in text  # it is Ana's
    assert f'href="/channels/{id_}/documents"' in (await bob.get(f"/channels/{id_}")).text


async def test_a_search_finds_what_stands_in_documents_with_its_page(page: PageUnderTest) -> None:
    bob, id_ = await page.signed_in(BOB), await page.nellie.channel_id()

    text = (await bob.get(f"/channels/{id_}/search?q=what+is+the+notice+period%3F")).text
    nothing = (await bob.get(f"/channels/{id_}/search?q=xylophone")).text

    assert "The notice period is three months." in text
    assert re.search(r"<b dir=\"auto\">lease\.pdf</b><span>p\. 2</span>", text)
    assert "Nothing here matches “xylophone”." in nothing


async def test_who_posted_a_document_forgets_it_and_nobody_else_does(page: PageUnderTest) -> None:
    ana, bob = await page.signed_in(ANA), await page.signed_in(BOB)
    id_ = await page.nellie.channel_id()
    path, form = f"/channels/{id_}/documents", {"do": "docs-forget", "words": "lease.pdf"}

    refused = await bob.post(path, form)
    asked = await ana.post(path, form)
    [confirm] = re.findall(r'name="confirmed" value="([^"]*)"', asked.text)
    done = await ana.post(path, {"do": "docs-forget", "confirmed": confirm})

    assert [one.status for one in (refused, asked, done)] == [403, 200, 200]
    assert "This forgets lease.pdf (PDF, 2 pages, posted by ana" in asked.text
    assert "lease.pdf</b>" not in (await ana.get(path)).text
    found = (await ana.get(f"/channels/{id_}/search?q=notice+period")).text
    assert "three months" not in found
    listed = (await ana.get("/changes")).text
    assert "forgot a document: 1 post" in listed
    assert "lease" not in listed


async def test_an_address_is_added_where_addresses_are_opened(page: PageUnderTest) -> None:
    bob, id_ = await page.signed_in(BOB), await page.nellie.channel_id()
    path = f"/channels/{id_}/documents"
    form = {"do": "docs-add", "words": "https://example.org/private/terms.pdf"}

    before = (await bob.get(path)).text
    closed = await bob.post(path, form)
    await switch_on(page.nellie, "fetch_page")
    assert "Let her read it" in (await bob.get(path)).text
    opened = await bob.post(path, form)

    assert [closed.status, opened.status] == [400, 200]
    assert "I open no addresses here." in closed.text
    assert "Let her read it" not in before
    assert f'href="/channels/{id_}/settings#tools">fetch_page<' in before
    assert "waits to be read" in (await bob.get(path)).text
    assert 'http-equiv="refresh"' in (await bob.get(path)).text  # it looks again by itself
    listed = (await bob.get("/changes")).text
    assert "added a document" in listed
    assert "example.org" not in listed
