"""The files of a message in Slack: which are asked for, and where our token is sent."""

from typing import Any

import pytest

from adapters.slack.files import list_files, read_files
from adapters.slack.settings import SlackSettings
from adapters.slack.web_api import WebApi

TEXT = {"name": "plan.txt", "filetype": "text", "mimetype": "text/plain", "size": 3}


@pytest.fixture
def api() -> WebApi:
    return WebApi(SlackSettings(bot_token="xoxb-1"))


@pytest.mark.parametrize(
    "url", ["", "https://files.example/plan.txt", "http://slack.com/plan.txt", "http://[", "x"]
)
async def test_our_token_is_sent_to_slack_alone(api: WebApi, url: str) -> None:
    text = await read_files(api, [{**TEXT, "url_private": url}])

    assert text == "[file: plan.txt, not read: it is kept elsewhere]"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mimetype": "image/png", "pretty_type": "PNG"}, "PNG"),
        ({"mimetype": "application/octet-stream"}, "it is not text"),
        ({"filetype": "canvas"}, "it is not text"),
        ({"size": 200_000}, "it has more than 100 kB"),
        ({"mimetype": 7, "pretty_type": []}, "it is not text"),
    ],
)
async def test_a_file_that_is_not_read_says_why(
    api: WebApi, changed: dict[str, Any], reason: str
) -> None:
    assert await read_files(api, [TEXT | changed]) == f"[file: plan.txt, not read: {reason}]"


def test_files_are_listed_by_name_or_title() -> None:
    files: list[dict[str, Any]] = [{"name": "a.txt"}, {"title": "b"}, {"name": 7}]

    assert list_files(files) == "[file: a.txt]\n[file: b]\n[file: without a name]"


async def test_without_files_there_is_nothing_to_say(api: WebApi) -> None:
    assert await read_files(api, []) == ""
