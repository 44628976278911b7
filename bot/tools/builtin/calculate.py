"""calculate: arithmetic that is right."""

from dataclasses import dataclass

from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.tools.arguments import Arguments
from bot.tools.builtin.tool import Told, schema, text_of

TOOL = Tool(
    name="calculate",
    description="Works out an arithmetic expression exactly: + - * / ^ ( ), percent (200 + 10%,"
    " 15% of 80), mod, sqrt, round, min, max, avg, log, sin. Use it for every sum that matters.",
    schema=schema(("expression",), expression=text_of("Such as (12.5 * 3 + 4) / 7, or 15% of 80.")),
    status="calculating",
)


@dataclass(frozen=True, slots=True)
class Calculate:
    """Works out an expression."""

    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """The expression, and what it comes to. Raises ToolFailed."""
        from bot.tools.arithmetic import LONGEST, evaluate  # only here: few channels calculate

        expression = arguments.required("expression", LONGEST)
        return Told(f"{' '.join(expression.split())} = {evaluate(expression)}")
