"""LibreOffice, without a window: turns files into other formats."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

MISSING = (
    "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-writer"
    " libreoffice-calc libreoffice-impress fonts-dejavu fonts-noto-core fonts-wqy-zenhei"
)
PATIENCE = 600  # seconds


def is_installed() -> bool:
    """Whether it can be called."""
    return shutil.which("soffice") is not None


def convert(files: Sequence[Path], target: str, folder: Path) -> list[Path]:
    """All of the files, in one go; returns what came of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 - what the person has installed
            [  # noqa: S607 - found as a person's
                "soffice",
                "--headless",
                f"-env:UserInstallation=file://{profile}",
                "--convert-to",
                target,
                "--outdir",
                str(folder),
                *map(str, files),
            ],
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
    ending = target.partition(":")[0]
    made = [folder / f"{file.stem}.{ending}" for file in files]
    missing = [one.name for one in made if not one.exists()]
    assert not missing, f"LibreOffice has not made {missing}"
    return made
