"""The SQL files: what they name is there, and what is there is used."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from bot.store import message_edits, sql_files
from bot.store.sql_files import FOLDER, load

STORE = Path(sql_files.__file__).parent
FILES = sorted(path.stem for path in FOLDER.glob("*.sql"))


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")


def test_a_statement_is_what_stands_below_its_name_without_comments(tmp_path: Path) -> None:
    write(
        tmp_path,
        turns="-- What turns.py runs.\n\n-- name: one\n-- Why: so.\nSELECT 1\n\n-- name: two\n"
        "SELECT 2,\n    -- and\n    '{}'\n",
    )

    statements = load("turns", tmp_path)

    assert str(statements.one) == "SELECT 1"
    assert str(statements.two) == "SELECT 2,\n    '{}'"


def test_a_placeholder_is_filled_from_its_own_or_from_another_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        turns="-- name: get\nSELECT {columns} FROM turn t\n\n"
        "-- name: columns\n{channels.id}, t.id\n",
        channels="-- name: id\n{alias}.id\n\n-- name: alias\nc\n",
    )

    assert str(load("turns", tmp_path).get) == "SELECT c.id, t.id FROM turn t"


def test_a_name_that_is_nowhere_is_an_error_that_says_where_it_is_used(tmp_path: Path) -> None:
    write(tmp_path, turns="-- name: get\nSELECT {channels.id}\n", channels="")

    with pytest.raises(ValueError, match=r"channels.sql has no text id: turns.get -> channels.id"):
        load("turns", tmp_path)


def test_a_circle_is_an_error_that_shows_it(tmp_path: Path) -> None:
    write(tmp_path, turns="-- name: one\n{two}\n\n-- name: two\n{one}\n")

    with pytest.raises(ValueError, match=r"circle: turns.one -> turns.two -> turns.one"):
        load("turns", tmp_path)


def test_two_texts_of_one_name_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, turns="-- name: one\nSELECT 1\n\n-- name: one\nSELECT 2\n")

    with pytest.raises(ValueError, match=r"turns.sql has two texts of one name"):
        load("turns", tmp_path)


def test_a_statement_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match=r"message_edits.sql has no text forget_all"):
        _ = message_edits._SQL.forget_all


@pytest.mark.parametrize("file", FILES)
def test_every_text_is_used_and_every_one_that_is_used_is_there(file: str) -> None:
    texts = {name for name in vars(load(file)) if not name.startswith("_")}
    module = (STORE / f"{file}.py").read_text()
    if "(Embeddings)" in module:  # the same statements on other tables
        module += (STORE / "embeddings.py").read_text().replace("_TABLES", "")

    used = set(re.findall(r"(?:_SQL|self\.sql)\.(\w+)", module))
    used |= texts & set(re.findall(r'^ +"(\w+)",$', module, re.MULTILINE))  # those that make tables
    for path in FOLDER.glob("*.sql"):
        prefix = r"(?:\w+\.)?" if path.stem == file else rf"{file}\."
        used |= texts & set(re.findall(rf"\{{{prefix}(\w+)\}}", path.read_text()))

    assert used == texts


def test_the_wheel_holds_the_files(tmp_path: Path) -> None:
    builder = WheelBuilder(str(STORE.parents[1]))

    [wheel] = builder.build(directory=str(tmp_path), versions=["standard"])

    with ZipFile(wheel) as file:
        assert {f"bot/store/sql/{name}.sql" for name in FILES} <= set(file.namelist())
