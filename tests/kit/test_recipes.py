"""The examples of docs/plugins.md, installed and run as a plugin's author would."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from doubles.installed_plugin import install
from doubles.loaded_nellie import start_nellie

import bot.testing

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "plugins.md").read_text()
RECIPES = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
TABLE = "".join(re.findall(r"^\| `.*$", DOCUMENT.partition("## Test it")[2], re.MULTILINE))
NAMES = sorted(set(re.findall(r"`(\w+)`", TABLE)))
ADAPTER = "[nellie.adapters]\nparrot = parrot:Parrot\n"
ARCHIVE = "[nellie.archives]\nminutes = minutes:Minutes\n"
COMMAND = "[nellie.commands]\nweather = weather:app\n"
MODEL = "[nellie.models]\nloud = loud:Loud\n"
TRANSCRIBER = "[nellie.transcribers]\nears = ears:Ears\n"


def recipe(needle: str) -> str:
    """The one block of Python that says this."""
    [found] = [block for block in RECIPES if needle in block]
    return str(found)


def python(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run Python where the plugin is installed; its exit code, output and complaints."""
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *arguments],
        cwd=folder,
        env=surroundings(folder, environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def nellie(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """The same of a command of Nellie's."""
    given: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    around = surroundings(folder, environ)
    with start_nellie(*arguments, folder=folder, environ=around, text=True, **given) as process:
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


def surroundings(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NELLIE_")}
    return {**kept, "PYTHONPATH": f"{folder}:{ROOT}", **environ}


def test_an_adapter_of_twelve_lines_is_served(address: str, tmp_path: Path) -> None:
    parrot = recipe("class Parrot")
    assert len([line for line in parrot.splitlines() if line]) == 12
    install(tmp_path, entry_points=ADAPTER, parrot=parrot)

    code, out, err = nellie(tmp_path, "run", DATABASE_URL=address)

    assert (code, err) == (0, "nellie: serving parrot\n")
    assert out.startswith("Hello! I remember what is said here")


def test_the_recipes_own_test_of_the_adapter_passes(tmp_path: Path) -> None:
    install(tmp_path, entry_points=ADAPTER, parrot=recipe("class Parrot"))
    (tmp_path / "test_parrot.py").write_text(recipe("def test_the_parrot_is_answered"))

    code, out, err = python(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "test_parrot.py")

    assert code == 0, out + err
    assert "1 passed" in out


def test_a_model_is_called_by_its_name(address: str, tmp_path: Path) -> None:
    install(
        tmp_path,
        entry_points=ADAPTER + MODEL,
        parrot=recipe("class Parrot"),
        loud=recipe("class Loud"),
    )

    code, out, err = nellie(tmp_path, "run", DATABASE_URL=address, NELLIE_MODEL="loud/anything")

    assert (code, err) == (0, "nellie: serving parrot\n")
    assert out.endswith("POLLY: HELLO!\n")


def test_the_recipes_own_test_of_the_model_passes(tmp_path: Path) -> None:
    install(tmp_path, entry_points=MODEL, loud=recipe("class Loud"))
    (tmp_path / "test_loud.py").write_text(recipe("from loud import Loud"))

    code, out, err = python(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", "test_loud.py")

    assert code == 0, out + err
    assert "6 passed" in out


MINUTES = """\
2026-11-22 09:14 ana: the keys are in 4.12
this is no line of it
2026-11-22 09:15 bob: thanks: found them
"""


def test_an_archive_is_imported_and_again_adds_nothing(address: str, tmp_path: Path) -> None:
    install(tmp_path, entry_points=ARCHIVE, minutes=recipe("class Minutes"))
    (tmp_path / "monday.minutes").write_text(MINUTES)
    command = ("import", "monday.minutes", "--format", "minutes", "-c", "kitchen")

    _, first, complaint = nellie(tmp_path, *command, DATABASE_URL=address)
    _, second, _ = nellie(tmp_path, *command, DATABASE_URL=address)
    _, told, _ = nellie(tmp_path, "export", "-c", "kitchen", DATABASE_URL=address)

    assert "2 imported" in first
    assert "expected a time, a name and what was said" in first + complaint
    assert "2 imported" not in second
    assert [json.loads(line)["text"] for line in told.splitlines()] == [
        "the keys are in 4.12",
        "thanks: found them",
    ]


def test_an_archive_of_another_kind_is_one_sentence(address: str, tmp_path: Path) -> None:
    install(tmp_path, entry_points=ARCHIVE, minutes=recipe("class Minutes"))
    (tmp_path / "notes.txt").write_text(MINUTES)
    command = ("import", "notes.txt", "--format", "minutes", "-c", "kitchen")

    code, _, complaint = nellie(tmp_path, *command, DATABASE_URL=address)

    assert code
    assert "expected a file that ends in .minutes" in complaint


def test_a_command_is_listed_and_called_with_the_settings(tmp_path: Path) -> None:
    install(tmp_path, entry_points=COMMAND, weather=recipe("def weather"))

    _, listed, _ = nellie(tmp_path, "--help")
    _, told, _ = nellie(tmp_path, "weather", "--place", "there", WEATHER="wild")

    assert "Says what the weather is like." in listed
    assert told == "The weather there is wild.\n"


class Speaches(BaseHTTPRequestHandler):
    """A server of OpenAI's transcriptions: it hears the same words in everything."""

    heard: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        assert self.path == "/v1/audio/transcriptions"
        self.heard.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"text": "The keys are in the drawer."}')

    def log_message(self, *_: object) -> None:
        """What fails, the test says."""


LISTEN = """\
import asyncio
import os
from pathlib import Path

from bot.domain.documents import PostedFile
from bot.store.database import Database
from bot.testing import ANA, FakePlatform, running_nellie


async def listen() -> None:
    platform, memo = FakePlatform(), PostedFile(id="F1", name="memo.ogg", media_type="audio/ogg")
    platform.files["F1"] = b"OggS spoken"
    database = Database(os.environ["DATABASE_URL"])
    async with running_nellie(database, platform=platform, transcriber="ears") as nellie:
        await nellie.say(ANA, str(memo), files=(memo,))
        await nellie.parts.reading_queue.read_next(Path("private"))
        print(*await nellie.rows("SELECT kind, text FROM document, passage"))
    await database.close()


asyncio.run(listen())
"""


def test_a_transcriber_of_twelve_lines_hears_a_voice_message(address: str, tmp_path: Path) -> None:
    ears = recipe("class Ears")
    assert len([line for line in ears.splitlines() if line]) == 12
    install(tmp_path, entry_points=TRANSCRIBER, ears=ears, listen=LISTEN)
    with ThreadingHTTPServer(("127.0.0.1", 0), Speaches) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"

        code, out, err = python(tmp_path, "listen.py", EARS_URL=url, DATABASE_URL=address)
        server.shutdown()

    assert code == 0, out + err
    assert out.endswith("('sound', 'The keys are in the drawer.')\n")
    [sent] = Speaches.heard
    assert b"OggS spoken" in sent
    assert b'filename="memo.ogg"' in sent


def test_a_transcriber_that_is_not_there_is_one_sentence(address: str, tmp_path: Path) -> None:
    install(tmp_path, entry_points=ADAPTER, parrot=recipe("class Parrot"))

    code, _, complaint = nellie(tmp_path, "run", DATABASE_URL=address, NELLIE_TRANSCRIBER="ears")

    assert code
    assert "NELLIE_TRANSCRIBER" in complaint
    assert "it is not installed (there is: nothing)" in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_the_table_of_the_kit_is_there(name: str) -> None:
    assert hasattr(bot.testing, name) or hasattr(bot.testing.RunningNellie, name)
