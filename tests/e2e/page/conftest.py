"""A real Chromium before a real page; each test keeps its pictures."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from doubles.page import PageUnderTest, page_under_test

from bot.config.settings import variables
from bot.store.database import Database
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOW = "pip install -r tests/e2e/page/requirements.txt, and Chromium as your system brings it"


@dataclass(slots=True)
class Screen:
    """A browser's window, and what happened in it."""

    page: Any
    url: str
    pictures: Path
    asked: list[str] = field(default_factory=list)
    """Addresses of all that it loaded."""
    complaints: list[str] = field(default_factory=list)
    """What it wrote into its console: what its policy forbade, and errors."""

    async def open(self, path: str) -> None:
        """Go to a page of ours."""
        await self.page.goto(self.url + path)

    async def keep_picture(self, name: str) -> None:
        """Keep what is seen."""
        await self.page.screenshot(path=self.pictures / f"{name}.png")


@pytest.fixture
async def page(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PageUnderTest]:
    """A page whose channel Ana and Bob read."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    async with page_under_test(database, platform=platform, admins=(ANA.id,)) as started:
        yield started


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """A browser. Skips where there is none."""
    playwright = pytest.importorskip("playwright.async_api", reason=HOW)
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip(HOW)
    async with playwright.async_playwright() as driver:
        sandbox = [] if os.getuid() else ["--no-sandbox"]  # root has none
        browser = await driver.chromium.launch(executable_path=found, args=sandbox)
        yield browser
        await browser.close()


@pytest.fixture
def pictures() -> Path:
    """Where pictures are kept."""
    folder = HERE / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
async def open_screen(chromium: Any, page: PageUnderTest, pictures: Path) -> AsyncIterator[Any]:
    """Open a window, with whatever the browser takes for one."""
    async with AsyncExitStack() as stack:

        async def open_it(**options: Any) -> Screen:
            context = await chromium.new_context(**options)
            stack.push_async_callback(context.close)
            screen = Screen(await context.new_page(), page.url, pictures)
            screen.page.on("request", lambda request: screen.asked.append(request.url))
            screen.page.on("console", lambda said: screen.complaints.append(said.text))
            screen.page.on("pageerror", lambda error: screen.complaints.append(str(error)))
            return screen

        yield open_it


@pytest.fixture(scope="session")
def axe() -> str:
    """What finds out whether everybody can use a page. Skips where it cannot be fetched."""
    script = HERE / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if not npm:
            pytest.skip("npm is not here: install Node.js, then run make e2e again")
        done = subprocess.run(  # noqa: S603  # what is installed is pinned in package-lock.json
            [npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"npm ci failed: {done.stderr.strip()[-300:]}")
    return script.read_text()
