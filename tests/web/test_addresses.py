"""Addresses and behaviours: none has Nellie ask her own network, or read more than is allowed."""

import pytest
from doubles.open_web import PUBLIC, PUBLIC_6, OpenWeb

from bot.domain.tool_errors import ToolFailed
from bot.tools.web.addresses import find_addresses, find_links, read_address
from bot.tools.web.bodies import MOST_KEPT, MOST_RECEIVED
from bot.tools.web.reach import is_reachable

FORBIDDEN = {
    "this machine": "http://127.0.0.1/",
    "all of this machine": "http://127.8.9.10/",
    "this machine in the new form": "http://[::1]/",
    "no address at all": "http://0.0.0.0/",
    "none in the new form": "http://[::]/",
    "a private range": "http://10.1.2.3/",
    "another": "http://172.16.5.4/",
    "a third": "http://192.168.0.1/",
    "a provider's own": "http://100.64.0.1/",
    "the metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
    "those of another cloud": "http://168.63.129.16/",
    "a private one in the new form": "http://[fd00:ec2::254]/",
    "one of this link": "http://[fe80::1]/",
    "one of this site": "http://[fec0::1]/",
    "many at once": "http://224.0.0.1/",
    "everybody": "http://255.255.255.255/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "mapped, in hexadecimal": "http://[::ffff:a00:1]/",
    "compatible": "http://[::127.0.0.1]/",
    "behind a translator": "http://[64:ff9b::7f00:1]/",
    "behind a local translator": "http://[64:ff9b:1::a00:1]/",
    "in a tunnel": "http://[2002:7f00:1::]/",
    "in another tunnel": "http://[2001:0:7f00:1::1]/",
    "in a third tunnel": "http://[2600::5efe:10.0.0.1]/",
    "for documents": "http://[2001:db8::1]/",
    "one number": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "octal": "http://0177.0.0.1/",
    "short": "http://127.1/",
    "in wide digits": "http://１２７.０.０.１/",
    "with other dots": "http://127。0。0。1/",
    "in circled digits": "http://①②⑦.⓪.⓪.①/",
    "a name of this machine": "http://localhost/",
    "a name of the network": "http://intranet/",
    "a user's name": "http://crane.example@127.0.0.1/",
    "an empty user": "http://@crane.example/",
    "a way back": "http://crane.example\\@127.0.0.1/",
    "another port": "http://crane.example:8080/",
    "a database's port": "http://crane.example:5432/",
    "a file": "file:///etc/passwd",
    "another protocol": "gopher://crane.example:70/",
    "an escaped host": "http://%31%32%37.0.0.1/",
    "a zone": "http://[fe80::1%25eth0]/",
    "a space": "http://crane.example /",
    "a line break": "http://crane.example/\r\nHost: localhost",
    "a name that is one of this machine": "http://to-this-machine.example/",
    "a name that is a private one too": "http://half-private.example/",
    "a name that is mapped": "http://mapped.example/",
    "a name that nobody has": "http://nobody.example/",
    "a name of nothing": "http://empty.example/",
}


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_nothing_is_asked_of_a_forbidden_address(web: OpenWeb, address: str) -> None:
    web.site("crane.example")
    web.site("to-this-machine.example", ["127.0.0.1"])
    web.site("half-private.example", [PUBLIC, "10.0.0.7"])
    web.site("mapped.example", ["::ffff:192.168.1.1"])
    web.site("empty.example", [])

    with pytest.raises(ToolFailed):
        await web.fetcher().get(read_address(address))

    assert web.connected == []
    assert web.asked == []


@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_no_redirection_leads_to_a_forbidden_address(web: OpenWeb, address: str) -> None:
    web.site("crane.example")
    web.site("harbour.example")
    web.site("to-this-machine.example", ["127.0.0.1"])
    web.site("half-private.example", ["10.0.0.7", PUBLIC])
    web.site("mapped.example", ["::ffff:192.168.1.1"])
    web.site("empty.example", [])
    web.redirects["away"] = address.replace("\r\n", "%0d%0a").replace(" ", "%20")
    if "line break" in address or "\r" in address:
        return  # no server can send it as a header

    with pytest.raises(ToolFailed):
        await web.fetcher().get(read_address("http://harbour.example/away"))

    assert {ip for ip, _ in web.connected} <= {PUBLIC}
    assert {host for host, _ in web.asked} <= {"harbour.example", "crane.example"}


