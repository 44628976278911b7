"""PDFs: pages, headings, paragraphs, margins, and pages that have no text."""

import importlib.util
from pathlib import Path

import pytest
from document_reader import read_bytes, read_file, whole
from pdf_files import assemble, lines, pdf

from bot.documents.kinds.pdf import MISSING
from bot.domain.documents import NotReadable

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pypdfium2") is None, reason="the extra documents is missing"
)

LONG = "The crane at the quay lifts nine tonnes and was painted green in the month of May,"


def test_what_libreoffice_wrote_is_read_by_page() -> None:
    document = read_file("harbour.pdf")

    assert (document.kind, document.title, document.pages) == ("PDF", "The harbour handbook", 2)
    assert "- Ropes are checked weekly.\n- Hooks are checked daily." in whole(document)
    assert "\n\nDie Fähre fährt um neun Uhr nach Süden" in whole(document)


def test_lines_are_joined_to_paragraphs(tmp_path: Path) -> None:
    page = lines(LONG, "and once more in June.", "Ropes hang beside it.")

    document = read_bytes(tmp_path, pdf([page]), "crane.pdf")

    assert document.passages[0].text == f"{LONG} and once more in June.\n\nRopes hang beside it."
    assert (document.passages[0].first_page, document.passages[0].last_page) == (1, 1)


def test_large_letters_are_headings(tmp_path: Path) -> None:
    page = b"\n".join(
        [
            lines("Prices", size=20, top=800),
            lines(*[LONG] * 3, top=770),
            lines("Timber", size=15, top=700),
            lines(*[LONG] * 30, top=680),
        ]
    )

    document = read_bytes(tmp_path, pdf([page]), "prices.pdf")

    assert document.passages[0].heading == "Prices"
    assert document.passages[1].heading == "Prices > Timber"


def test_what_a_file_lists_as_headings_are_its_headings(tmp_path: Path) -> None:
    pages = [lines("1. Crane", LONG, *[LONG] * 20), lines("2. Ferry", "It leaves at nine.")]
    outline = [
        b"<< /Type /Outlines /First 9 0 R /Last 10 0 R /Count 2 >>",
        b"<< /Title (Crane) /Parent 8 0 R /Next 10 0 R /Dest [4 0 R /Fit] >>",
        b"<< /Title (Ferry) /Parent 8 0 R /Prev 9 0 R /Dest [6 0 R /Fit] >>",
    ]

    document = read_bytes(tmp_path, pdf(pages, outline, b"/Outlines 8 0 R"), "port.pdf")

    assert [one.heading for one in document.passages] == ["1. Crane", "2. Ferry"]
    assert document.passages[1].first_page == 2


def test_what_stands_on_every_page_is_read_once(tmp_path: Path) -> None:
    pages = [
        lines("Aurora Freight, lease", f"Text of page {name}.", f"page {number} of 3")
        for number, name in enumerate(("one", "two", "three"), 1)
    ]

    said = whole(read_bytes(tmp_path, pdf(pages), "lease.pdf"))

    assert said.count("Aurora Freight, lease") == 1
    assert said.count(" of 3") == 1
    assert [said.count(f"Text of page {name}.") for name in ("one", "two", "three")] == [1, 1, 1]


def test_pages_without_text_are_noted(tmp_path: Path) -> None:
    pages = [lines("Said."), b"", b"", lines("Said again."), b""]

    document = read_bytes(tmp_path, pdf(pages), "half.pdf")

    assert document.pages == 5
    assert document.notes == ("without text: pages 2 to 3, 5",)


def test_a_scanned_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="it is scanned: it has no text"):
        read_bytes(tmp_path, pdf([b"", b"0 0 1 rg 10 10 100 100 re f"]), "scan.pdf")


def test_without_the_library_it_is_said_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(NotReadable, match="extra “documents”, which is not installed"):
        read_bytes(tmp_path, pdf([lines("Said.")]), "a.pdf")
    assert "documents" in MISSING


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="it is cut off or damaged"):
        read_bytes(tmp_path, b"%PDF-1.7\nnothing more", "a.pdf")


def test_a_protected_file_is_told(tmp_path: Path) -> None:
    words = b"<" + b"ab" * 32 + b">"
    locked = assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [] /Count 0 >>",
            b"<< /Filter /Standard /V 1 /R 2 /O %s /U %s /P -4 >>" % (words, words),
        ],
        b"/Encrypt 3 0 R /ID [<00> <00>]",
    )

    with pytest.raises(NotReadable, match="it is protected by a password"):
        read_bytes(tmp_path, locked, "a.pdf")


def test_what_was_filled_in_and_written_beside_is_read(tmp_path: Path) -> None:
    notes = [
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (tenant) /TU (Name of the tenant)"
        b" /V (Aurora Freight) /Rect [0 0 9 9] >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (insured) /V /Yes /Rect [0 0 9 9] >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (empty) /Rect [0 0 9 9] >>",
        b"<< /Type /Annot /Subtype /Text /T (Ben) /Contents <FEFF0050007200fc0066>"
        b" /Rect [0 0 9 9] >>",
        b"<< /Type /Annot /Subtype /Link /Contents (nobody reads this) /Rect [0 0 9 9] >>",
    ]
    page = pdf([lines("Lease")], notes)
    page = page.replace(b"/Resources", b"/Annots [6 0 R 7 0 R 8 0 R 9 0 R 10 0 R] /Resources")

    document = read_bytes(tmp_path, page, "lease.pdf")

    assert document.passages[0].text == (
        "Lease\nName of the tenant: Aurora Freight\ninsured: Yes\n[comment by Ben: Prüf]"
    )
