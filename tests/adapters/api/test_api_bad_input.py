"""What programs, and those who pretend to be one, send that is wrong."""

import asyncio
import gzip
import json
import socket
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from doubles.api_endpoint import ApiEndpoint, StartApi
from doubles.canned_responses import CannedResponse
from doubles.openai_server import OpenAIServer

from adapters.api import answers, requests, server

ASK: dict[str, Any] = {"model": "openai/double", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe\x00",
        b'{"model": "openai/double", "messages": [], "temperature": NaN}',
        b'{"model": "openai/double", "messages": ["hi"], "top_p": 1e400}',
        b'{"model": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5_000,
        b'"text"',
        b"[]",
        b"null",
    ],
    ids=lambda sent: str(sent[:12]),
)
async def test_a_body_that_is_no_object_is_refused(api: ApiEndpoint, sent: bytes) -> None:
    status, _, body = await api.post("chat/completions", sent)

    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["code"] == "invalid_json"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 7}, "model"),
        ({"model": " "}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": {}}, "messages"),
        ({"stream": "yes"}, "stream"),
    ],
)
async def test_what_nobody_could_answer_is_named(
    api: ApiEndpoint, upstream: OpenAIServer, wrong: dict[str, Any], param: str
) -> None:
    status, _, body = await api.post("chat/completions", {**ASK, **wrong})

    assert (status, body["error"]["param"]) == (400, param)
    assert not upstream.prompts


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_of_100_megabytes_is_too_large(api: ApiEndpoint, told: bool) -> None:
    async def pieces() -> Any:
        for _ in range(100):
            yield b" " * 2**20

    sent = BytesIO(b" " * (100 * 2**20)) if told else pieces()
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    try:
        async with api.session.post(
            f"{api.url}/chat/completions", data=sent, headers=headers
        ) as answer:
            body = await answer.json()
            assert answer.status == 413
            assert body["error"]["code"] == "request_too_large"
    except (ConnectionError, OSError):  # it stopped reading before all was sent
        pass

    assert (await api.post("chat/completions", ASK))[0] == 200


@pytest.mark.parametrize(
    ("made", "status"),  # by the one test of it: the last one takes half a second
    [
        (lambda: gzip.compress(json.dumps(ASK).encode()), 200),
        (lambda: b"no gzip at all", 400),
        (lambda: gzip.compress(json.dumps(ASK).encode())[:30], 400),
        (lambda: gzip.compress(b" " * 200_000_000, 1), 413),
    ],
    ids=["packed", "not packed", "cut", "a bomb"],
)
async def test_a_packed_body_is_unpacked_within_its_limit(
    api: ApiEndpoint, made: Callable[[], bytes], status: int
) -> None:
    got, _, _ = await api.post("chat/completions", made(), Content_Encoding="gzip")

    assert got == status


async def test_nothing_is_read_of_who_has_no_key(api: ApiEndpoint) -> None:
    status, headers, body = await api.post("chat/completions", b"{", Authorization="")

    assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    assert headers["www-authenticate"] == "Bearer"


MESSAGE = b'{"role":"user","content":[{"type":"text","text":"a"}]}'


@pytest.mark.parametrize(
    "inner",
    [
        b'"messages":[' + b",".join([MESSAGE] * 100_000) + b"]",
        b'"messages":["hi"],"metadata":{' + b",".join([b'"k":"v"'] * 200_000) + b"}",
        b'"messages":[' + b"[]," * 500_000 + b"[]]",
        b'"input":[' + b"1," * 2_100_000 + b"1]",
    ],
    ids=["messages", "fields", "lists", "numbers"],
)
async def test_a_body_of_too_many_parts_is_refused_before_it_is_read(
    api: ApiEndpoint, upstream: OpenAIServer, inner: bytes
) -> None:
    status, _, body = await api.post(
        "chat/completions", b'{"model":"openai/double",' + inner + b"}"
    )

    assert (status, body["error"]["code"]) == (400, "too_many_parts")
    assert not upstream.prompts


