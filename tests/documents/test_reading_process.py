"""The process that reads: it has no secrets, and every limit ends it with a sentence."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from document_reader import FILES, read_file, zipped

from bot.documents.limits import MB, Limits
from bot.documents.process import read_in_process
from bot.domain.documents import NotReadable

QUICK = Limits(seconds=20, computing=20)
END = {"end": {"kind": "text", "title": "", "pages": 0, "notes": []}}


def saying(script: str) -> list[str]:
    """A reader that runs this in place of ours."""
    return [sys.executable, "-c", f"import json, os, sys, time\n{script}"]


async def read_with(script: str, folder: Path, limits: Limits = QUICK) -> str:
    """What such a reader's passages say."""
    document = await read_in_process(
        folder, "a.txt", limits=limits, command=lambda order: saying(script)
    )
    return "".join(one.text for one in document.passages)


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_file_is_read_as_it_is_in_our_own_process() -> None:
    heard: list[tuple[int, int]] = []

    document = await read_in_process(
        FILES / "harbour.pptx", "harbour.pptx", progress=lambda *pages: heard.append(pages)
    )

    assert document == read_file("harbour.pptx")
    assert heard == [(1, 2), (2, 2)]


async def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    passage = "{'text': ' '.join(os.environ), 'heading': '', 'first_page': 0, 'last_page': 0}"

    said = await read_with(
        f"print(json.dumps({{'passage': {passage}}}))\nprint(json.dumps({END}))", tmp_path
    )

    assert "PATH" in said
    assert set(said.split()) <= {"PATH", "LANG", "PYTHONPATH", "PYTHONHOME", "LC_CTYPE"}


async def test_a_file_that_does_not_come_ends_by_the_clock(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(NotReadable, match="it takes longer than 1 s to read"):
        await read_in_process(tmp_path / "pipe", "a.txt", limits=replace(QUICK, seconds=1))


async def test_computing_ends_by_its_own_limit(tmp_path: Path) -> None:
    cells = b"<c><v>7</v></c>" * 300
    sheet = b"<worksheet><sheetData>" + b"<row>%s</row>" % cells * 20_000
    package = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": workbook(),
        "xl/_rels/workbook.xml.rels": relations("worksheet", "sheet.xml"),
        "xl/sheet.xml": sheet,
    }
    (tmp_path / "a.xlsx").write_bytes(zipped(package))
    limits = replace(QUICK, computing=1, characters=10**9)

    with pytest.raises(NotReadable, match="it takes more than 1 s of computing to read"):
        await read_in_process(tmp_path / "a.xlsx", "a.xlsx", limits=limits)


def workbook() -> str:
    """One sheet."""
    sheet = '<sheet name="A" r:id="r1"/>'
    return f'<workbook xmlns:r="x/relationships"><sheets>{sheet}</sheets></workbook>'


def relations(kind: str, target: str) -> str:
    """One relation."""
    return (
        f'<Relationships><Relationship Id="r1" Type="x/{kind}" Target="{target}"/></Relationships>'
    )


async def test_memory_ends_by_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"word " * (8 * MB))
    limits = replace(QUICK, memory=70 * MB)

    with pytest.raises(NotReadable, match="it takes more than 70 MB of memory"):
        await read_in_process(tmp_path / "a.txt", "a.txt", limits=limits)


async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(500 * MB)

    with pytest.raises(NotReadable, match="it is larger than 50 MB"):
        await read_in_process(tmp_path / "a.pdf", "a.pdf", limits=QUICK)


async def test_a_file_that_has_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="it is not there any more"):
        await read_in_process(tmp_path / "a.pdf", "a.pdf", limits=QUICK)


