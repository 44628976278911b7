"""How what an extra needs is installed: by its own names, since Nellie's is another project's."""

from importlib.metadata import PackageNotFoundError, requires


def how_to_install(extra: str) -> str:
    """The command that adds what this extra needs to the Python that runs her."""
    needs = [
        f"'{requirement.partition(';')[0].strip()}'"
        for requirement in _requirements()
        if f"extra == '{extra}'" in requirement.replace('"', "'")
    ]
    return " ".join(["pip install", *needs]) if needs else f"install the extra {extra}"


def _requirements() -> list[str]:
    try:
        return requires("nellie") or []
    except PackageNotFoundError:  # she runs from her folder, and was never installed
        return []
