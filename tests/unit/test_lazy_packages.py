"""Libraries of which little is loaded: what they export is there as soon as it is asked for."""

import ast
import json
import subprocess
import sys
from textwrap import dedent

import pytest

from bot.bootstrap.lazy_packages import PACKAGES, Exports, split_exports

DESCRIBE = """
import importlib, json
{first}
NAMES = ("__module__", "__name__")

def describe(found):
    return [type(found).__name__, *(str(getattr(found, name, "")) for name in NAMES)]

names = json.loads({names!r}) or {{}}
exports = {{}}
for package in json.loads({packages!r}):
    module = importlib.import_module(package)
    wanted = names.get(package) or [name for name in vars(module) if not name.startswith("_")]
    exports[package] = {{name: describe(getattr(module, name)) for name in wanted}}
print(json.dumps(exports))
"""
LAZILY = "import bot.bootstrap.lazy_packages"


def described(first: str, names: object = None) -> dict[str, dict[str, list[str]]]:
    """By package and name: what a process finds there; of the names given, or of all there are."""
    text = DESCRIBE.format(
        first=first, names=json.dumps(names), packages=json.dumps(sorted(PACKAGES))
    )
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


def test_every_export_is_what_it_would_be() -> None:
    usual = described("")

    lazily = described(LAZILY, {package: list(names) for package, names in usual.items()})

    assert len(usual["openai.types"]) > 50
    assert lazily == usual


def split(text: str, *submodules: str) -> tuple[Exports, str]:
    """What a package "p" with this first module exports later, and what is left of its text."""
    body = ast.parse(dedent(text))
    exports, rest = split_exports(body, "p", set(submodules))
    return exports, "\n".join(map(ast.unparse, rest))


def test_what_is_handed_on_comes_later_with_its_modules() -> None:
    text = "from .a.b import C, D as E\nfrom . import f\nfrom p.a import G as G\nimport os"

    exports, rest = split(text, "a", "f")

    assert exports == {
        "C": ("p.a.b", "C"),
        "E": ("p.a.b", "D"),
        "f": ("p.f", ""),
        "G": ("p.a", "G"),
    }
    assert rest == "import os"


@pytest.mark.parametrize(
    "text",
    [
        "from .a import C\nC.register(1)",  # used where it stands
        "from .a import C, D\nmake = lambda: D()",  # or later
        "from .a import a",  # the module would hide it as soon as it is loaded
        "from .a import *",
        "from .a import C\nfor name in locals():\n    print(name)",
        "from ..q import C",  # nothing of its own
        "from q.p.a import C\nfrom p import C\nimport a",
    ],
)
def test_what_else_is_done_stays(text: str) -> None:
    exports, rest = split(text, "a")

    assert exports == {}
    assert rest == text


LOADED = f"""
{LAZILY}
import sys
import sqlalchemy.ext.asyncio as package
{{more}}
print("sqlalchemy.orm" in sys.modules)
"""


@pytest.mark.parametrize(
    ("more", "loaded"),
    [
        ("assert package.AsyncEngine", False),
        ("assert not hasattr(package, 'nothing_of_this_name')", False),
        ("assert package.AsyncSession", True),
        ("from sqlalchemy.ext.asyncio import async_sessionmaker", True),
        ("from sqlalchemy.ext.asyncio import session; assert session.AsyncSession", True),
        ("from sqlalchemy.ext.asyncio import *; assert AsyncSession", True),
        ("import sqlmodel.ext.asyncio.session", True),
    ],
)
def test_what_is_asked_for_is_loaded(more: str, loaded: bool) -> None:
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", LOADED.format(more=more)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.strip() == str(loaded)