async def test_pages_and_characters_beyond_the_limit_are_left_out(tmp_path: Path) -> None:
    slides = await read_in_process(FILES / "harbour.odp", "a.odp", limits=replace(QUICK, pages=1))
    (tmp_path / "a.txt").write_text("One sentence. " * 1_000)
    text = await read_in_process(
        tmp_path / "a.txt", "a.txt", limits=replace(QUICK, characters=1_400)
    )

    assert slides.notes == ("only pages up to 1 were read",)
    assert {one.last_page for one in slides.passages} == {1}
    assert text.notes == ("only the first 1,400 characters were read",)
    assert sum(len(one.text) for one in text.passages) <= 1_400


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("os.kill(os.getpid(), 9)", "reading it was stopped, as happens where memory runs out"),
        ("os.kill(os.getpid(), 11)", "it is damaged: reading it broke off"),
        ("sys.exit(3)", "reading it broke off"),
        ("print('no JSON')", "reading it went wrong"),
        ("print('[1, 2]')", "reading it went wrong"),
        ("print(json.dumps({'passage': {'text': 'a'}}))", "reading it went wrong"),
        ("print('x' * 10_000_000)", "reading it went wrong"),
        ("print(json.dumps({'end': None}))", "reading it went wrong"),
    ],
)
async def test_a_reader_that_dies_or_lies_is_told(script: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match=reason):
        await read_with(script, tmp_path)


async def test_a_reader_that_says_without_end_is_stopped(tmp_path: Path) -> None:
    line = "json.dumps({'done': 1, 'total': 1, 'more': 'x' * 200_000})"

    with pytest.raises(NotReadable, match="reading it went wrong"):
        await read_with(f"while True: print({line})", tmp_path, replace(QUICK, characters=100_000))


async def test_nothing_of_the_process_is_left_when_nobody_waits_any_more(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = "import subprocess; other = subprocess.Popen(['sleep', '60'])"
    script = f"{child}\nopen({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{other.pid}}\\n')"
    reading = asyncio.create_task(read_with(f"{script}\ntime.sleep(60)", tmp_path))
    for _ in range(1_000):
        if pids.exists() and pids.read_text().endswith("\n"):
            break
        await asyncio.sleep(0.02)
    started = [int(pid) for pid in pids.read_text().split()]

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    for _ in range(100):
        if not any(map(is_running, started)):
            break
        await asyncio.sleep(0.02)
    assert not any(map(is_running, started))


async def test_the_limit_holds_for_a_reader_that_ignores_it(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN); time.sleep(60)"

    with pytest.raises(NotReadable, match="it takes longer than -4 s to read"):
        await asyncio.wait_for(read_with(deaf, tmp_path, replace(QUICK, seconds=-4.5)), 10)


FORBIDDEN = {
    "write": "open('written', 'w')",
    "append": "os.open('posted', os.O_WRONLY | os.O_APPEND)",
    "remove": "os.remove('posted')",
    "connect": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "look up": "import socket; socket.getaddrinfo('example.org', 80)",
    "start": "import subprocess; subprocess.run(['true'])",
    "shell": "os.system('true')",
    "fork": "os.fork()",
}


def confined(script: str, folder: Path, limits: Limits = QUICK) -> Sequence[str]:
    """What a confined process says of its own attempt."""
    (folder / "posted").write_text("posted")
    begin = (
        "import json, os; from bot.documents.confinement import confine;"
        f"from bot.documents.limits import Limits; confine(Limits(memory={limits.memory}))"
    )
    done = subprocess.run(  # noqa: S603 - what a test wrote
        [sys.executable, "-c", f"{begin}\n{script}"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    return done.stdout, done.stderr


@pytest.mark.parametrize("script", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_a_confined_process_may_not(script: str, tmp_path: Path) -> None:
    _, errors = confined(script, tmp_path)

    assert "PermissionError" in errors
    assert [one.name for one in tmp_path.iterdir()] == ["posted"]
    assert (tmp_path / "posted").read_text() == "posted"


def test_a_confined_process_reads_and_answers(tmp_path: Path) -> None:
    said, errors = confined("print(open('posted').read())", tmp_path)

    assert (said, errors) == ("posted\n", "")


def test_limits_are_set_for_the_system_too(tmp_path: Path) -> None:
    names = ["RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE"]

    said, _ = confined(
        f"import resource; print(json.dumps([resource.getrlimit(getattr(resource, name))[0]"
        f" for name in {names}]))",
        tmp_path,
    )

    assert json.loads(said) == [QUICK.memory, Limits().computing, 0, 64, 0]
