"""What is taken out of texts, and what only looks like it."""

import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasets import scrubbing
from bot.datasets.scrubbing import Scrubber
from bot.domain.errors import SettingsError

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7b\n-----END RSA PRIVATE KEY-----"


@pytest.fixture(scope="module")
def scrub() -> Callable[[str], str]:
    return Scrubber().scrub


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mail bob.o'neil+x@mail.example.co.uk now", "bob.o'neil"),
        ("müller@exämple.de", "müller"),
        ("_bob@example.com_", "bob"),
        ("__bob@example.com__", "bob"),
        ("bob@example.com- and more", "bob"),
        ("bob.q@example.co.uk_", "bob"),
        ("bob@example.com1", "bob"),
        ("bob@xn--e1afmkfd.xn--p1ai", "p1ai"),
        ("bob＠example.com", "bob"),
        ("bob%40example.com", "bob"),
        ("連絡先は" * 20 + "bob@example.com", "bob"),
        ("the bot's is xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx", "xoxb"),
        ("ghp_0bcdefghijkLmnopqrstUvwxyz0123456789", "ghp_"),
        ("key AKIAQYLPMN5HHHFPZAM2", "AKIA"),
        ("glpat-ABCdef1234567890abcd", "glpat"),
        ("use sk-proj-abcdefghijklmnopqrstuvwxyz1234567890", "sk-proj"),
        ("postgres://app:s3cretpw@db.example.com/x", "s3cretpw"),
        ('password = "hunter2hunter2!"', "hunter2"),
        ("DB_PASSWORD=hunter2hunter2", "hunter2"),
        ("Passwort: Sommer2026!", "Sommer2026"),
        ("PGPASSWORD=hunter22x psql", "hunter22x"),
        ("DBPASSWORD: hunter22x", "hunter22x"),
        ("mypassword=Tr0ub4dor", "Tr0ub4dor"),
        ("accesstoken=abcdefghijk1", "abcdefghijk1"),
        ("api key: 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
        ("API Key = 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
        ("SECRET_KEY=correcthorse", "correcthorse"),
        ("passphrase: correcthorse", "correcthorse"),
        ("password = 'my long pass phrase'", "phrase"),
        ("password = “my long pass phrase”", "phrase"),
        ("Password is: hunter22x", "hunter22x"),
        ("password=abc1!", "abc1"),
        ("pw: hunterx", "hunterx"),
        ("mysql --password hunter22x", "hunter22x"),
        (KEY, "MIIE"),
        (f"cut off: {KEY[:60]}", "MIIE"),
        ("call +49 170 1234567 today", "1234567"),
        ("ring +1 (212) 456-7890", "456-7890"),
        ("früh 🙂 key AKIAQYLPMN5HHHFPZAM2 und mehr", "AKIA"),
    ],
)
def test_what_nobody_may_learn_is_taken_out(
    scrub: Callable[[str], str], text: str, secret: str
) -> None:
    scrubbed = scrub(text)

    assert secret not in scrubbed
    assert "[" in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the deploy is on Thursday at 10:30, on 2026-11-30",
        "10.0.0.12 answers on port 8080; see #12345",
        "ping @ana at noon",
        "the token is in the vault",
        "the password is: ask Bob",
        "passwords, tokens and api keys are in the vault",
        "mail me @ noon, 40%40 is no address",
        "früh 🙂 und mehr",
        "version 1.2.3-rc4, 17 of 25 files, 99.95 %",
    ],
)
def test_what_anybody_may_learn_stays(scrub: Callable[[str], str], text: str) -> None:
    assert scrub(text) == text


def test_what_stands_around_a_secret_stays(scrub: Callable[[str], str]) -> None:
    assert scrub("🙂 vorher AKIAQYLPMN5HHHFPZAM2 nachher") == "🙂 vorher [secret] nachher"


@pytest.mark.parametrize(
    "text",
    [
        "+1 2 3 4 " * 2_000,
        "a@" * 10_000,
        "a@a." * 5_000,
        "x" * 20_000 + "@",
        "password-" * 2_000,
        "password = '" * 2_000,
        "-----BEGIN PRIVATE KEY-----" * 700,
    ],
)
def test_hostile_texts_take_a_moment(scrub: Callable[[str], str], text: str) -> None:
    began = time.monotonic()

    scrub(text[:20_000])

    assert time.monotonic() - began < 5


@given(text=st.text(max_size=300))
def test_any_text_can_be_scrubbed(scrub: Callable[[str], str], text: str) -> None:
    assert isinstance(scrub(text.encode("utf-8", "replace").decode()), str)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kingfisher_sdk", None)

    with pytest.raises(SettingsError, match=r"pip install 'kingfisher-secret-scanner"):
        scrubbing.Scrubber()
