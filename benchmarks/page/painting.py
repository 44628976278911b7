"""When Chromium paints the first page, where it is installed, with Playwright."""

import shutil
from importlib.util import find_spec
from statistics import median

from benchmarks.page.browsing import Browser

LOOKS = 10
CHROMIUM = shutil.which("chromium")
PAINTED = """
    new Promise(resolve => new PerformanceObserver(list => {
        const found = list.getEntriesByName("first-contentful-paint");
        if (found.length) resolve(found[0].startTime);
    }).observe({type: "paint", buffered: true}))
"""


async def first_paint(browser: Browser) -> float | None:
    """Milliseconds to the first text, nothing of it cached; None where there is no browser."""
    if find_spec("playwright") is None:
        return None
    from playwright.async_api import Error, async_playwright  # only where it is installed

    async with async_playwright() as playwright:
        try:
            program = await playwright.chromium.launch(executable_path=CHROMIUM)
        except Error as error:
            print(f"no first paint: {error.message.splitlines()[0]}")
            return None
        painted = list[float]()
        for _ in range(LOOKS):
            context = await program.new_context()
            await context.add_cookies(
                [
                    {"name": one.key, "value": one.value, "url": browser.url}
                    for one in browser.session.cookie_jar
                ]
            )
            page = await context.new_page()
            await page.goto(browser.url)
            painted.append(await page.evaluate(PAINTED))
            await context.close()
        await program.close()
    return round(median(painted), 1)