async def test_a_long_text_full_of_quotes_is_one_part(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    said = 'He said "yes", and {"so": "on"}. ' * 50_000

    status, _, _ = await api.post(
        "chat/completions", {**ASK, "messages": [{"role": "user", "content": said}]}
    )

    assert status == 200
    assert upstream.prompts[0]["messages"][0]["content"] == said


@pytest.mark.parametrize("depth", [900, 950, 955, 957, 958, 959, 960, 961, 970, 990, 1_000, 3_000])
async def test_no_depth_of_a_body_is_a_fault_of_the_server(api: ApiEndpoint, depth: int) -> None:
    sent = json.dumps({**ASK, "messages": [{"role": "user", "content": "deep"}]}).encode()
    sent = sent.replace(b'"deep"', b"[" * depth + b"]" * depth)

    status, _, _ = await api.post("chat/completions", sent)

    assert status in (200, 400)


async def test_two_keys_are_one_too_many(api: ApiEndpoint) -> None:
    request = (
        f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key}\r\n"
        f"Authorization: Bearer nellie-other\r\nConnection: close\r\n\r\n"
    )

    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"several_keys" in answer


@pytest.mark.parametrize(
    "path", ["models/{key}", "models?{key}", "models?x=bearer%20{key}", "models?x=a{key}"]
)
async def test_a_key_anywhere_in_an_address_is_refused_and_not_repeated(
    api: ApiEndpoint, path: str
) -> None:
    headers = {"Authorization": f"Bearer {api.key}"}
    address = f"{api.url}/{path.format(key=api.key)}"

    async with api.session.get(address, headers=headers) as answer:
        text = await answer.text()

    assert answer.status == 400
    assert "key_in_address" in text
    assert api.key not in text


async def test_ten_thousand_messages_pass(api: ApiEndpoint, upstream: OpenAIServer) -> None:
    messages = [{"role": "user", "content": f"line {number} " * 20} for number in range(10_000)]

    status, _, _ = await api.post("chat/completions", {**ASK, "messages": messages})

    assert status == 200
    assert len(upstream.prompts[0]["messages"]) == 10_000


@pytest.mark.parametrize("role", ["wizard", "", None, 7, "user\r\nX-Evil: 1"])
async def test_of_roles_the_provider_judges(
    api: ApiEndpoint, upstream: OpenAIServer, role: Any
) -> None:
    messages = [{"role": role, "content": "hi"}]

    await api.post("chat/completions", {**ASK, "messages": messages})

    assert upstream.prompts[0]["messages"] == messages


@pytest.mark.parametrize(
    "query", ["api_key=nellie-abc", "key=x", "token=abc", "q=sk-abc", "Access_Token=1"]
)
async def test_a_key_in_an_address_is_refused(
    api: ApiEndpoint, upstream: OpenAIServer, query: str
) -> None:
    status, _, body = await api.post(f"chat/completions?{query}", ASK)

    assert (status, body["error"]["code"]) == (400, "key_in_address")
    assert not upstream.prompts


@pytest.mark.parametrize(
    "name", ["openai/a\r\nx-evil: 1", "openai/ä\u2028b", "openai/x\x00y", "openai/\ud800"]
)
async def test_no_name_of_a_model_makes_a_header(
    api: ApiEndpoint, upstream: OpenAIServer, name: str
) -> None:
    sent = json.dumps({**ASK, "model": name}).encode()

    status, headers, _ = await api.post("chat/completions", sent)

    assert status == (404 if set(name) & {"\n", "\x00"} else 200)
    assert "x-evil" not in headers
    assert headers.get("x-nellie-model", "").isprintable()


@pytest.mark.parametrize(
    "said",
    [
        'a\n\ndata: {"choices":[{"delta":{"content":"injected"}}]}\n\n',
        "a\r\rdata: [DONE]\r\r",
        'a\u2028\u2028data: {"error":{"message":"x"}}\u2029\x85',
    ],
)
async def test_no_text_of_a_model_makes_an_event(
    api: ApiEndpoint, upstream: OpenAIServer, said: str
) -> None:
    upstream.respond_with(CannedResponse(text="Begin ", deltas=({"content": said},)))
    headers = {"Authorization": f"Bearer {api.key}"}

    async with api.session.post(
        f"{api.url}/chat/completions", json={**ASK, "stream": True}, headers=headers
    ) as answer:
        lines = (await answer.text()).splitlines()

    events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert lines[-2:] == ["data: [DONE]", ""]
    assert all(line == "" or line.startswith("data: ") for line in lines)
    assert said in [
        choice["delta"].get("content") for event in events for choice in event["choices"]
    ]


