"""A plugin's distribution, laid out for Python to find."""

from pathlib import Path


def install(folder: Path, *, entry_points: str, **modules: str) -> None:
    """Lay out a distribution as pip would: its modules, and what it says of itself."""
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    information = folder / "plugin-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(entry_points)