async def test_a_name_that_changes_after_the_check_is_not_looked_up_again(web: OpenWeb) -> None:
    web.site("rebinding.example", [PUBLIC], ["127.0.0.1"])

    page = await web.fetcher().get(read_address("http://rebinding.example/crane"))

    assert b"The crane is red" in page.body.data
    assert web.connected == [(PUBLIC, 80)]
    assert web.looked_up == ["rebinding.example"]


async def test_a_name_that_changes_between_redirections_is_checked_anew(web: OpenWeb) -> None:
    web.site("rebinding.example", [PUBLIC], ["127.0.0.1"])
    web.redirects["away"] = "/crane"

    with pytest.raises(ToolFailed, match="open web"):
        await web.fetcher().get(read_address("http://rebinding.example/away"))

    assert web.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("name", "addresses", "reached"),
    [
        ("crane.example", [PUBLIC], PUBLIC),
        ("crane.example", [PUBLIC_6], PUBLIC_6),
        ("xn--mnchen-3ya.example", [PUBLIC], PUBLIC),
        ("crane.example", ["::ffff:93.184.216.34"], "::ffff:93.184.216.34"),
    ],
)
async def test_exactly_the_checked_address_is_connected_to(
    web: OpenWeb, name: str, addresses: list[str], reached: str
) -> None:
    web.site(name, addresses)
    written = name.replace("xn--mnchen-3ya", "münchen")

    page = await web.fetcher().get(read_address(f"http://{written}/crane?x=1#there"))

    assert b"The crane is red" in page.body.data
    assert web.connected == [(reached, 80)]
    assert web.asked == [(name, "/crane?x=1")]


async def test_three_redirections_are_followed_and_no_fourth(web: OpenWeb) -> None:
    web.site("crane.example")
    web.redirects |= {"a": "/b", "b": "http://crane.example/c", "c": "//crane.example/crane"}
    web.redirects |= {"long": "/a", "round": "/round"}

    page = await web.fetcher().get(read_address("http://crane.example/a"))
    for path in ("long", "round"):
        with pytest.raises(ToolFailed, match="leads on and on"):
            await web.fetcher().get(read_address(f"http://crane.example/{path}"))

    assert str(page.address) == "http://crane.example/crane"
    assert len(web.asked) == 4 + 4 + 4


@pytest.mark.parametrize("path", ["huge", "endless"])
async def test_of_a_long_body_no_more_is_read_than_is_allowed(web: OpenWeb, path: str) -> None:
    web.site("crane.example")

    page = await web.fetcher().get(read_address(f"http://crane.example/{path}"))

    assert page.body.is_cut
    assert len(page.body.data) <= MOST_KEPT
    assert page.body.received <= MOST_RECEIVED


@pytest.mark.parametrize("path", ["bomb", "deflated_bomb"])
async def test_of_a_packed_body_no_more_is_unpacked_than_is_allowed(
    web: OpenWeb, path: str
) -> None:
    web.site("crane.example")

    page = await web.fetcher().get(read_address(f"http://crane.example/{path}"))

    assert page.body.is_cut
    assert len(page.body.data) == MOST_KEPT


@pytest.mark.parametrize("path", ["drip", "silent"])
async def test_a_server_that_takes_its_time_is_left(web: OpenWeb, path: str) -> None:
    web.site("crane.example")

    with pytest.raises(ToolFailed, match="too long"):
        await web.fetcher(within=0.3).get(read_address(f"http://crane.example/{path}"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("picture", "image/png"),
        ("archive", "application/zip"),
        ("kindless", "kind"),
        ("packed_twice", "packed"),
        ("wrongly_packed", "packed wrongly"),
        ("many_headers", "gave no page"),
        ("missing", "404"),
    ],
)
async def test_what_is_no_page_of_text_is_refused_in_words(
    web: OpenWeb, path: str, why: str
) -> None:
    web.site("crane.example")

    with pytest.raises(ToolFailed, match=why):
        await web.fetcher().get(read_address(f"http://crane.example/{path}"))

    assert web.sent < 2**20


async def test_raw_deflate_is_read_as_browsers_do(web: OpenWeb) -> None:
    web.site("crane.example")

    page = await web.fetcher().get(read_address("http://crane.example/raw_deflate"))

    assert page.body.data == b"The crane is raw."


