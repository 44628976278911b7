"""The functions that arithmetic knows, each with what it may be asked for. Pure."""

import decimal
import math
from collections.abc import Callable, Sequence
from decimal import Decimal

from bot.domain.tool_errors import ToolFailed

LARGEST_FACTORIAL = 1_000
CONSTANTS = {
    "pi": Decimal("3.14159265358979323846264338327950288419716939937510"),
    "e": Decimal("2.71828182845904523536028747135266249775724709369996"),
}
CONSTANTS["π"] = CONSTANTS["pi"]


def compute(name: str, values: Sequence[Decimal]) -> Decimal:
    """A function of these values. Raises ToolFailed, and what decimals raise."""
    least, most, function = FUNCTIONS[name]
    if not least <= len(values) <= most:
        count = f"{least} to {most} values" if most > least else "one value"
        raise ToolFailed(reason=f"{name} takes {count}.")
    return function(*values)


def _rounded(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """As people round: a half goes away from zero."""
    if places != places.to_integral_value() or abs(places) > 50:
        raise ToolFailed(reason="round takes whole places, 50 at most.")
    if -value.as_tuple().exponent <= places:  # type: ignore[operator]  # it is finite
        return value
    return value.quantize(Decimal(1).scaleb(-int(places)), decimal.ROUND_HALF_UP)


def _whole(rounding: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(rounding)


def _factorial(value: Decimal) -> Decimal:
    if value != value.to_integral_value() or not 0 <= value <= LARGEST_FACTORIAL:
        raise ToolFailed(reason=f"A factorial is of a whole number up to {LARGEST_FACTORIAL:,}.")
    product = Decimal(1)
    for factor in range(2, int(value) + 1):
        product *= factor
    return product


def _logarithm(value: Decimal, base: Decimal = Decimal(10)) -> Decimal:
    return value.log10() if base == 10 else value.ln() / base.ln()


def _by_floats(function: Callable[[float], float]) -> Callable[[Decimal], Decimal]:
    """What decimals do not have: right to about 15 digits."""

    def compute_it(value: Decimal) -> Decimal:
        if abs(value) > 10**9:
            raise ToolFailed(reason="An angle has at most nine digits.")
        # The division says that this is no exact number.
        return Decimal(repr(round(function(float(value)), 15))) + Decimal(0) / 3

    return compute_it


def _mean(*values: Decimal) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Decimal]]] = {
    "abs": (1, 1, abs),
    "avg": (1, 100, _mean),
    "ceil": (1, 1, _whole(decimal.ROUND_CEILING)),
    "cos": (1, 1, _by_floats(math.cos)),
    "exp": (1, 1, Decimal.exp),
    "factorial": (1, 1, _factorial),
    "floor": (1, 1, _whole(decimal.ROUND_FLOOR)),
    "ln": (1, 1, Decimal.ln),
    "log": (1, 2, _logarithm),
    "log10": (1, 1, Decimal.log10),
    "log2": (1, 1, lambda value: _logarithm(value, Decimal(2))),
    "max": (1, 100, lambda *values: max(values)),
    "mean": (1, 100, _mean),
    "min": (1, 100, lambda *values: min(values)),
    "radians": (1, 1, lambda value: value * CONSTANTS["pi"] / 180),
    "round": (1, 2, _rounded),
    "sin": (1, 1, _by_floats(math.sin)),
    "sqrt": (1, 1, Decimal.sqrt),
    "sum": (1, 100, lambda *values: sum(values, Decimal(0))),
    "tan": (1, 1, _by_floats(math.tan)),
}
