"""The files of a message in Slack: what is told of them, and what is taken for one."""

from typing import Any

import pytest

from adapters.slack.files import is_rewritable, to_files
from adapters.slack.incoming import read_edit
from bot.domain.documents import name_files

PLAN = {
    "id": "F1",
    "name": "plan.pdf",
    "title": "The plan",
    "filetype": "pdf",
    "mimetype": "application/pdf",
    "mode": "hosted",
    "size": 3,
    "alt_txt": "a plan",
    "url_private": "https://files.slack.com/files-pri/T1-F1/plan.pdf",
    "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/plan.pdf?t=xoxe-1",
}


def test_a_file_is_what_slack_says_of_it() -> None:
    [file] = to_files([PLAN])

    assert (file.id, file.name, file.media_type, file.size) == (
        "F1",
        "plan.pdf",
        "application/pdf",
        3,
    )
    assert file.alt == "a plan"


def test_the_key_of_an_address_in_an_export_is_not_kept() -> None:
    [file] = to_files([PLAN])

    assert file.address == "https://files.slack.com/files-pri/T1-F1/download/plan.pdf"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, "[file: plan.pdf: a plan]"),
        ({"alt_txt": None, "name": None}, "[file: The plan]"),
        ({"mimetype": "image/png", "name": "a.png"}, "[picture: a.png: a plan]"),
        ({"mimetype": "audio/mp4", "alt_txt": ""}, "[sound: plan.pdf, not heard]"),
        ({"mode": "canvas", "alt_txt": ""}, "[file: The plan]"),
        ({"mode": "email", "title": "Re: tides", "alt_txt": ""}, "[file: Re: tides]"),
        ({"name": 7, "title": [], "alt_txt": {}, "mimetype": 1}, "[file: without a name]"),
        ({"name": "a\n[b].pdf", "alt_txt": ""}, "[file: a [b].pdf]"),
    ],
)
def test_a_text_names_its_files(changed: dict[str, Any], named: str) -> None:
    assert name_files(to_files([PLAN | changed])) == named


@pytest.mark.parametrize("mode", ["canvas", "quip", "space", "post"])
def test_what_people_write_in_slack_itself_is_a_page(mode: str) -> None:
    [file] = to_files([PLAN | {"mode": mode, "mimetype": "application/vnd.slack-docs"}])

    assert file.media_type == "text/html"


def test_a_deleted_file_is_none_any_more() -> None:
    assert to_files([PLAN, {"id": "F2", "mode": "tombstone"}]) == to_files([PLAN])


def test_what_a_file_has_of_the_wrong_type_says_nothing() -> None:
    odd = {"id": 5, "name": {}, "mimetype": 7, "size": "9", "alt_txt": 1, "url_private": []}

    [file] = to_files([odd])

    assert (file.id, file.name, file.media_type, file.size, file.address) == ("", "", "", 0, "")


@pytest.mark.parametrize(
    ("file", "rewritable"),
    [
        (PLAN, False),
        (PLAN | {"mode": "snippet"}, True),
        (PLAN | {"mode": "quip"}, True),
        (PLAN | {"editable": True}, True),
    ],
)
def test_what_is_uploaded_stays_as_it_is(file: dict[str, Any], rewritable: bool) -> None:
    assert is_rewritable(file) is rewritable


@pytest.mark.parametrize(
    ("files", "changes"),
    [
        ([PLAN], False),
        ([PLAN | {"thumb_360": "https://files.slack.com/1.png", "comments_count": 3}], False),
        ([PLAN | {"alt_txt": "another plan"}], True),
        ([{"id": "F1", "mode": "tombstone"}], True),
        ([], True),
    ],
)
def test_a_message_is_edited_where_its_files_are_told_otherwise(
    files: list[dict[str, Any]], changes: bool
) -> None:
    former = {"type": "message", "user": "U1", "text": "look", "ts": "1.000001"}
    event = {"previous_message": former | {"files": [PLAN]}, "message": former | {"files": files}}

    assert read_edit(event).changes_text is changes
