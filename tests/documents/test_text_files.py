"""Text of every kind is read: Markdown, tables, JSON, code, mails, pages, in any encoding."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from document_reader import read_bytes, whole, zipped

from bot.domain.documents import NotReadable


def test_markdown_has_headings_lists_and_code(tmp_path: Path) -> None:
    text = "# Crane\n\nIt is\nred.\n\n- one\n- two\n\n```\n# no heading\n```\n\n"

    document = read_bytes(tmp_path, f"{text}Care\n----\n\nOil it.\n", "crane.md")

    assert document.kind == "Markdown"
    assert [one.heading for one in document.passages] == ["Crane"]
    assert document.passages[0].text == (
        "It is\nred.\n- one\n- two\n\n```\n# no heading\n```\n\nCare\n\nOil it."
    )


def test_what_stands_above_a_text_between_hyphens_is_no_heading(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, "---\ntitle: Crane\n---\n\n# Care\n\nOil it.\n", "crane.md")

    assert whole(document) == "\ntitle: Crane\n\nCare\n\nOil it."


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_keeps_its_header_in_every_passage(separator: str, tmp_path: Path) -> None:
    lines = [separator.join(("Ship", "Quay"))]
    lines += [
        separator.join((f"Aurora {number}", f"quay number {number}")) for number in range(200)
    ]

    document = read_bytes(tmp_path, "\n".join(lines), "ships.csv")

    assert len(document.passages) > 2
    assert all(one.text.startswith("Ship | Quay\nAurora") for one in document.passages)
    assert whole(document).count("quay number 7\n") == 1


def test_long_json_stands_under_the_keys_that_lead_to_it(tmp_path: Path) -> None:
    ships = [{"name": f"Aurora {number}", "cargo": "timber " * 20} for number in range(20)]

    document = read_bytes(tmp_path, json.dumps({"fleet": {"ships": ships}}), "fleet.json")

    assert document.kind == "JSON"
    assert all(one.heading.startswith("fleet > ships") for one in document.passages)
    assert '"name": "Aurora 7"' in whole(document)


def test_what_is_called_json_and_is_none_is_text(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, '{"a": 1}\n{"a": 2}\n', "log.json")

    assert whole(document) == '\n{"a": 1}\n{"a": 2}'


def test_source_code_keeps_its_indents(tmp_path: Path) -> None:
    text = "def a():\n    return 1\n\n\n    # deeper\n    b = 2\n"

    document = read_bytes(tmp_path, text, "a.py", "text/x-python")

    assert document.kind == "source code"
    assert document.passages[0].text == "def a():\n    return 1\n\n    # deeper\n    b = 2"


def test_a_page_is_read_without_its_menus(tmp_path: Path) -> None:
    page = (
        "<!doctype html><title>Quay</title><nav>Menu</nav><h1>Quay 7</h1><p>It is deep.</p>"
        "<table><tr><th>Ship<th>Day</tr><tr><td><p>Aurora</p></td><td>2 <b>March</b></td></table>"
        "<ul><li><p>ropes</p></li><li>hooks</li></ul>"
    )

    document = read_bytes(tmp_path, page, "quay.html")

    assert (document.kind, document.title) == ("web page", "Quay")
    assert whole(document) == (
        "Quay 7\nIt is deep.\nShip | Day\nAurora | 2 March\n- ropes\n- hooks"
    )


def test_a_page_in_the_code_that_it_names(tmp_path: Path) -> None:
    page = "<html><meta charset=windows-1251><p>Паром отходит в девять</p>".encode("cp1251")

    assert "Паром отходит в девять" in whole(read_bytes(tmp_path, page, "page"))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("utf-8", "العبارة تغادر الساعة التاسعة"),
        ("utf-16", "渡船九点出发"),
        ("utf-16-le", "渡船九点出发, quay 7"),
        ("cp1252", "Die Fähre fährt um 9 Uhr, die Straße ist gesperrt."),
        ("cp1251", "Паром отходит в девять утра и возвращается только вечером, после шести."),
        ("koi8-r", "Паром отходит в девять утра и возвращается только вечером, после шести."),
        (
            "shift_jis",
            "船は七番埠頭から朝の九時に出発し、夕方の六時に戻ります。天気に注意してください。",
        ),
        ("gb18030", "渡船早上九点从七号码头出发，晚上六点返回。请注意天气变化，不要迟到。"),
        ("big5", "渡船早上九點從七號碼頭出發，晚上六點返回。請注意天氣變化，不要遲到。"),
    ],
)
def test_text_is_read_in_its_encoding(code: str, text: str, tmp_path: Path) -> None:
    pytest.importorskip("charset_normalizer")

    assert text in whole(read_bytes(tmp_path, (text + "\n").encode(code), "note.txt"))


def mail() -> EmailMessage:
    """One with a page, a text, and what is attached."""
    message = EmailMessage()
    message["From"] = "Ana Özdemir <ana@example.org>"
    message["To"] = "ben@example.org"
    message["Subject"] = "Größe der Kisten"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    message.set_content("The crates are too wide.\n\n> How wide?\n")
    message.add_alternative("<p>The crates are <b>too</b> wide.</p>", subtype="html")
    message.add_attachment("# Sizes\n\n2.4 m\n", subtype="markdown", filename="größen.md")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="crate.png")
    return message


def test_a_mail_is_read_with_what_it_quotes_and_what_is_attached(tmp_path: Path) -> None:
    document = read_bytes(tmp_path, mail().as_bytes(), "crates.eml")
    said = whole(document)

    assert (document.kind, document.title) == ("e-mail", "Größe der Kisten")
    assert "From: Ana Özdemir <ana@example.org>\nTo: ben@example.org" in said
    assert said.count("The crates are too wide.") == 1
    assert "> How wide?" in said
    assert "größen.md\n\nSizes\n\n2.4 m" in said
    assert document.notes == ("crate.png was not read: it is a picture",)


def test_a_mail_is_known_without_its_ending(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, mail().as_bytes(), "saved").kind == "e-mail"


def test_a_mail_with_nothing_but_a_page(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Crates"
    message["From"] = "ana@example.org"
    message.set_content("<h2>Sizes</h2><p>2.4 m</p>", subtype="html")

    assert "Sizes\n\n2.4 m" in whole(read_bytes(tmp_path, message.as_bytes(), "a.eml"))


def test_the_files_of_a_zip_are_read_under_their_names(tmp_path: Path) -> None:
    packed = zipped(
        {
            "notes/größe.md": "# Sizes\n\n2.4 m",
            "__MACOSX/._größe.md": b"\0\5\x16\7",
            "inner.zip": zipped({"a.txt": "deeper"}),
            "mail.eml": mail().as_bytes(),
        }
    )

    document = read_bytes(tmp_path, packed, "all.zip")
    said = whole(document)

    assert "notes/größe.md > Sizes\n2.4 m" in said
    assert "The crates are too wide." in said
    assert "deeper" not in said
    assert document.notes == (
        "inner.zip was not read: it is a zip in another file; post it by itself",
        "crate.png was not read: it is a picture",
    )


def test_rtf_in_an_old_code_and_in_unicode(tmp_path: Path) -> None:
    text = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}}"
        rb"{\*\generator secret}\pard\outlinelevel0 Gr\'fc\'dfe\par\pard\f1\'cf\'e0\'f0\'ee\'ec\f0 "
        rb"\u8364? 5\emdash\u-10179?\u-8704?\par}"
    )

    assert whole(read_bytes(tmp_path, text, "a.rtf")) == "Grüße\nПаром€ 5—😀"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "it is empty"),
        (b"\0" * 5_000, "a.txt", "it is empty"),
        (b"\x89PNG\r\n\x1a\n", "a.docx", "it is a picture"),
        (b"\x7fELF\2\1\1", "a.txt", "it is a program"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "a.doc",
            "it is in the format of before",
        ),
        (bytes(range(256)) * 20, "a.txt", "it is no document that can be read"),
        (b"\n\n  \n", "a.md", "it is empty"),
        (b"<!DOCTYPE html><title>Sign in</title>", "a.pdf", "in its place came a web page"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    data: bytes, name: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(NotReadable, match=reason):
        read_bytes(tmp_path, data, name)
