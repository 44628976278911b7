"""Mailing lists come in as mbox, with their threads."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.mail.archive import Mbox
from adapters.mail.body import own_words
from bot.domain.model import Message
from bot.domain.ports import BadLine

CODED = "\nContent-Transfer-Encoding"


def mail(number: int, body: str = "hi", *, subject: str = "Re: Deploy", **headers: str) -> str:
    told = {
        "From": "Ana Alba <Ana@Example.org>",
        "Subject": subject,
        "Message-ID": f"<{number}@example.org>",
        "Date": f"Fri, 1 Mar 2024 09:{number:02}:00 +0100",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in told.items() if value]
    return "\n".join(["From ana@example.org Fri Mar  1 09:19:00 2024", *lines, "", body, "", ""])


def box(folder: Path, *mails: str, name: str = "dev.mbox") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes("".join(mails).encode("utf-8", "surrogateescape"))
    return path


def read(path: Path) -> tuple[list[Message], list[BadLine]]:
    archive = Mbox()
    assert archive.recognizes(path)
    entries = list(archive.read_channels(path, archive.channels(path)))
    messages = [one for one in entries if isinstance(one, Message)]
    return messages, [one for one in entries if isinstance(one, BadLine)]


def test_threads_follow_references(tmp_path: Path) -> None:
    messages, bad = read(
        box(
            tmp_path,
            mail(1, subject="Deploy"),
            mail(2, References="<1@example.org>", In_Reply_To="<1@example.org>"),
            mail(3, In_Reply_To="<2@example.org>"),
            mail(4, References="<1@example.org>\n <2@example.org>"),
            mail(5, subject="Lunch"),
        )
    )

    assert not bad
    assert [one.thread for one in messages] == ["1@example.org"] * 4 + ["5@example.org"]
    assert [one.reply_to[:1] for one in messages] == ["", "1", "2", "2", ""]
    assert messages[0].text == "Deploy\n\nhi"
    assert (messages[0].author.id, messages[0].author.name) == ("ana@example.org", "Ana Alba")
    assert messages[0].at == datetime(2024, 3, 1, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("yes\n\nOn Fri, Mar 1, 2024 Ana wrote:\n> Shall we?\n> Now?", "yes"),
        ("On Fri, Mar 1, 2024 at 9:19\nAna <a@x> wrote:\n\n> Shall we?\n\nyes", "yes"),
        ("Am 01.03.24 um 09:19 schrieb Ana:\n> Sollen wir?\nja", "ja"),
        ("first\n> quoted\nsecond", "first\nsecond"),
        ("see this:\n> quoted", "see this:"),
        ("hi\n-- \nAna\nCEO", "hi"),
        ("hi\n\n-----Original Message-----\nFrom: Ana\nold", "hi"),
        ("a -- b\n--- not a signature", "a -- b\n--- not a signature"),
        ("hi\n_______________________________________________\nDev mailing list", "hi"),
    ],
)
def test_quotes_and_signatures_are_left_out(body: str, words: str) -> None:
    assert own_words(body) == words


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            "caf=E9",
            "text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable",
            "café",
        ),
        ("Y2Fmw6k=", "text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", "café"),
        ("<p>one</p><p>two &amp; three</p>", "text/html", "one\n\ntwo & three"),
        ("plain", "text/plain; charset=no-such-code", "plain"),
        (
            "--X\nContent-Type: text/html\n\n<b>no</b>\n--X\nContent-Type: text/plain\n\nyes\n--X\n"
            "Content-Type: application/pdf; name=plan.pdf\n"
            "Content-Disposition: attachment\n\nJVBE\n--X--",
            "multipart/mixed; boundary=X",
            "yes\n[file: plan.pdf]",
        ),
    ],
)
def test_the_plain_text_is_read_in_its_code(
    tmp_path: Path, body: str, kind: str, words: str
) -> None:
    [one], _ = read(box(tmp_path, mail(1, body, Content_Type=kind)))

    assert one.text == words


def test_lines_that_begin_with_from_stay_in_their_mail(tmp_path: Path) -> None:
    one, two = read(box(tmp_path, mail(1, "a\n\n>From here\nFrom there"), mail(2)))[0]

    assert one.text == "a\n\nFrom here\nFrom there"
    assert two.text == "hi"


@pytest.mark.parametrize(
    ("headers", "author"),
    [
        ({"From": "ana at example.org (Ana)"}, ("ana@example.org", "Ana")),
        ({"From": "=?utf-8?q?Ana_=C3=84?= <a@x.org>"}, ("a@x.org", "Ana Ä")),
        ({"From": '"Alba, Ana" <a@x.org>'}, ("a@x.org", "Alba, Ana")),
        ({"From": "a@x.org"}, ("a@x.org", "a")),
    ],
)
def test_people_are_their_addresses(
    tmp_path: Path, headers: dict[str, str], author: tuple[str, str]
) -> None:
    [one], _ = read(box(tmp_path, mail(1, **headers)))

    assert (one.author.id, one.author.name) == author


@pytest.mark.parametrize(
    ("name", "list_id", "channel"),
    [
        ("dev.mbox", "", "dev"),
        ("x.mbox", "Developers <dev.lists.example.org>", "dev"),
        ("python-list/2024-March.txt", "", "python-list"),
        ("python-list/mbox", "", "python-list"),
    ],
)
def test_the_list_is_named_by_its_header_its_file_or_its_folder(
    tmp_path: Path, name: str, list_id: str, channel: str
) -> None:
    [one], _ = read(box(tmp_path, mail(1, List_Id=list_id), name=name))

    assert one.channel.id == channel


@pytest.mark.parametrize("headers", [{"Date": "soon"}, {"Date": ""}, {"From": ""}])
def test_a_mail_without_a_time_or_an_author_is_reported(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    messages, bad = read(box(tmp_path, mail(1), mail(2, **headers), mail(3)))

    assert [one.id for one in messages] == ["1@example.org", "3@example.org"]
    assert len(bad) == 1


def test_mails_without_ids_get_one_that_stays(tmp_path: Path) -> None:
    path = box(tmp_path, mail(1, Message_ID=""), mail(2, Message_ID=""))

    first, again = read(path)[0], read(path)[0]

    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == 2


@pytest.mark.parametrize(
    "content", ["", "From me to you\n\nbye\n", "Dear all,\nFrom: x\n", "From: a@x\nSubject: y\n\n"]
)
def test_other_texts_are_not_taken_for_mail(tmp_path: Path, content: str) -> None:
    assert not Mbox().recognizes(box(tmp_path, content))
