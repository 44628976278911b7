"""Templates -> HTML: all that people wrote is escaped.

The one place that says of a text of theirs that it is HTML: of what adapters.web.markdown made, and
of `code` in a sentence of ours, escaped before.
"""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.web.links import web_link
from adapters.web.markdown import to_html
from adapters.web.static_files import StaticFiles
from bot.domain.model import Channel, Segment
from bot.domain.page import PAGE, TERMINAL
from bot.text.sanitize import show_hidden

FOLDER = Path(__file__).parent / "templates"
BETWEEN = 0.05  # seconds between two templates that are compiled: others have work, too
CLIP = 2_000  # characters of a message in a list
_CODE = re.compile("`([^`\n]+)`")


class Renderer:
    """The templates, compiled as they are needed."""

    def __init__(self, files: StaticFiles) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "when": when,
            "clip": clip,
            "words": show_hidden,
            "codes": codes,
            "markdown": markdown,
            "web_link": web_link,
            "channel": channel_name,
            "amount": amount,
            "short": short,
            "seconds": seconds,
        }
        self._environment.tests["segment"] = is_segment
        self._environment.globals |= {"static": files.address}

    async def prepare(self) -> None:
        """Compile all of them, one after another: who looks first need not wait for it."""
        for name in sorted(self._environment.list_templates()):
            self._environment.get_template(name)
            await asyncio.sleep(BETWEEN)

    def render(self, template: str, **values: Any) -> str:
        """The HTML of a template."""
        return self._environment.get_template(template).render(values)


def when(moment: datetime) -> Markup:
    """A time in UTC, which the script puts into the visitor's own zone."""
    moment = moment.astimezone(UTC)
    tag = '<time datetime="{:%Y-%m-%dT%H:%M:%SZ}">{:%Y-%m-%d %H:%M} UTC</time>'
    return Markup(tag.format(moment, moment))  # noqa: S704  # numbers alone


def clip(text: str, most: int = CLIP) -> str:
    """The beginning of a long text, saying so."""
    return text[:most] + _missing(text, most)


def codes(text: str) -> Markup:
    """A sentence of ours, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(show_hidden(text)))))  # noqa: S704  # escaped


def markdown(text: str, most: int | None = CLIP) -> Markup:
    """What people and models wrote, as its Markdown means it; of a long text the beginning."""
    html = to_html(text[:most])
    if most is not None and (missing := _missing(text, most)):
        html += f'<p class="soft">{missing}</p>'
    return Markup(html)  # noqa: S704  # of the elements there alone, and tests hold it to them


def channel_name(channel: Channel) -> str:
    """What people call a channel."""
    name = channel.name.lstrip("#") or channel.id
    if channel.platform in (TERMINAL, PAGE):  # where everybody chooses the names of their own
        return name
    return f"Direct messages, {name}" if channel.direct else f"#{name}"


def amount(number: float) -> str:
    """A count whole, and a small sum with its digits."""
    return f"{number:,.0f}" if number >= 10_000 or number == int(number) else f"{number:,.4g}"


def short(number: int) -> str:
    """A count whole, and a large one by its first digits."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size:
            return f"{number / (1_000 if letter == 'k' else size):,.3g} {letter}"
    return f"{number:,}"


def seconds(number: float) -> str:
    """How long something took."""
    return f"{number:,.1f} s" if number < 100 else f"{number:,.0f} s"


def is_segment(entry: object) -> bool:
    """Whether an entry of a timeline is a summary."""
    return isinstance(entry, Segment)


def _missing(text: str, most: int) -> str:
    return f" […{len(text) - most:,} characters more]" if len(text) > most else ""
