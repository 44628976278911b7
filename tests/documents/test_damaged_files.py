"""Files with wrong bytes in them: a reader reads what it can, or tells; it raises nothing else."""

import random
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from document_reader import FILES, read_bytes, zipped

from bot.domain.documents import NotReadable

# A PDF is read in a process of its own: what crashes there crashes no test.
MADE = sorted(path.name for path in FILES.glob("harbour.*") if path.suffix != ".pdf")
ROUNDS = 25


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """The same with some bytes changed, cut out or doubled."""
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data)), chance.randint(1, 40)
        new = chance.choice([b"", b"\xff", b"<", data[at : at + length] * 2, chance.randbytes(3)])
        data = data[:at] + new + data[at + length :]
    return data


def spoiled_inside(data: bytes, chance: random.Random) -> bytes:
    """A zip that is whole, with a spoiled entry."""
    with ZipFile(BytesIO(data)) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    name = chance.choice([name for name in sorted(entries) if entries[name]])
    return zipped({**entries, name: spoiled(entries[name], chance)})


@pytest.mark.parametrize("name", MADE)
def test_a_spoiled_file_is_read_or_told(name: str, tmp_path: Path) -> None:
    data, chance = (FILES / name).read_bytes(), random.Random(name)
    for number in range(ROUNDS):
        is_inside = data.startswith(b"PK") and number % 3
        harmed = (spoiled_inside if is_inside else spoiled)(data, chance)
        try:
            document = read_bytes(tmp_path, harmed, name)
        except NotReadable as error:
            reason = str(error)
        else:
            reason = document.kind
        assert reason
