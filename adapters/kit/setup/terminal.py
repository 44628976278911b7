"""The terminal at which somebody sets a platform up: it says, asks, and waits for Enter."""

import asyncio
import getpass
import os
import shutil
import sys
import textwrap
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from bot.text.sanitize import clean

WIDEST, NARROWEST = 80, 20
NO = ("n", "no")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
"""Variables by which a browser of this machine can show itself; elsewhere macOS and Windows do."""

Found = TypeVar("Found")


def is_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def say(text: str) -> None:
    """Paragraphs for people, as wide as the terminal. A line with an address stays whole."""
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
    for line in clean(text).split("\n"):
        indent = " " * (len(line) - len(line.lstrip(" -")))
        wrapped = [line] if "://" in line else textwrap.wrap(line, width, subsequent_indent=indent)
        sys.stdout.write("\n".join(wrapped) + "\n")
    sys.stdout.flush()


def ask(question: str) -> str:
    """What is typed in one line. Raises EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C."""
    say(question)
    return input("> ").strip()


def ask_secret(question: str) -> str:
    """The same, without showing what is typed."""
    say(question)
    return getpass.getpass("(hidden) > ").strip()


def agrees(question: str) -> bool:
    """Whether the answer is not no: Enter is yes."""
    return ask(f"{question} [Y/n]").lower() not in NO


def offer_browser(address: str) -> None:
    """Open an address in a browser, if there is one to be seen and the person says so.

    Without a screen, Python may find a browser that takes the terminal itself: none is offered.
    """
    has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, SCREENS))
    if not has_screen or not agrees("Open it in a browser?"):
        return
    try:
        opened = webbrowser.open(address)
    except webbrowser.Error:
        opened = False
    if not opened:
        say("No browser could be opened from here: copy the address.")


async def wait_until_found(
    look: Callable[[], Awaitable[Found | None]], *, every: float
) -> Found | None:
    """Look again and again until there is something; None once somebody has pressed Enter.

    It says so only now: a Ctrl-C while Python makes a loop would end in a traceback.
    """
    entered = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_line() -> None:
        sys.stdin.readline()
        entered.set()

    say("   Waiting until Nellie is there. (Enter goes on without.)")
    with suppress(NotImplementedError):  # Windows has none: there, Ctrl-C goes on later
        loop.add_reader(sys.stdin, on_line)
    try:
        while not entered.is_set():
            if found := await look():
                return found
            try:
                await asyncio.wait_for(entered.wait(), every)
            except TimeoutError:
                continue
        return None
    finally:
        with suppress(NotImplementedError):
            loop.remove_reader(sys.stdin)
