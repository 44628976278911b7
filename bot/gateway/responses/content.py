"""Content of input items -> content of chat messages; pure."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.gateway.responses.fields import read, refused, require

TEXTS = ("input_text", "output_text", "text", "summary_text", "reasoning_text")


def to_user_content(content: Any, where: str) -> str | list[dict[str, Any]]:
    """What a person gives: text alone as a string, for the simplest servers, else parts."""
    if isinstance(content, str):
        return content
    listed = _listed(content, where)
    parts = [_to_part(part, f"{where}[{at}]") for at, part in enumerate(listed)]
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        return str(parts[0]["text"])
    return parts


def to_text(content: Any, where: str) -> str:
    """What a model or a tool said; other parts than text are refused."""
    if isinstance(content, str):
        return content
    return "".join(
        _to_words(part, f"{where}[{at}]") for at, part in enumerate(_listed(content, where))
    )


def _listed(content: Any, where: str) -> list[Any]:
    if not isinstance(content, list):
        raise refused(f"{where} is a string or an array of content parts.", where)
    return content


def _to_words(part: Any, where: str) -> str:
    kind = require(part, "type", str, where)
    if kind == "refusal":
        return require(part, "refusal", str, where)
    if kind not in TEXTS:
        raise refused(f"{where}: only text can stand here, not {kind!r}.", where)
    return require(part, "text", str, where)


def _to_part(part: Any, where: str) -> dict[str, Any]:
    kind = require(part, "type", str, where)
    if kind in TEXTS:
        found: dict[str, Any] = {"type": "text", "text": require(part, "text", str, where)}
    elif kind in _PARTS:
        found = _PARTS[kind](part, where)
    else:
        raise refused(f"{where}: there is no input of type {kind!r}.", f"{where}.type")
    if mark := part.get("prompt_cache_breakpoint"):
        found["prompt_cache_breakpoint"] = mark
    return found


def _image(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    url = read(part, "image_url", str, where)
    if not url:
        raise refused(
            f"{where}: give the picture as image_url (an address, or data:image/...;base64,...);"
            " files by id are not stored here.",
            f"{where}.image_url",
        )
    detail = read(part, "detail", str, where)
    return {
        "type": "image_url",
        "image_url": {"url": url, **({"detail": detail} if detail else {})},
    }


def _file(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    data = read(part, "file_data", str, where)
    if not data:
        raise refused(
            f"{where}: give the file as file_data (data:application/pdf;base64,...); files by id"
            " are not stored here, and none is fetched from an address.",
            f"{where}.file_data",
        )
    name = read(part, "filename", str, where)
    return {"type": "file", "file": {"file_data": data, **({"filename": name} if name else {})}}


def _audio(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": require(part, "input_audio", dict, where)}


_PARTS: dict[str, Callable[[Mapping[str, Any], str], dict[str, Any]]] = {
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
}
