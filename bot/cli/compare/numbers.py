"""How figures are written; pure."""

from collections.abc import Callable

from bot.cli.compare.intervals import Figure

Format = Callable[[float], str]


def told(figure: Figure | None, form: Format) -> str:
    """A figure with its interval."""
    if figure is None:
        return "-"
    if figure.low is None or figure.high is None:
        return form(figure.value)
    return f"{form(figure.value)} ({form(figure.low)} to {form(figure.high)})"


def seconds(value: float) -> str:
    """To the millisecond, and of long ones less."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def whole(value: float) -> str:
    """Without a fraction."""
    return f"{value:,.0f}"


def hundredths(value: float) -> str:
    """Of a share."""
    return f"{value:.2f}"


def money(value: float) -> str:
    """Two figures that count, however small it is."""
    return f"{value:.2f}" if value >= 1 or not value else f"{float(f'{value:.2g}'):.8f}".rstrip("0")
