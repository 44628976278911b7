"""The line of a token in .env: all others stay, and nobody else can read it."""

import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from adapters.kit.setup.env_file import CannotWrite, EnvFile

NAME, TOKEN = "SLACK_BOT_TOKEN", "xoxb-new"


def write(path: Path, value: str = TOKEN) -> str:
    """The whole file, after the token was written into it; without our comment's date."""
    EnvFile(path, "nellie slack setup").write(NAME, value)
    return path.read_bytes().decode()


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_a_new_file_is_for_its_owner_alone_and_says_who_wrote_it(path: Path) -> None:
    comment, line = write(path).splitlines()

    assert comment.startswith("# Written by `nellie slack setup`, 20")
    assert line == f"{NAME}={TOKEN}"
    assert rights(path) == 0o600


@pytest.mark.parametrize(
    ("former", "before", "after"),
    [
        ("# mine\nA=1\n", "# mine\nA=1\n", ""),
        ("A=1", "A=1\n", ""),
        (f"A=1\n\n{NAME}=xoxb-old # the old one\n\nB=2\n", "A=1\n\n", "\nB=2\n"),
        (f"{NAME}='old'\nB=2", "", "B=2"),
        (f"A=1\r\n{NAME}=old\r\nB=2\r\n", "A=1\r\n", "B=2\r\n"),
        (f"A='of\ntwo lines'\n{NAME}=old\n", "A='of\ntwo lines'\n", ""),
        (f"A=1\n#{NAME}=\n\n# Next\n#B=\n", "A=1\n", "\n# Next\n#B=\n"),
        (f"{NAME}=first\nA=1\n{NAME}=second\n", f"{NAME}=first\nA=1\n", ""),
        ("\ufeffA=1\n", "\ufeffA=1\n", ""),
        (f"# about {NAME}=xoxb-...\nA=ä\n", f"# about {NAME}=xoxb-...\nA=ä\n", ""),
    ],
)
def test_everything_else_in_the_file_stays(
    path: Path, former: str, before: str, after: str
) -> None:
    path.write_bytes(former.encode())

    text = write(path)

    newline = "\r\n" if "\r\n" in former else "\n"
    assert text.startswith(f"{before}# Written by `nellie slack setup`")
    assert text.endswith(f"{newline}{NAME}={TOKEN}{newline}{after}")
    assert dotenv_values(path)[NAME] == TOKEN


def test_an_exported_line_stays_one(path: Path) -> None:
    path.write_text(f"export {NAME}=old\n")

    assert write(path).endswith(f"\nexport {NAME}={TOKEN}\n")


def test_writing_again_changes_the_value_alone(path: Path) -> None:
    first = write(path)

    assert write(path, "xoxb-newer") == first.replace(TOKEN, "xoxb-newer")


def test_rights_that_were_wider_are_the_owner_s_alone_now(path: Path) -> None:
    path.write_text("A=1\n")
    path.chmod(0o644)

    write(path)

    assert rights(path) == 0o600


@pytest.mark.parametrize("exists", [True, False])
def test_a_symbolic_link_stays_and_its_file_is_written(
    path: Path, tmp_path: Path, exists: bool
) -> None:
    (tmp_path / "secrets").mkdir()
    target = tmp_path / "secrets" / "nellie.env"
    if exists:
        target.write_text("A=1\n")
    path.symlink_to(target)

    write(path)

    assert path.is_symlink()
    assert dotenv_values(target)[NAME] == TOKEN


def another_user_s(path: Path) -> None:
    path.write_text("A=1\n")
    if os.geteuid():
        pytest.skip("only root can give a file away")
    os.chown(path, 12345, -1)


def without_a_folder(path: Path) -> None:
    path.symlink_to(path.parent / "away" / "nellie.env")


def read_only(path: Path) -> None:
    path.write_text("A=1\n")
    path.chmod(0o400)


def in_a_circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (another_user_s, "belongs to another user"),
        (read_only, "chmod u"),
        (Path.mkdir, "it is no file"),
        (os.mkfifo, "it is no file"),
        (without_a_folder, "there is no folder"),
        (in_a_circle, "symbolic link"),
        (lambda path: path.write_bytes(b"A=\xff\n"), "UTF-8"),
        (lambda path: path.write_text('A="not closed\n#SLACK_BOT_TOKEN=\nB="\n'), "not closed"),
    ],
)
def test_a_file_that_cannot_be_written_is_a_sentence_and_stays(
    path: Path, prepare: object, told: str
) -> None:
    prepare(path)  # type: ignore[operator]  # each of them takes a path
    before = path.read_bytes() if path.is_file() else b""

    with pytest.raises(CannotWrite, match=told):
        write(path)

    assert (path.read_bytes() if path.is_file() else b"") == before
    assert [one.name for one in path.parent.iterdir()] == [".env"]
