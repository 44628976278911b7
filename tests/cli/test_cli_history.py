"""`nellie import`, `export` and `compact`: what they print, and what they leave."""

import json
import re
from pathlib import Path

from cli.conftest import LOG, Nellie


def test_an_export_imported_elsewhere_is_the_same_export(nellie: Nellie, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    nellie("import", str(LOG), "-f", "irc", "-c", "one")

    assert nellie("export", "-c", "one", "-o", str(one)).exit_code == 0
    assert nellie("import", str(one), "-f", "jsonl", "-c", "two").stdout == "two: 99 imported\n"
    assert nellie("export", "-c", "two", "-o", str(two)).exit_code == 0

    assert one.read_text() == two.read_text()
    assert len(one.read_text().splitlines()) == 99


def test_importing_again_adds_nothing(nellie: Nellie) -> None:
    nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    again = nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    assert again.stdout == "ubuntu: 0 imported, 99 known already\n"


def test_a_bad_line_is_reported_with_its_place_and_the_rest_imported(
    nellie: Nellie, tmp_path: Path
) -> None:
    entry = {"id": "1", "author": {"id": "a"}, "at": "2024-03-01T08:00:00+00:00"}
    lines = [json.dumps({**entry, "text": "fine"}), "{", json.dumps({**entry, "text": " "})]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(lines))

    done = nellie("import", str(path), "-f", "jsonl", "-c", "x")

    assert (done.exit_code, done.stdout) == (3, "x: 1 imported, 2 not to be read (listed above)\n")
    first, second, _next_step = done.stderr.splitlines()
    assert first.startswith(f"nellie: {path}:2: it is not JSON")
    assert second.startswith(f"nellie: {path}:3: This message was not remembered: it has no text")


def test_compacting_says_how_many_segments_it_made(nellie: Nellie) -> None:
    nellie("import", str(LOG), "-f", "irc", "-c", "ubuntu")

    made = nellie("compact", NELLIE_WINDOW_HIGH="800", NELLIE_WINDOW_LOW="200")
    again = nellie("compact", NELLIE_WINDOW_HIGH="800", NELLIE_WINDOW_LOW="200")

    assert re.fullmatch(r"ubuntu: segments made: [1-9]\d*\n", made.stdout)
    assert again.stdout == "ubuntu: segments made: 0\n"


def test_an_export_that_fails_leaves_the_old_file(nellie: Nellie, tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text("precious")

    assert nellie("export", "-c", "nowhere", "-o", str(old)).exit_code == 1

    assert old.read_text() == "precious"


def test_what_nobody_said_is_counted_by_kind_and_what_is_yet_to_come_reported(
    nellie: Nellie, tmp_path: Path
) -> None:
    day = [
        {"type": "message", "user": "U1", "ts": "1709280060.000200", "text": "hello"},
        {"type": "message", "subtype": "channel_join", "user": "U1", "ts": "1709280061.000200"},
        {"type": "message", "subtype": "channel_join", "user": "U2", "ts": "1709280062.000200"},
        {"type": "message", "user": "U1", "ts": "1709280063.000200", "text": ""},
        {"type": "message", "user": "U1", "ts": "99999999999.000200", "text": "from the future"},
    ]
    path = tmp_path / "2024-03-01.json"
    path.write_text(json.dumps(day))

    done = nellie("import", str(path), "-f", "slack", "-c", "x")

    assert done.stdout == "x: 1 imported, 1 not to be read (listed above)\n"
    future, skipped, next_step = done.stderr.splitlines()
    assert "its time is yet to come (5138-11-16" in future
    assert skipped.endswith("not read, as nobody said it: 2 channel_join, 1 without text")
    assert next_step == "nellie: ask about it: nellie chat -c x"
