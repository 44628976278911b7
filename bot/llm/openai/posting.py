"""How a prompt goes out: what the SDK says of every request is put together once.

Its own `post` builds all of that anew for each, which takes longer than sending it.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx2
import openai as sdk

LINGERING = 0.1  # seconds for what comes behind an answer's end
_WRITTEN_AS_BY_THE_SDK: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}


class Posting:
    """Requests of one client whose answers are read as they come."""

    def __init__(self, client: sdk.AsyncOpenAI, http_client: httpx2.AsyncClient) -> None:
        """`http_client` is the one that the SDK's client sends by."""
        self._client = client
        self._http_client = http_client
        self._encode = json.JSONEncoder(**_WRITTEN_AS_BY_THE_SDK, allow_nan=False).encode
        self._parts: dict[str, tuple[httpx2.URL, httpx2.Headers, dict[str, Any]]] = {}

    async def post(self, path: str, body: object) -> httpx2.Response:
        """The answer, its body still to be read; whoever asks closes it.

        Raises what the SDK raises: APIConnectionError, and APIStatusError for a refusal.
        """
        if path not in self._parts:
            self._parts[path] = self._build_parts(path)
        url, headers, extensions = self._parts[path]
        request = httpx2.Request(
            "POST",
            url,
            headers=headers,
            content=self._encode(body).encode(),
            cookies=self._http_client.cookies,
            extensions=extensions,
        )
        try:
            response = await self._http_client.send(request, stream=True)
        except httpx2.TimeoutException as error:
            raise sdk.APITimeoutError(request=request) from error
        except httpx2.RequestError as error:
            raise sdk.APIConnectionError(request=request) from error
        if response.is_success:
            return response
        raise await _read_refusal(response)

    def _build_parts(self, path: str) -> tuple[httpx2.URL, httpx2.Headers, dict[str, Any]]:
        """Address, headers and timeouts, as the SDK would have them."""
        client: Any = self._client
        timeout = httpx2.Timeout(client.timeout)
        headers = httpx2.Headers(client.auth_headers)
        for name, text in client.default_headers.items():
            if isinstance(text, str):  # all else says that there is none
                headers[name] = text
        headers["x-stainless-retry-count"] = "0"
        headers["x-stainless-read-timeout"] = str(timeout.read)
        built = self._http_client.build_request(
            "POST",
            client.base_url.join(path.removeprefix("/")),
            params=client.qs.stringify(client.default_query) or None,
            headers=headers,
            timeout=timeout,
        )
        del built.headers["Content-Length"]
        return built.url, built.headers, built.extensions


async def drain(response: httpx2.Response) -> None:
    """Read what comes behind an answer's end, so that its connection is kept."""
    with suppress(TimeoutError, httpx2.TransportError, httpx2.StreamError):
        async with asyncio.timeout(LINGERING):
            async for _ in response.stream:  # type: ignore[union-attr]  # an async client's
                pass


async def _read_refusal(response: httpx2.Response) -> sdk.APIStatusError:
    try:
        await response.aread()
    finally:
        await response.aclose()
    body = _parse(response.text.strip())
    said = body.get("error", body) if isinstance(body, dict) else body
    return sdk.APIStatusError(f"Error code: {response.status_code}", response=response, body=said)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
