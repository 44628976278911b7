"""https: the certificate has to be that of the name, though the request is made in numbers."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from doubles.open_web import PUBLIC, OpenWeb

from bot.domain.tool_errors import ToolFailed
from bot.tools.web.addresses import read_address

CERTIFICATE = Path(__file__).with_name("crane.pem")
"""Of crane.example, with its key: for these tests alone."""


@pytest.fixture
async def secure_web() -> AsyncIterator[OpenWeb]:
    """Every site is behind the certificate of crane.example."""
    served = OpenWeb()
    served.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.tls.load_cert_chain(CERTIFICATE)
    async with served:
        yield served


def trusting() -> ssl.SSLContext:
    """Whoever trusts this certificate as others trust those of the web."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


async def test_a_page_is_read_whose_certificate_is_that_of_its_name(secure_web: OpenWeb) -> None:
    secure_web.site("crane.example")

    page = await secure_web.fetcher(ssl=trusting()).get(read_address("https://crane.example/a"))

    assert b"The crane is red" in page.body.data
    assert secure_web.connected == [(PUBLIC, 443)]
    assert secure_web.asked == [("crane.example", "/a")]


@pytest.mark.parametrize(
    ("address", "trusts"),
    [
        ("https://ferry.example/a", True),  # another's certificate
        ("https://crane.example/a", False),  # one that nobody vouches for
        (f"https://{PUBLIC}/a", True),  # a name's, and no name was asked for
    ],
)
async def test_no_page_is_read_under_another_certificate(
    secure_web: OpenWeb, address: str, trusts: bool
) -> None:
    secure_web.site("crane.example")
    secure_web.site("ferry.example")
    fetcher = secure_web.fetcher(ssl=trusting() if trusts else True)

    with pytest.raises(ToolFailed):
        await fetcher.get(read_address(address))

    assert secure_web.asked == []
