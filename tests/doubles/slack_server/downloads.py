"""Where files are kept: handed over to whoever brings the token, and to others as a login page."""

from typing import TYPE_CHECKING

from aiohttp import web
from doubles.slack_server.api import BOT_TOKEN

if TYPE_CHECKING:
    from doubles.slack_server import Slack

DOWNLOAD = "download"  # what faults call it
PIECE = 32 * 1024
LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body></body></html>"


async def download(slack: "Slack", request: web.Request) -> web.StreamResponse:
    """A file, or the smaller version of a picture: its bytes, and which one it is."""
    file_id, name = request.match_info["file"], request.match_info["name"]
    slack.downloads.append(name)
    if instead := slack.faults.answer_instead(DOWNLOAD):
        return instead
    if address := slack.redirects.get(file_id):
        return web.Response(status=302, headers={"Location": address})
    token = request.headers.get("Authorization")
    if token != f"Bearer {BOT_TOKEN}" or "files:read" not in slack.scopes:
        return web.Response(text=LOGIN, content_type="text/html")
    if file_id not in slack.files or file_id in slack.deleted_files:
        return web.Response(status=404, text="not found")
    return await _hand_over(slack, request, file_id, name)


async def _hand_over(
    slack: "Slack", request: web.Request, file_id: str, name: str
) -> web.StreamResponse:
    file, content = slack.files[file_id]
    thumbnails = [address for key, address in file.items() if key.startswith("thumb_")]
    if any(address.endswith(f"/{name}") for address in thumbnails):
        content += f" at {name}".encode()
    response = web.StreamResponse()
    response.content_type = slack.served_as.get(file_id) or file["mimetype"]
    response.content_length = len(content)
    await response.prepare(request)
    for at in range(0, len(content), PIECE):
        await slack.faults.after_call(DOWNLOAD, request)
        await response.write(content[at : at + PIECE])
    await response.write_eof()
    return response
