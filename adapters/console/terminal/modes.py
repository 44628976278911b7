"""How a terminal is set while a person talks: nothing is echoed, no line is cut at 4,096 bytes."""

import sys
from collections.abc import Callable
from contextlib import suppress


def keep_quiet() -> Callable[[], None]:
    """Let nothing be echoed, or held back until its line ends, from one prompt to the next too.

    Returns what sets the terminal as it was. Ctrl-C is still a signal meanwhile.
    """
    try:
        import termios
    except ImportError:  # Windows has none
        return lambda: None
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        quiet = termios.tcgetattr(descriptor)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    except (OSError, ValueError, termios.error):  # it is gone already
        return lambda: None

    def restore() -> None:
        with suppress(OSError, termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    return restore
