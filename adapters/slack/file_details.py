"""What Slack says of a file when asked (files.info): what it is, where it is, why it is neither."""

import asyncio

import structlog

from adapters.slack.api_errors import INVALID_TOKEN, SlackRefused
from adapters.slack.files import File, is_stub, string, to_posted_file
from adapters.slack.web_api import WebApi
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.errors import NellieError
from bot.text.json_fields import read_field

MOST = 20  # files of one message that are asked for
MISSING_RIGHT = "the app lacks the scope {scope}: add it, and install the app again"
NO_LONGER_THERE = "Slack no longer has it"
NOT_FOR_US = "Slack does not let me see it"
DELETED = "it was deleted"

_MENDABLE = {"missing_scope", "no_permission", "not_allowed_token_type"}
_UNKNOWN = {"unknown_method", "method_deprecated"}  # what stands in for Slack may not have it
_REFUSED = {
    "access_denied": NOT_FOR_US,
    "file_deleted": DELETED,
    "file_hidden_by_limit": "Slack's plan hides it",
    "file_not_found": NO_LONGER_THERE,
    "invalid_arguments": NO_LONGER_THERE,
    "not_in_channel": NOT_FOR_US,
    "team_access_not_granted": NOT_FOR_US,
}
"""By error code: why a file will not be handed over, whenever one asks."""
_STATES = {
    "access_denied": NOT_FOR_US,
    "check_file_info": "Slack did not hand it over",
    "file_not_found": NO_LONGER_THERE,
    "hidden_by_limit": "Slack's plan hides it",
    "list": "it is a list, which Slack hands over to nobody",
    "tombstone": DELETED,
}
"""The same by its mode or access."""
_KEEPERS = {"box": "Box", "dropbox": "Dropbox", "gdrive": "Google Drive", "onedrive": "OneDrive"}
_NO_DOCUMENT = {"picture": "a picture", "sound": "a sound, not heard", "video": "a video, not seen"}

log = structlog.get_logger(__name__, platform="slack")


async def describe_stubs(
    api: WebApi, files: list[File], seconds: float | None = None
) -> list[File]:
    """The files; in place of stubs, as Slack Connect sends them, what Slack says within seconds."""
    asked = [file for file in files if is_stub(file)][:MOST]
    answers = await asyncio.gather(*(_described(api, file, seconds) for file in asked))
    known = {id(file): answer for file, answer in zip(asked, answers, strict=True)}
    return [known.get(id(file), file) for file in files]


async def _described(api: WebApi, stub: File, seconds: float | None) -> File:
    try:
        async with asyncio.timeout(seconds):
            answer = await api.read("files.info", file=string(stub, "id"))
        found = read_field(answer, "file", dict)
    except (NellieError, TimeoutError, ValueError) as error:
        log.info("file_not_described", reason=str(error) or type(error).__name__)
        return stub
    return found if string(found, "id") == string(stub, "id") else stub


async def ask(api: WebApi, file: PostedFile) -> tuple[File, str]:
    """A file as it is now; and what it says, where that comes with it.

    Raises NotReadable, and what WebApi.read raises where a later question may help.
    """
    try:
        answer = await api.read("files.info", file=file.id)
    except SlackRefused as error:
        if error.error not in _UNKNOWN:
            raise _explain(api, error) from None
        return {"name": file.name, "mimetype": file.media_type, "url_private": file.address}, ""
    found = read_field(answer, "file", dict)
    if reason := _reason_against(found, file):
        raise NotReadable(reason)
    is_post = {"space", "post"} & {found.get("mode"), found.get("filetype")}
    content = [answer.get("content_html"), answer.get("content")] if is_post else []
    return found, next((one for one in content if isinstance(one, str) and one), "")


def _explain(api: WebApi, error: SlackRefused) -> Exception:
    if error.error in _MENDABLE:
        api.note_refusal("files.info", error, feature="files")
        scope = error.details.get("needed") or "files:read"
        return NotReadable(MISSING_RIGHT.format(scope=scope), mendable=True)
    if error.error in _REFUSED and error.error not in INVALID_TOKEN:
        return NotReadable(_REFUSED[error.error])
    return error


def _reason_against(found: File, file: PostedFile) -> str:
    """Why it is not read, where that is certain."""
    for key in ("mode", "file_access", "filetype"):
        if reason := _STATES.get(string(found, key)):
            return reason
    if found.get("is_external") is True or found.get("mode") == "external":
        keeper = _KEEPERS.get(string(found, "external_type"))
        return f"it is kept in {keeper}, not in Slack" if keeper else "it is kept elsewhere"
    if not file.media_type and (what := _NO_DOCUMENT.get(to_posted_file(found).kind)):
        return f"it is {what}"  # nobody knew when it was posted
    return ""
