"""`nellie docs`: files of this machine are read into a channel, again where they change."""

import os
from pathlib import Path

import pytest
from cli.conftest import Nellie

TERMS = "Either side may end this contract with thirty days' notice."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "contracts"
    (folder / "old").mkdir(parents=True)
    (folder / "terms.txt").write_text(TERMS)
    (folder / "old" / "договор.md").write_text("# Срок\n\nТридцать дней.")
    return folder


def listed(nellie: Nellie) -> list[str]:
    return nellie("docs", "list", "-c", "legal").stdout.splitlines()


def names(nellie: Nellie) -> list[str]:
    return sorted(line.removeprefix("- ").partition(": ")[0] for line in listed(nellie))


def add(nellie: Nellie, path: Path | str, *more: str) -> tuple[int, str]:
    done = nellie("docs", "add", str(path), "-c", "legal", *more)
    return done.exit_code, done.output


def test_a_folder_is_read_with_the_folders_in_it(nellie: Nellie, folder: Path) -> None:
    code, said = add(nellie, folder)

    assert code == 0, said
    assert "legal: 2 files read" in said
    assert names(nellie) == ["old/договор.md", "terms.txt"]
    assert all("added by operator" in line for line in listed(nellie))
    asked = nellie("chat", "-c", "legal", given="what is the notice?\n")
    assert asked.exit_code == 0


def test_the_same_again_reads_only_what_has_changed(nellie: Nellie, folder: Path) -> None:
    add(nellie, folder)
    (folder / "terms.txt").write_text(TERMS.replace("thirty", "sixty"))
    (folder / "new.txt").write_text("The key is red.")

    code, said = add(nellie, folder)

    assert (code, "2 files read, 1 as before" in said) == (0, True), said
    assert "0 files read, 3 as before" in add(nellie, folder)[1]


def test_what_is_gone_is_taken_out(nellie: Nellie, folder: Path) -> None:
    add(nellie, folder)
    (folder / "terms.txt").unlink()

    code, said = add(nellie, folder)

    assert (code, "1 taken out" in said) == (0, True), said
    assert names(nellie) == ["old/договор.md"]


def test_a_folder_that_was_emptied_takes_nothing_out_by_itself(
    nellie: Nellie, folder: Path
) -> None:
    add(nellie, folder)
    (folder / "terms.txt").unlink()
    (folder / "old" / "договор.md").unlink()

    code, said = add(nellie, folder)

    assert code == 1
    assert "holds no file any more" in said
    assert len(names(nellie)) == 2


def test_one_folder_does_not_touch_what_came_from_another(
    nellie: Nellie, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "contracts-2"
    other.mkdir()
    (other / "plan.txt").write_text("The plan.")
    add(nellie, folder)
    add(nellie, other)

    assert len(names(nellie)) == 3
    assert "2 as before" in add(nellie, folder)[1]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(nellie: Nellie, folder: Path) -> None:
    code, said = add(nellie, folder, "--dry-run")

    assert code == 0
    assert "new: terms.txt" in said
    assert "2 files to read" in said
    assert "Nothing is remembered yet" in nellie("channels").output

    add(nellie, folder)
    (folder / "terms.txt").unlink()
    (folder / "old" / "договор.md").write_text("Другое.")
    said = add(nellie, folder, "-n")[1]

    assert "changed: old/договор.md" in said
    assert "gone: terms.txt" in said
    assert len(names(nellie)) == 2


def test_links_hidden_files_and_pictures_are_left_out(
    nellie: Nellie, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    (folder / "round").symlink_to(folder)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.txt").write_text("x")
    (folder / "~$terms.docx").write_text("x")
    (folder / "cat.PNG").write_bytes(b"\x89PNG")

    code, said = add(nellie, folder)

    assert code == 0
    assert "left out: 2 hidden, 2 link, 1 picture" in said
    assert len(names(nellie)) == 2


def test_what_cannot_be_read_is_reported_and_the_rest_is_read(nellie: Nellie, folder: Path) -> None:
    (folder / "junk.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(500))
    os.mkfifo(folder / "pipe.txt")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt")).write_text("x")

    code, said = add(nellie, folder)

    assert code == 3, said
    assert "junk.pdf: " in said
    assert "pipe.txt: it is no file" in said
    assert "not in the encoding of this system" in said
    assert "2 files read, 3 not to be read" in said


def test_a_single_file_is_added_and_replaced(nellie: Nellie, folder: Path) -> None:
    file = folder / "terms.txt"

    assert "1 file read" in add(nellie, file)[1]
    assert "0 files read, 1 as before" in add(nellie, file)[1]
    file.write_text("Another.")
    assert "1 file read" in add(nellie, file)[1]
    assert names(nellie) == ["terms.txt"]


@pytest.mark.parametrize("path", ["nowhere", "a\nb", "x" * 300])
def test_a_path_where_nothing_is(nellie: Nellie, path: str) -> None:
    code, said = add(nellie, path)

    assert code == 1
    assert ": " in said
    assert "Traceback" not in said


def test_an_empty_folder_holds_nothing(nellie: Nellie, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    code, said = add(nellie, tmp_path / "empty")

    assert code == 1
    assert "it holds nothing that can be read" in said


def test_a_document_is_forgotten_once_that_is_sure(nellie: Nellie, folder: Path) -> None:
    add(nellie, folder)

    asked = nellie("docs", "forget", "terms.txt", "-c", "legal", given="n\n")
    assert "This forgets terms.txt" in asked.output
    assert "Nothing was changed." in asked.output
    assert len(names(nellie)) == 2

    done = nellie("docs", "forget", "terms.txt", "-c", "legal", "--yes")
    assert "Forgotten: terms.txt." in done.output
    assert names(nellie) == ["old/договор.md"]


@pytest.mark.parametrize("command", ["list", "forget"])
def test_a_channel_that_nobody_knows(nellie: Nellie, command: str) -> None:
    given = ["x"] if command == "forget" else []

    done = nellie("docs", command, *given, "-c", "nowhere")

    assert done.exit_code == 1
    assert "There is no channel 'nowhere'" in done.output


def test_a_document_that_nobody_knows(nellie: Nellie, folder: Path) -> None:
    add(nellie, folder)

    done = nellie("docs", "forget", "nothing", "-c", "legal")

    assert done.exit_code == 1
    assert "I know no document called nothing" in done.output
