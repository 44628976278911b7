"""What stands at an address that somebody wants to be read: fetched with care, and only so much."""

import os
from pathlib import Path

import pytest
from doubles.open_web import OpenWeb

from bot.documents.fetching import FetchedFile, fetched_file
from bot.domain.documents import NotReadable
from bot.tools.web.links import LinkedFiles

MB = 2**20


async def fetch(
    web: OpenWeb, folder: Path, address: str, most: int = 2 * MB, **options: float
) -> tuple[bytes, str]:
    """What is fetched, and what kind it is said to be."""
    with fetched_file(folder, most) as file:
        await LinkedFiles(web.fetcher(**options)).fetch(address, file)
        return read(file), file.media_type


def read(file: FetchedFile) -> bytes:
    return file.path.read_bytes()


@pytest.fixture(autouse=True)
def site(web: OpenWeb) -> None:
    web.site("harbour.example")


async def test_a_page_comes_with_its_kind(web: OpenWeb, tmp_path: Path) -> None:
    data, kind = await fetch(web, tmp_path, "http://harbour.example/crane")

    assert (data, kind) == (web.page.encode(), "text/html")


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        ("archive", "application/zip", b"PKPK"),
        ("kindless", "", b"?"),
        ("picture", "image/png", b"\x89PNG"),
    ],
)
async def test_files_of_any_kind_come(
    web: OpenWeb, tmp_path: Path, path: str, kind: str, begins: bytes
) -> None:
    data, said = await fetch(web, tmp_path, f"http://harbour.example/{path}")

    assert said in {kind, "application/octet-stream"}
    assert data.startswith(begins)


async def test_what_is_packed_is_unpacked(web: OpenWeb, tmp_path: Path) -> None:
    data, _ = await fetch(web, tmp_path, "http://harbour.example/raw_deflate")

    assert data == b"The crane is raw."


async def test_a_redirection_is_followed_and_checked(web: OpenWeb, tmp_path: Path) -> None:
    web.redirects["away"] = "http://10.0.0.1/secret"
    web.redirects["on"] = "/crane"

    data, _ = await fetch(web, tmp_path, "http://harbour.example/on")
    assert data == web.page.encode()

    with pytest.raises(NotReadable, match="not on the open web"):
        await fetch(web, tmp_path, "http://harbour.example/away")
    assert {ip for ip, _ in web.connected} == {"93.184.216.34"}


@pytest.mark.parametrize("path", ["endless", "bomb", "deflated_bomb"])
async def test_more_than_is_read_is_not_taken_in(web: OpenWeb, tmp_path: Path, path: str) -> None:
    with pytest.raises(NotReadable, match="it is larger than 2 MB"):
        await fetch(web, tmp_path, f"http://harbour.example/{path}")

    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://harbour.example/missing", "answers 404"),
        ("http://harbour.example/wrongly_packed", "packed wrongly"),
        ("http://harbour.example/packed_twice", "packed in a way"),
        ("http://nowhere.example/", "no site called"),
        ("http://127.0.0.1/", "not on the open web"),
        ("http://harbour.example:8080/", "Only the ports"),
        ("file:///etc/passwd", "Only http"),
        ("gopher://harbour.example", "Only http"),
        ("", "Only http"),
    ],
)
async def test_what_cannot_be_fetched_says_why(
    web: OpenWeb, tmp_path: Path, address: str, reason: str
) -> None:
    with pytest.raises(NotReadable, match=reason) as refused:
        await fetch(web, tmp_path, address)

    assert not str(refused.value).endswith(".")
    assert not os.listdir(tmp_path)


async def test_what_never_ends_is_given_up(web: OpenWeb, tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="took too long"):
        await fetch(web, tmp_path, "http://harbour.example/drip", within=0.3)
