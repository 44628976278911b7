"""`nellie web`: the page at this machine, signed in; and links for others."""

import asyncio
import re
import socket
from pathlib import Path

import aiohttp
import pytest
from cli.conftest import Nellie, run_to_end, start

from bot.cli import web
from bot.domain.page import SIGN_IN
from bot.store.served_page import NAME, announced, find_served


def browse(link: str, *paths: str) -> list[str]:
    """Press the button behind a link, and read these pages."""

    async def press() -> list[str]:
        url, _, secret = link.partition(SIGN_IN)
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            form = {"secret": secret}
            async with session.post(f"{url}/sign-in", data=form, headers={"Origin": url}) as done:
                assert done.status == 200, await done.text()
            return [await (await session.get(url + path)).text() for path in paths]

    return asyncio.run(press())


def test_one_command_leads_to_the_page_and_its_example(home: Path) -> None:
    environ = {"NELLIE_HOME": str(home), "DATABASE_URL": ""}
    with start("web", "--no-browser", "--try", **environ) as serving:
        assert serving.stdout
        first, link = serving.stdout.readline(), serving.stdout.readline().strip()
        overview, channels, you = browse(link, "/", "/channels", "/you")
        linked, another, _ = run_to_end("web", "link", **environ)
        [in_again] = browse(another.strip(), "/you")
        serving.terminate()
        code = serving.wait(timeout=30)

    assert "until Ctrl-C" in first
    assert link.startswith("http://127.0.0.1:")
    assert "Messages heard" in overview
    assert "try-ubuntu" in channels
    assert "with the rights of an admin" in you
    assert code == 0
    assert linked == 0
    assert another.startswith(link.partition(SIGN_IN)[0])
    assert "with the rights of an admin" in in_again
    assert find_served(home) is None
    assert not (home / NAME).exists()


def test_what_a_killed_page_left_behind_is_not_believed(nellie: Nellie, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("http://127.0.0.1:8082")

    shown = nellie("web", "link", NELLIE_HOME=str(tmp_path))

    assert shown.exit_code == 1
    assert "not served yet" in shown.stderr


def test_of_two_pages_the_newer_one_is_found_and_leaves_alone_what_is_not_its_own(
    tmp_path: Path,
) -> None:
    home = tmp_path / "not there yet"
    with announced(home, "http://127.0.0.1:1"):
        assert find_served(home) == "http://127.0.0.1:1"
        with announced(home, "http://127.0.0.1:2"):
            assert find_served(home) == "http://127.0.0.1:2"
        assert find_served(home) is None
    with announced(home, "http://127.0.0.1:3"):
        assert find_served(home) == "http://127.0.0.1:3"
    assert list(home.iterdir()) == []


def test_where_the_folder_takes_no_file_the_page_is_served_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with announced(tmp_path / "file", "http://127.0.0.1:1"):
        assert find_served(tmp_path / "file") is None


def test_a_port_that_was_named_and_is_in_use_is_told(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = run_to_end("web", "--no-browser", "--port", port, DATABASE_URL=address)

    assert code == 1
    assert f"127.0.0.1:{port} is in use" in err
    assert out == ""


def test_where_the_usual_port_is_in_use_another_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(web, "PORT", taken.getsockname()[1])
        assert web._free_port() == 0
    assert web._free_port() == web.PORT


@pytest.mark.parametrize(
    ("arguments", "settings", "told", "whose"),
    [
        ((), {"NELLIE_WEB": "8082"}, "http://127.0.0.1:8082", "you, at this machine"),
        (("--as", "Ana"), {"NELLIE_WEB": "8082"}, "http://127.0.0.1:8082", "Ana, at this machine"),
        (
            ("--as", "slack:T1/U7"),
            {"NELLIE_WEB": "0.0.0.0:8082", "NELLIE_WEB_URL": "https://nellie.example.org"},
            "https://nellie.example.org",
            "slack:T1/U7",
        ),
    ],
)
def test_a_link_stands_alone_on_the_last_line(
    nellie: Nellie,
    arguments: tuple[str, ...],
    settings: dict[str, str],
    told: str,
    whose: str,
) -> None:
    shown = nellie("web", "link", *arguments, **settings)

    assert shown.exit_code == 0, shown.output
    assert re.fullmatch(rf"{re.escape(told)}/sign-in/\w{{43}}\n", shown.stdout)
    assert f"A link that signs {whose} in" in shown.stderr


def test_without_a_page_no_link_is_made(nellie: Nellie, tmp_path: Path) -> None:
    shown = nellie("web", "link", NELLIE_HOME=str(tmp_path))

    assert shown.exit_code == 1
    assert "NELLIE_WEB" in shown.stderr


@pytest.mark.parametrize("person", ["slack:U7", "web:T1/U7", "api:T1/U7", "nellie", " "])
def test_who_is_nobody_gets_no_link(nellie: Nellie, person: str) -> None:
    assert nellie("web", "link", "--as", person, NELLIE_WEB="8082").exit_code == 2
