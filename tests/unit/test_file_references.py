"""Which files a question means."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.domain.model import Author, Channel, Message
from bot.language.file_references import FileReference, name_terms, read_reference
from bot.language.question import Question

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@dataclass(frozen=True)
class File:
    document_id: int
    name: str
    title: str = ""
    kind: str = "PDF"
    author_id: str = "U1"
    author_name: str = "Ana Silva"
    at: datetime = NOW


FILES = [
    File(1, "Master_Service-Agreement (final) 2024.pdf"),
    File(2, "contract.pdf", at=datetime(2026, 3, 4, tzinfo=UTC)),
    File(3, "x17.docx", "Travel and Expenses Policy", "Word", "U2", "Bob"),
    File(4, "numbers.xlsx", kind="Excel", author_id="U3", author_name="Carl"),
    File(5, "notes.txt", kind="text"),
    File(7, "员工手册.pdf"),
    File(6, "Brandschutzordnung.pdf", author_id="U2", author_name="Bob"),
]


def _read(text: str, asker: str = "U9") -> FileReference:
    channel = Channel("fake", "home", "C1")
    return read_reference(
        Question.read(Message(channel, "q", Author(asker, "Zoe"), text, NOW)), FILES
    )


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("what does contract.pdf say about notice?", 2),
        ("is CONTRACT.PDF signed?", 2),
        ("what does the master service agreement say about notice?", 1),
        ("what is the per diem in the travel and expenses policy?", 3),
        ("what is the notice in the PDF that Bob posted?", 6),
        ("what is in the spreadsheet that Carl shared?", 4),
        ("¿qué dice el archivo que Bob compartió en docx sobre hoteles?", 3),
        ("what does the file from March say about notice?", 2),
        ("员工手册里关于休假是怎么说的？", 7),
        ("Was steht in der Brandschutzordnung.pdf über Aufzüge?", 6),
    ],
)
def test_a_file_is_meant_by_its_name_its_title_its_poster_or_its_time(
    text: str, document: int
) -> None:
    assert _read(text).meant == (document,)


@pytest.mark.parametrize(
    "text",
    [
        "which printer is broken?",
        "did Bob post something about notice?",
        "how do I delete a file?",
        "what did we agree about travel?",
        "where are my notes?",
    ],
)
def test_other_questions_mean_no_file(text: str) -> None:
    assert _read(text).meant == ()


def test_what_only_tells_the_file_is_not_asked_for() -> None:
    assert _read("what is the notice in the PDF that Bob posted?").terms == ("notic",)
    assert _read("which printer is broken?").terms == ("printer", "broken")
    assert _read("how do I delete a file?").terms == ("delet",)


def test_my_file_is_the_askers() -> None:
    assert _read("what is the total in my spreadsheet?", asker="U3").meant == (4,)


def test_what_is_in_the_file_means_the_newest_of_its_kind() -> None:
    assert _read("what is in the spreadsheet?").meant == (4,)


def test_names_are_read_in_words() -> None:
    assert name_terms("TravelPolicy_2024-03.pdf", "") == {"travel", "polici", "2024", "03", "pdf"}
    assert "vertrag" in name_terms("Verträge.pdf", "") or "vertrage" in name_terms(
        "Verträge.pdf", ""
    )
