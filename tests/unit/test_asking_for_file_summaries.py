"""What asks for the summary of a file, in many languages, and which file it means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.documents import FilePost, PostedFile
from bot.language.file_choice import choose_files
from bot.language.intents.file_summaries import read_file_summary
from bot.memory.document_summaries import _heading

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def post(name: str, seq: int = 1, *, author: str = "Ana", days: int = 1) -> FilePost:
    return FilePost(
        channel_id=1,
        seq=seq,
        file=PostedFile(id=f"F{seq}", name=name),
        origin="post",
        state="read",
        note="",
        mendable=False,
        progress="",
        document_id=seq,
        kind="PDF",
        pages=3,
        notes=(),
        author=author,
        author_id=author,
        at=NOW - timedelta(days=days),
        link="",
    )


FILES = [
    post("contract.pdf", 5, author="Ana"),
    post("Vertrag_2026.pdf", 4, author="Bob", days=3),
    post("契約.pdf", 3),
    post("prices.xlsx", 2, author="Carla", days=9),
    post("travel-policy.docx", 1, author="Ana", days=250),
]


def chosen(text: str, *near: list[int]) -> list[str]:
    asked = read_file_summary(text, NOW)
    found = choose_files(asked, near, FILES) if asked else []
    return [one.file.name for one in found]


THIS = (
    "summarize this file",
    "Could you give me a short summary of this document, please?",
    "what does this document say?",
    "tl;dr of the attached file",
    "sum up this document in three lines",
    "Fass die Datei zusammen",
    "Kannst du mir bitte dieses Dokument zusammenfassen?",
    "Worum geht es in dieser Datei?",
    "Résume ce fichier",
    "De quoi parle ce document ?",
    "resume este archivo",
    "Hazme un resumen del documento",
    "resuma este arquivo",
    "riassumi questo file",
    "vat dit bestand samen",
    "sammanfatta den här filen",
    "oppsummer dette dokumentet",
    "podsumuj ten plik",
    "bu dosyayı özetle",
    "tóm tắt tệp này",
    "суммируй этот файл",
    "О чём этот документ?",
    "підсумуй цей файл",
    "συνόψισε αυτό το αρχείο",
    "このファイルを要約して",
    "이 파일 요약해 줘",
    "总结这个文件",
    "इस फाइल का सारांश दो",
    "لخص هذا الملف",
    "סכם את הקובץ הזה",
)
NAMED = (
    ("summarize contract.pdf", "contract.pdf"),
    ("@nellie can you summarize the contract?", "contract.pdf"),
    ("give me the gist of the PDF Ana posted", "contract.pdf"),
    ("what is prices.xlsx about?", "prices.xlsx"),
    ("summarize Carla's spreadsheet", "prices.xlsx"),
    ("give me the gist of the file from March", "travel-policy.docx"),
    ("summarize the travel policy", "travel-policy.docx"),
    ("Gib mir eine Zusammenfassung von vertrag_2026.pdf", "Vertrag_2026.pdf"),
    ("Fass das PDF von Bob zusammen", "Vertrag_2026.pdf"),
    ("Peux-tu résumer contract.pdf ?", "contract.pdf"),
    ("¿Puedes resumir contract.pdf?", "contract.pdf"),
    ("Pode resumir o documento contract.pdf?", "contract.pdf"),
    ("Mi fai un riassunto di contract.pdf?", "contract.pdf"),
    ("contract.pdf dosyasını özetler misin?", "contract.pdf"),
    ("Сделай краткое содержание файла contract.pdf", "contract.pdf"),
    ("契約.pdfを要約してください", "契約.pdf"),
    ("请总结一下契約.pdf", "契約.pdf"),
)
OTHERS = (
    "what does contract.pdf say about notice?",
    "sum up the discussion about the pdf",
    "what is the price?",
    "what's up with the file server?",
    "summarize the channel",
    "what are the key points of the meeting?",
    "hello",
    "summarize",
    "who posted the contract?",
    "is the contract signed?",
    "summarize missing.pdf",
    "",
    "summarize " + "x" * 500,
)


@pytest.mark.parametrize("text", THIS)
def test_this_file_is_the_one_that_stands_nearest(text: str) -> None:
    assert chosen(text) == ["contract.pdf"]  # the newest
    assert chosen(text, [4], [3]) == ["Vertrag_2026.pdf"]
    assert chosen(text, [], [3], [4]) == ["契約.pdf"]
    assert chosen(text, [], [], [2, 1]) == ["prices.xlsx"]


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_a_file_is_known_by_its_name_its_poster_or_its_time(text: str, name: str) -> None:
    assert chosen(text) == [name]


@pytest.mark.parametrize("text", OTHERS)
def test_what_asks_for_something_else_is_another_question(text: str) -> None:
    assert chosen(text) == []


@pytest.mark.parametrize("text", ["summarize this", "summarize", "Fass zusammen", "要約して"])
def test_with_a_file_of_its_own_no_word_for_files_is_needed(text: str) -> None:
    assert chosen(f"{text}\n[file: contract.pdf]", [5]) == ["contract.pdf"]
    assert chosen(text, [], [5]) == ["contract.pdf"]


def test_several_files_of_the_question_are_all_meant_and_the_same_content_once() -> None:
    assert chosen("summarize these files", [5, 4]) == ["contract.pdf", "Vertrag_2026.pdf"]
    asked = read_file_summary("summarize these files", NOW)
    assert asked
    assert len(choose_files(asked, [[5]], [FILES[0], FILES[0]])) == 1


@pytest.mark.parametrize(
    ("kind", "link", "shown"),
    [
        ("PDF", "", "plan.x (PDF, 3 pages):"),
        ("Excel", "", "plan.x (Excel, 3 sheets):"),
        (
            "PowerPoint",
            "https://a.example/1",
            "[plan.x](https://a.example/1) (PowerPoint, 3 slides):",
        ),
    ],
)
def test_a_summary_begins_with_what_the_file_is(kind: str, link: str, shown: str) -> None:
    assert _heading(replace(post("plan.x"), kind=kind, link=link)) == shown
