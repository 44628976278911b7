"""Time zones as people name them: Europe/Berlin, Berlin, New York, CET, UTC+5:30."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.tool_errors import ToolFailed
from bot.language.folding import fold_values

LONGEST = 60  # characters of a name
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
_ABBREVIATIONS = {
    **dict.fromkeys(("z", "utc", "gmt", "zulu"), "UTC"),
    **dict.fromkeys(("pt", "pst", "pdt", "pacific time", "san francisco"), "America/Los_Angeles"),
    **dict.fromkeys(("mt", "mst", "mdt", "mountain time"), "America/Denver"),
    **dict.fromkeys(("ct", "cst", "cdt", "central time"), "America/Chicago"),
    **dict.fromkeys(("et", "est", "edt", "eastern time", "washington"), "America/New_York"),
    **dict.fromkeys(("cet", "cest", "mez", "mesz", "germany", "deutschland"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"),
    **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    **dict.fromkeys(("bst", "uk", "england", "great britain"), "Europe/London"),
    **dict.fromkeys(("ist", "india", "delhi", "mumbai", "bangalore"), "Asia/Kolkata"),
    **dict.fromkeys(("jst", "japan"), "Asia/Tokyo"),
    **dict.fromkeys(("kst", "korea", "south korea"), "Asia/Seoul"),
    **dict.fromkeys(("china", "beijing", "peking", "shenzhen"), "Asia/Shanghai"),
    **dict.fromkeys(("msk", "moskau"), "Europe/Moscow"),
    **dict.fromkeys(("sgt",), "Asia/Singapore"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt", "new zealand"), "Pacific/Auckland"),
    **dict.fromkeys(("france",), "Europe/Paris"),
    **dict.fromkeys(("spain",), "Europe/Madrid"),
    **dict.fromkeys(("italy",), "Europe/Rome"),
    **dict.fromkeys(("wien",), "Europe/Vienna"),
    **dict.fromkeys(("brt", "rio de janeiro"), "America/Sao_Paulo"),
    **dict.fromkeys(("kiew",), "Europe/Kyiv"),
}
_AREAS = ("Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/")


def find_zone(name: str) -> tzinfo:
    """The time zone of a name. Raises ToolFailed for one that nobody knows."""
    zone = look_up_zone(name)
    if zone is None:
        raise ToolFailed(
            reason=f"I do not know the time zone “{name[:LONGEST]}”. Name it as in Europe/Berlin,"
            " America/New_York or UTC+5:30."
        )
    return zone


@lru_cache(maxsize=256)
def look_up_zone(name: str) -> tzinfo | None:
    """The same; None for one that nobody knows."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST:
        return None
    if offset := _OFFSET.fullmatch(name):
        return _fixed(offset)
    folded = _fold(name)
    key = _ABBREVIATIONS.get(folded) or _keys().get(folded)
    return ZoneInfo(key) if key else None


def _fixed(offset: re.Match[str]) -> tzinfo | None:
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    if ahead > timedelta(hours=14) or int(offset[3] or 0) > 59:
        return None
    return timezone(ahead if offset[1] == "+" else -ahead) if ahead else UTC


def _fold(name: str) -> str:
    return fold_values(name).replace("_", " ").replace(" time zone", "").strip()


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    """Each zone by its whole name, and by its city alone where only one place is called so."""
    zones = sorted(available_timezones())
    keys = {_fold(zone.rpartition("/")[2]): zone for zone in zones if zone.startswith(_AREAS)}
    return keys | {_fold(zone): zone for zone in zones if zone not in ("Factory", "localtime")}


def name_zone(zone: tzinfo) -> str:
    """As people would name it."""
    return getattr(zone, "key", "") or str(zone)
