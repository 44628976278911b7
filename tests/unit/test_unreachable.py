"""What keeps a platform away is said in words, with what mends it, and never with a password."""

import socket
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from adapters.kit.unreachable import explain

KEY = ConnectionKey(
    "slack.example", 443, True, None, URL("http://me:word@proxy.example"), None, None
)


def answered(status: int) -> aiohttp.ClientHttpProxyError:
    request: Any = SimpleNamespace(real_url=URL("http://me:word@proxy.example:3128"))
    return aiohttp.ClientHttpProxyError(request, (), status=status, message="no")


@pytest.mark.parametrize(
    ("error", "what", "mend"),
    [
        (answered(407), "asks for a name and a password", "NAME:PASSWORD"),
        (answered(403), "the proxy refuses, with status 403", "open it"),
        (
            aiohttp.ClientProxyConnectionError(KEY, OSError(111, "refused")),
            "the proxy slack.example:443 does not answer",
            "HTTPS_PROXY",
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "unknown")),
            "finds no address for slack.example",
            "DNS",
        ),
        (
            aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
            "slack.example:443 refuses the connection",
            "open it",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(101, "Network is unreachable")),
            "Network is unreachable",
            "open it",
        ),
        (
            aiohttp.ClientConnectorCertificateError(
                KEY, ssl.SSLCertVerificationError("self-signed")
            ),
            "none that this machine trusts",
            "SSL_CERT_FILE",
        ),
        (ssl.SSLError("wrong version"), "none that this machine trusts", "clock"),
        (TimeoutError(), "silence", "open it"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError", "open it"),
    ],
)
def test_what_is_in_the_way_is_named(error: Exception, what: str, mend: str) -> None:
    told = explain(error, "open it")

    assert what in told[0]
    assert mend in told[1]
    assert "word" not in " ".join(told).replace("password", "")
