"""Which files a question means: by name, by title, by who posted them, by when. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from bot.domain.model import Author
from bot.language.folding import UNSPACED, fold_values
from bot.language.question import Question
from bot.language.terms import STOP_WORDS, extract_terms

FEWEST_OF_LONG_TITLE = 0.75  # of a title's words: a question seldom says all of them
MOST_MEANT = 3  # files that a question means at once, where it tells them by person or time

# What people call files, and the kinds of documents that each may stand for; "" for any.
_KINDS = {
    "pdf pdfs": "PDF",
    "docx": "Word",
    "xlsx xls csv excel spreadsheet spreadsheets sheet tabelle tableur planilla planilha tabellone"
    " таблица таблице таблицы tabela arkusz 表格 スプレッドシート": "Excel CSV OpenDocument",
    "pptx ppt powerpoint slides slide deck presentation presentations präsentation folien"
    " présentation diapositives presentación diapositivas apresentação presentazione presentatie"
    " презентация презентации prezentacja sunum 幻灯片 プレゼン": "PowerPoint OpenDocument",
    "file files document documents doc docs attachment attachments upload uploaded"
    " datei dateien dokument dokumente dokuments anhang fichier fichiers pièce jointe"
    " archivo archivos documento documentos fichero adjunto arquivo arquivos anexo allegato bestand"
    " bestanden bijlage bilaga fil filen fichiere plik plików pliku załącznik dosya belge"
    " файл файле файла файлы документ документе документа документы вложение файлі"
    " αρχείο έγγραφο ملف الملف مستند المستند קובץ מסמך"
    " 文件 文档 附件 ファイル 文書 資料 添付 파일 문서": "",
}
_POSTING = """
    posted shared uploaded attached sent gepostet geteilt hochgeladen geschickt angehängt
    partagé envoyé publié compartió subió enviado publicado postado inviato caricato gedeeld
    gestuurd выложил выложила прислал прислала отправил отправила 发的 上传的
"""
_WORD = re.compile(r"[^\W_]+")
_UNSPACED_NAME = re.compile(f"[{UNSPACED}]{{2,}}")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_FILE_WORDS = {
    fold_values(word): tuple(kinds.split())
    for words, kinds in _KINDS.items()
    for word in words.split()
}
_POSTING_WORDS = frozenset(map(fold_values, _POSTING.split()))
# Words of names that tell no file from another.
_EMPTY_WORDS = STOP_WORDS | {"final", "copy", "draft", "version", "new", "v1", "v2", "v3", "rev"}


class KnownFile(Protocol):
    """A file as bot.store.passage_search.ReadFile tells of it."""

    @property
    def document_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def author_id(self) -> str: ...
    @property
    def author_name(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class FileReference:
    """What a question says of files, apart from what it asks."""

    terms: tuple[str, ...]
    """What it asks, without the words that only tell the file."""
    meant: tuple[int, ...] = ()
    """The documents that it surely means."""
    likely: frozenset[int] = frozenset()
    """The documents of the kind that it speaks of."""


def read_reference(question: Question, files: Sequence[KnownFile]) -> FileReference:
    """Which of these files, the newest first where nothing else orders them, a question means."""
    named = tuple(dict.fromkeys(one.document_id for one in files if _is_named(question, one)))
    words = set(_split(question.text))
    kinds = {kind for word in words for kind in (_kinds_of(word) or ())}
    tells_file = any(_kinds_of(word) is not None for word in words)
    if named or not tells_file:
        return FileReference(_without(question.terms, words if tells_file else ()), named)
    terms = _without(question.terms, words)
    fitting = [one for one in files if not kinds or one.kind in kinds or _has_ending(one, words)]
    posters = question.find_named(Author(one.author_id, one.author_name) for one in fitting)
    posted_by = [one for one in fitting if one.author_id in posters]
    if posted_by and not words.isdisjoint(_POSTING_WORDS | {"s"} | _own(question)):
        fitting = posted_by
        terms = tuple(term for term in terms if term not in _terms_of_names(posted_by)) or terms
    in_time = [one for one in fitting if question.time_ranges and question.is_in_time(one.at)]
    if in_time or fitting is posted_by:
        chosen = in_time or fitting
        return FileReference(terms, _first(chosen))
    if not terms and fitting:
        return FileReference(terms, (fitting[0].document_id,))
    likely = frozenset(one.document_id for one in fitting) if kinds else frozenset[int]()
    return FileReference(terms, likely=likely)


@lru_cache(maxsize=4_096)
def name_terms(name: str, title: str) -> frozenset[str]:
    """The terms by which a file's name and title are found."""
    return frozenset(extract_terms(f"{_spaced(name)}\n{title}"))


def _is_named(question: Question, file: KnownFile) -> bool:
    """Whether a question holds the name, or what is said of it in words."""
    lowercase = " ".join(question.lowercase.split())
    name = " ".join(file.name.casefold().split())
    if "." in name and len(name) > 4 and name in lowercase:
        return True
    base = _ENDING.sub("", name)
    if _UNSPACED_NAME.fullmatch(base) and base in lowercase:
        return True
    asked = set(_split(question.text))
    words = _telling_words(_spaced(_ENDING.sub("", file.name)))
    if len(words) > 1 and words <= asked:
        return True
    title = _telling_words(file.title)
    return len(title) > 1 and len(title & asked) >= max(2, FEWEST_OF_LONG_TITLE * len(title))


def _telling_words(text: str) -> set[str]:
    """The words of a name that tell it from others: no dates, no versions."""
    found = {word for word in _split(text) if not word.isdigit()}
    return found - _EMPTY_WORDS - _FILE_WORDS.keys()


def _kinds_of(word: str) -> tuple[str, ...] | None:
    """The kinds of document that a word stands for; None where it is no word for files."""
    return _FILE_WORDS.get(word)


def _has_ending(file: KnownFile, words: Iterable[str]) -> bool:
    return file.name.casefold().rpartition(".")[2] in words


def _own(question: Question) -> set[str]:
    return {"my", "i"} if question.about_asker else set()


def _terms_of_names(files: Iterable[KnownFile]) -> set[str]:
    return {term for one in files for term in extract_terms(one.author_name)}


def _without(terms: Iterable[str], words: Iterable[str]) -> tuple[str, ...]:
    """The terms without those of words for files and for posting; all, if nothing else is left."""
    telling = {word for word in words if word in _FILE_WORDS or word in _POSTING_WORDS}
    gone = {term for word in telling for term in extract_terms(word)}
    return tuple(term for term in terms if term not in gone)


def _first(files: Iterable[KnownFile]) -> tuple[int, ...]:
    newest = sorted(files, key=lambda one: one.at, reverse=True)
    return tuple(dict.fromkeys(one.document_id for one in newest))[:MOST_MEANT]


def _split(text: str) -> Iterator[str]:
    return map(fold_values, _WORD.findall(text))


def _spaced(name: str) -> str:
    """A file's name in words: "TravelPolicy_2024-03.pdf" is travel policy 2024 03 pdf."""
    return _CAMEL.sub(" ", re.sub(r"[_.\-]+", " ", name))
