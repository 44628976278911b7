"""Arithmetic in decimals, with percent: what it may cost is bounded before it is worked out. Pure.

evaluate("0.1 + 0.2")       0.3
evaluate("200 + 10%")       220
evaluate("15% of 80")       12
"""

import decimal
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from bot.domain.tool_errors import ToolFailed
from bot.tools.mathematics import CONSTANTS, FUNCTIONS, compute

LONGEST = 500  # characters
DEEPEST = 40  # brackets and signs inside each other
DIGITS = 120  # that are worked out
SHOWN = 15  # of a number that goes on and on
MOST = 9_999  # the largest exponent of ten
PLAIN = range(-10, 20)  # exponents of ten of a number that is written out, though not exact

_WORD = re.compile(
    r"\s*(?:\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?"
    r"|[a-zπ]+\d*|\*\*|//|[-+*/%^(),!°])",
    re.IGNORECASE,
)
_CALL = re.compile(r"[a-z]\d*\s*\(", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_ALIKE = str.maketrans({"×": "*", "·": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", ":": "/"})
_POWERS = {"²": "**2", "³": "**3", "√": " sqrt "}
_UNITS = re.compile(r"[$€£¥]|=\s*\??\s*$")
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "mod": 2, "of": 3, "**": 5, "^": 5}
_SIGN = 4  # binds closer than * and less than **


class Worked(NamedTuple):
    """A number, and whether it is one of a hundred: 10% beside 200 is 20."""

    value: Decimal
    percent: bool = False


def evaluate(text: str) -> str:
    """What an expression comes to, as people write numbers. Raises ToolFailed."""
    if len(text) > LONGEST:
        raise ToolFailed(reason=f"An expression has at most {LONGEST} characters.")
    with decimal.localcontext() as context:
        context.clear_flags()  # of whatever was worked out before
        context.prec, context.Emax, context.Emin = DIGITS, MOST, -MOST
        context.traps[decimal.Underflow] = True
        try:
            value = _Reader(text).read()
            if not value.is_finite():
                raise decimal.InvalidOperation
            return write(value, exact=not context.flags[decimal.Inexact])
        except decimal.DivisionByZero:
            raise ToolFailed(reason="That divides by zero.") from None
        except (decimal.Overflow, decimal.Underflow):
            raise ToolFailed(reason=f"That leaves the range up to 10^{MOST}.") from None
        except (decimal.InvalidOperation, ValueError, OverflowError):
            raise ToolFailed(reason="That has no value among the real numbers.") from None


def write(value: Decimal, *, exact: bool = True) -> str:
    """A number with all its digits, or with as many as are worth showing."""
    if not value:
        return "0"
    if not exact:
        value = decimal.Context(prec=SHOWN).plus(value)
    value = value.normalize()
    plain = abs(value.adjusted()) < DIGITS if exact else value.adjusted() in PLAIN
    return f"{value:f}" if plain else f"{value:E}".replace("E", "e")


class _Reader:
    """Reads from left to right; what binds closer is worked out first."""

    def __init__(self, text: str) -> None:
        self._words = list(_split(text))
        self._at = 0
        self._depth = 0

    def read(self) -> Decimal:
        worked = self._expression(0)
        if self._next:
            raise ToolFailed(reason=f"I do not understand “{self._next[:20]}” there.")
        return worked.value

    @property
    def _next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _take(self) -> str:
        word = self._next
        if not word:
            raise ToolFailed(reason="The expression ends too early.")
        self._at += 1
        return word

    def _expression(self, least: int) -> Worked:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ToolFailed(reason="The expression is nested too deeply.")
        left = self._operand()
        while (strength := _BINARY.get(self._next, 0)) > least:
            sign = self._take()
            # A power is read from the right: 2**3**2 is 2**9.
            right = self._expression(strength - 1 if strength == _BINARY["**"] else strength)
            left = _join(sign, left, right)
        self._depth -= 1
        return left

    def _operand(self) -> Worked:
        word = self._take()
        if word in ("-", "+"):
            worked = self._expression(_SIGN)
            return Worked(-worked.value, worked.percent) if word == "-" else worked
        if word == "(":
            worked = self._expression(0)
            self._close()
        elif word[0].isdigit() or word[0] == ".":
            worked = Worked(Decimal(word.replace("_", "")))
        else:
            worked = Worked(self._named(word))
        return self._followed(worked)

    def _close(self) -> None:
        if self._next != ")":
            raise ToolFailed(reason="A bracket is not closed.")
        self._at += 1

    def _followed(self, worked: Worked) -> Worked:
        """With what stands behind a number: 5!, 30°, and 10% where nothing follows to divide by."""
        while self._next in ("!", "°", "%"):
            if self._next == "%" and self._starts_operand(self._at + 1):
                return worked
            sign = self._take()
            if sign == "%":
                worked = Worked(worked.value / 100, percent=True)
            else:
                function = "factorial" if sign == "!" else "radians"
                worked = Worked(compute(function, [worked.value]))
        return worked

    def _starts_operand(self, at: int) -> bool:
        word = self._words[at] if at < len(self._words) else ""
        return word == "(" or (word[:1] not in ("", *"+-*/%^),!°") and word not in _BINARY)

    def _named(self, name: str) -> Decimal:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise ToolFailed(reason=f"I do not know “{name[:20]}”. I know {known}, pi and e.")
        if self._next != "(":
            return compute(name, [self._expression(_SIGN).value])
        self._take()
        values = [self._expression(0).value]
        while self._next == ",":
            self._take()
            values.append(self._expression(0).value)
        self._close()
        return compute(name, values)


def _join(sign: str, left: Worked, right: Worked) -> Worked:
    if sign in "+-":
        share = right.value
        if right.percent and not left.percent:
            share *= left.value
        value = left.value + share if sign == "+" else left.value - share
        return Worked(value, left.percent and right.percent)
    return Worked(_OPERATIONS[sign](left.value, right.value))


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    """With the sign of what it is divided by, as people count clocks and days."""
    rest = left % right
    return rest + right if rest and (rest < 0) != (right < 0) else rest


def _whole(left: Decimal, right: Decimal) -> Decimal:
    return (left / right).to_integral_value(decimal.ROUND_FLOOR)


_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "*": lambda left, right: left * right,
    "of": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": _whole,
    "%": _remainder,
    "mod": _remainder,
    "**": lambda left, right: left**right,
    "^": lambda left, right: left**right,
}


def _split(text: str) -> Iterator[str]:
    text = _UNITS.sub("", text.translate(_ALIKE))
    for sign, meant in _POWERS.items():
        text = text.replace(sign, meant)
    if not _CALL.search(text):  # where a comma stands between values
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
        if re.search(r"\d,\d", text):
            raise ToolFailed(reason="Write decimals with a point (1234.5), thousands without.")
    at, text = 0, text.rstrip()
    while at < len(text):
        word = _WORD.match(text, at)
        if word is None:
            raise ToolFailed(reason=f"I do not understand “{text[at : at + 20].strip()}” there.")
        yield word.group().strip().lower()
        at = word.end()