async def test_who_sends_a_byte_a_second_is_not_waited_for(
    api: ApiEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_TIME", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(_head(api.key, length=500))
    for _ in range(4):
        writer.write(b"{")
        await asyncio.sleep(0.1)

    answer = await asyncio.wait_for(reader.read(4_096), 5)

    assert b" 408 " in answer.split(b"\r\n")[0]
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"POST /v1/chat", b"POST / HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_who_does_not_end_a_header_is_cut_off(
    start_api: StartApi, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server, "IDLE", 0.3)
    api = await start_api()
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(sent)

    rest = await asyncio.wait_for(reader.read(), 5)

    assert rest == b""
    writer.close()


async def test_who_reads_nothing_is_cut_off_and_so_is_its_model(
    api: ApiEndpoint, upstream: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "STUCK", 0.3)
    monkeypatch.setattr(answers, "PING", 0.1)
    large = CannedResponse(text="x" * 100, deltas=({"content": "y" * 8_000_000},) * 4)
    upstream.respond_with(large)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", api.port))
    sent = json.dumps({**ASK, "stream": True}).encode()
    await asyncio.get_running_loop().sock_sendall(
        connection, _head(api.key, length=len(sent)) + sent
    )

    [row] = await api.ended_rows(1)

    assert row.status == "499"
    connection.close()


async def test_a_half_closed_connection_ends_its_call(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    upstream.respond_with(CannedResponse(text="some words", ending="stall"))
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    sent = json.dumps({**ASK, "stream": True}).encode()
    writer.write(_head(api.key, length=len(sent)) + sent)
    await reader.readuntil(b"words")

    writer.write_eof()

    await asyncio.wait_for(upstream.requests[-1].hung_up.wait(), 1)
    writer.close()


async def test_silences_are_filled_with_comments(
    api: ApiEndpoint, upstream: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PING", 0.05)
    upstream.respond_with(CannedResponse(text="some words", delay=0.2))
    headers = {"Authorization": f"Bearer {api.key}"}

    async with api.session.post(
        f"{api.url}/chat/completions", json={**ASK, "stream": True}, headers=headers
    ) as answer:
        body = await answer.read()

    assert body.count(b": ping\n\n") >= 2
    assert body.endswith(b"data: [DONE]\n\n")


async def test_other_addresses_and_methods_are_refused_in_openais_words(api: ApiEndpoint) -> None:
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/v1/embeddings", 405)):
        async with api.session.request(method, f"http://127.0.0.1:{api.port}{path}") as answer:
            body = await answer.json()
        assert answer.status == status
        assert body["error"]["message"]


@pytest.mark.parametrize(
    ("named", "origin", "allowed"),
    [
        ({"https://chat.example.org"}, "https://chat.example.org", True),
        ({"https://chat.example.org"}, "https://evil.example.org", False),
        ({"*"}, "https://any.example.org", True),
        (set(), "https://chat.example.org", False),
    ],
)
async def test_web_pages_may_call_where_their_origin_is_named(
    start_api: StartApi, named: set[str], origin: str, allowed: bool
) -> None:
    api = await start_api(origins=frozenset(named))
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, x-stainless-os",
    }

    async with api.session.options(f"{api.url}/chat/completions", headers=asked) as preflight:
        pass
    _, headers, _ = await api.post("chat/completions", ASK, Origin=origin)

    assert (preflight.status == 204) is allowed
    assert (headers.get("Access-Control-Allow-Origin") == origin) is allowed
    if allowed:
        assert preflight.headers["Access-Control-Allow-Origin"] == origin
        assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]


async def test_without_its_database_no_model_is_asked(
    api: ApiEndpoint, upstream: OpenAIServer
) -> None:
    async with api.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE api_call RENAME TO api_call_away")
    try:
        status, _, body = await api.post("chat/completions", ASK)
    finally:
        async with api.database.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE api_call_away RENAME TO api_call")

    assert status >= 500
    assert body["error"]["type"] == "server_error"
    assert not upstream.prompts


def _head(key: str, *, length: int) -> bytes:
    lines = (
        "POST /v1/chat/completions HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
    )
    return "\r\n".join([*lines, "", ""]).encode()