async def test_a_site_learns_nothing_of_nellie_but_what_she_is(
    web: OpenWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRC", "/dev/null")
    web.site("crane.example")

    page = await web.fetcher().get(read_address("http://crane.example/cookie"))

    names = {line.partition(b":")[0].lower() for line in page.body.data.splitlines()}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"} & names
    assert b"cookie" not in names


async def test_a_proxy_is_told_the_checked_address_and_not_the_name(web: OpenWeb) -> None:
    web.site("crane.example")
    web.site("inside.example", ["10.0.0.7"])
    fetcher = web.fetcher(proxy=lambda url: "http://proxy.corp.example:3128", socket_factory=None)
    proxied = web.fetcher(proxy=lambda url: f"http://127.0.0.1:{web.port}", socket_factory=None)

    page = await proxied.get(read_address("http://crane.example/crane"))
    with pytest.raises(ToolFailed, match="open web"):
        await fetcher.get(read_address("http://inside.example/"))

    assert b"The crane is red" in page.body.data
    assert web.asked == [(PUBLIC, "/crane")]


async def test_the_second_address_of_a_name_is_tried_where_the_first_is_away(
    web: OpenWeb,
) -> None:
    other = "93.184.216.35"
    web.site("crane.example", [other, PUBLIC])

    def refuse(address: tuple[str, int]) -> None:
        if address[0] == other:
            raise ConnectionRefusedError(111, "refused")

    web.before_connecting = refuse
    page = await web.fetcher().get(read_address("http://crane.example/crane"))

    assert b"The crane is red" in page.body.data
    assert [ip for ip, _ in web.connected] == [other, PUBLIC]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://crane.example/a.", "https://crane.example/a"),
        ("(https://crane.example/a)", "https://crane.example/a"),
        ("[the crane](https://crane.example/a)", "https://crane.example/a"),
        ("<https://crane.example/a|crane.example/a>", "https://crane.example/a"),
        ("look at crane.example/a, please", "http://crane.example/a"),
        ("HTTPS://Crane.Example/a", "https://crane.example/a"),
        ("https://crane.example:443/a#part", "https://crane.example/a"),
        ("https://en.wiki.example/wiki/Crane_(bird)", "https://en.wiki.example/wiki/Crane_(bird)"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("**https://crane.example/a**", "https://crane.example/a"),
    ],
)
def test_an_address_is_found_however_people_write_it(text: str, address: str) -> None:
    assert read_address(address).key in {found.key for found in find_addresses(text)}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://crane.example/a", "https://crane.example/b"),
        ("https://crane.example/a", "https://crane.example/a?memory=secret"),
        ("https://crane.example/a", "https://evil.example/a"),
        ("https://crane.example/a", "https://crane.example.evil.example/a"),
        ("https://crane.example/a", "https://sub.crane.example/a"),
        ("mail ana@crane.example", "https://crane.example/"),
    ],
)
def test_no_other_address_is_taken_for_it(text: str, address: str) -> None:
    assert read_address(address).key not in {found.key for found in find_addresses(text)}


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("2002:808:808::1", True),
        ("64:ff9b::808:808", True),
        ("192.0.0.192", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("fe80::1%eth0", False),
        ("crane.example", False),
    ],
)
def test_only_public_addresses_are_reachable(address: str, reachable: bool) -> None:
    assert is_reachable(address) is reachable


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("what does https://e.example/a say about X?", ["https://e.example/a"]),
        ("see https://e.example/a.", ["https://e.example/a"]),
        ("(https://e.example/a)", ["https://e.example/a"]),
        ("https://e.example/Crane_(machine).", ["https://e.example/Crane_(machine)"]),
        ("<https://e.example/a|page>", ["https://e.example/a"]),
        ("https://e.example/a https://www.e.example/a/", ["https://e.example/a"]),
        (
            "\u300chttps://e.example/\u5951\u7d04\u300d",
            ["https://e.example/%E5%A5%91%E7%B4%84"],
        ),
        ("e.example/a and http://127.1/ and https://u@e.example/", []),
        ("https://", []),
        ("https://" + ")" * 100, []),
        ("x" * 100_000, []),
    ],
)
def test_links_are_found_without_what_stands_behind_them(text: str, links: list[str]) -> None:
    assert [str(one) for one in find_links(text)] == links
