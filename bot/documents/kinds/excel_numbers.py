"""Numbers in Excel's cells as people see them: dates and percentages are numbers with a format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.documents.package import Package

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - dates in cells have no zone
_SINCE_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - the same
_MOST_DAYS = 2_958_466  # the end of the year 9999
# The built-in formats that show dates, times or percentages; the others have a code in the file.
_BUILT_IN = {
    **dict.fromkeys(("14", "15", "16", "17"), "d"),
    **dict.fromkeys(map(str, range(27, 37)), "d"),
    **dict.fromkeys(map(str, range(50, 59)), "d"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "46", "47"), "h"),
    "22": "d h",
    "9": "0%",
    "10": "0.00%",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Shows the numbers of one workbook."""

    formats: Mapping[str, str]
    """The format's code, by the style of a cell."""
    first_day: datetime = _FIRST_DAY

    def show(self, value: str, style: str) -> str:
        """A number as it is written in the file, in a cell of a style."""
        try:
            number = float(value)
        except ValueError:
            return value
        code = self.formats.get(style, "")
        if code and 0 <= number < _MOST_DAYS and (shown := self._show_time(number, code)):
            return shown
        if "%" in code:
            return f"{number * 100:.15g}%"
        return f"{number:.15g}"

    def _show_time(self, number: float, code: str) -> str:
        """As ISO writes it; "" for what is no time."""
        has_day, has_hour = bool(re.search("[dy]", code)), bool(re.search("[hs]", code))
        if not (has_day or has_hour):
            return ""
        at = self.first_day + timedelta(seconds=round(number * 86_400))
        if has_day:
            return f"{at:%Y-%m-%d %H:%M}" if has_hour else f"{at:%Y-%m-%d}"
        hours, rest = divmod(round(number * 86_400), 3_600)
        return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


def read_numbers(package: Package, part: str, *, since_1904: bool) -> Numbers:
    """By the styles of a workbook."""
    codes, formats = dict(_BUILT_IN), list[str]()
    in_cells = False
    for event, name, values in package.events(part):
        if name == "cellXfs":
            in_cells = event == "start"
        elif event == "start" and name == "numFmt":
            code = _QUOTED.sub("", values.get("formatCode", "").lower())
            codes[values.get("numFmtId", "")] = code
        elif event == "start" and name == "xf" and in_cells:
            formats.append(values.get("numFmtId", ""))
    by_style = {str(number): codes.get(id_, "") for number, id_ in enumerate(formats)}
    return Numbers(by_style, _SINCE_1904 if since_1904 else _FIRST_DAY)
