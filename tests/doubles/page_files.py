"""Files as browsers send them with a form."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import aiohttp
from doubles.page import Answer, Browser

Given = tuple[str, bytes]  # a file's name, and what is in it


async def send_files(
    browser: Browser,
    path: str,
    files: Sequence[Given],
    fields: Mapping[str, str] | None = None,
    **headers: str,
) -> Answer:
    """Send a form of the page's own, unless `headers` say that another one's it is."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in (fields or {}).items():
        form.add_field(name, value)
    for name, data in files:
        kind = "application/octet-stream"
        form.add_field("file", BytesIO(data), filename=name, content_type=kind)
    own = {"Origin": browser.url, "Sec-Fetch-Site": "same-origin"} if not headers else {}
    async with browser.session.post(
        f"{browser.url}{path}", data=form, headers={**own, **headers}, allow_redirects=False
    ) as answer:
        return Answer(status=answer.status, headers=answer.headers, text=await answer.text())
