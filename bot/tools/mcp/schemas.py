"""Schemas of tools as model providers take them, or why they would refuse them; pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.prompting.template_marks import break_up_marks
from bot.text.sanitize import clean

MOST_CHARACTERS = 20_000  # of a schema as JSON: it stands in every prompt
DEEPEST = 10
MOST_PROPERTIES = 100
_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")  # of properties: what the strictest provider takes
_NOT_AT_ROOT = ("anyOf", "oneOf", "allOf", "not", "enum")
_KEYWORD = re.compile(r"\$?[a-zA-Z0-9_.-]{1,64}")
_DATA = ("default", "const", "enum", "example", "examples")
_LEFT_OUT = ("$schema", "$id", "$comment", "x-mcp-header")
KEYS = ("idempotency_key", "idempotencyKey", "idempotency-key")
"""Properties that take an idempotency key: Nellie fills them in herself."""


class Unfit(Exception):
    """Why no provider would take a schema."""


def fit(schema: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The schema of a tool's arguments as it is offered, and the property for an idempotency key.

    Raises Unfit.
    """
    try:
        written = json.dumps(schema, allow_nan=False, default=str)
    except (ValueError, RecursionError):
        raise Unfit("its schema holds a number that cannot be written") from None
    if len(written) > MOST_CHARACTERS:
        raise Unfit(f"its schema is longer than {MOST_CHARACTERS:,} characters")
    fitted = _fit(dict(schema), 0)
    root = fitted.get("type", "object")
    if root != "object":
        raise Unfit(f"its arguments are of type {root!r} instead of an object")
    for name in _NOT_AT_ROOT:
        if name in fitted:
            raise Unfit(f"its schema has {name!r} at the root")
    properties = fitted.get("properties", {})
    if len(properties) > MOST_PROPERTIES:
        raise Unfit(f"it has more than {MOST_PROPERTIES} arguments")
    key = next((name for name in KEYS if name in properties), "")
    if key:
        properties = {name: one for name, one in properties.items() if name != key}
    required = [name for name in fitted.get("required", ()) if name in properties]
    return {**fitted, "type": "object", "properties": properties, "required": required}, key


def _fit(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        raise Unfit(f"its schema is deeper than {DEEPEST} levels")
    fitted: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _LEFT_OUT:
            continue
        if name in ("$ref", "$dynamicRef") and not str(value).startswith("#"):
            raise Unfit("its schema refers to another document")
        if name in ("properties", "patternProperties", "$defs", "definitions"):
            fitted[name] = _fit_named(name, value, depth)
        elif name in _DATA:
            fitted[name] = _cleaned(value)
        elif _KEYWORD.fullmatch(name):
            fitted[name] = _fit_value(value, depth)
    return _checked(fitted)


def _checked(fitted: dict[str, Any]) -> dict[str, Any]:
    if "array" in _types(fitted) and "items" not in fitted:
        fitted["items"] = {}  # OpenAI refuses it otherwise
    _check_shapes(fitted)
    return fitted


def _fit_named(keyword: str, value: Any, depth: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(f"its {keyword!r} is no object")
    for name, one in value.items():
        if not isinstance(one, dict | bool):
            raise Unfit(f"{name!r} in its {keyword!r} is no schema")
        if keyword == "properties" and not _NAME.fullmatch(name):
            raise Unfit(f"models cannot name its argument {clean(name)[:40]!r}")
        if break_up_marks(clean(name)) != name:
            raise Unfit(f"a name in its {keyword!r} holds marks or hidden signs")
    return {name: _fit_value(one, depth) for name, one in value.items()}


def _fit_value(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return _fit(value, depth + 1)
    if isinstance(value, list):
        return [_fit_value(one, depth) for one in value]
    return break_up_marks(clean(value)) if isinstance(value, str) else value


_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}


def _types(schema: dict[str, Any]) -> list[Any]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def _cleaned(value: Any) -> Any:
    """An example or a choice, which is no schema whatever it holds."""
    if isinstance(value, dict):
        return {break_up_marks(clean(name)): _cleaned(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return break_up_marks(clean(value)) if isinstance(value, str) else value


def _check_shapes(schema: dict[str, Any]) -> None:
    named = _types(schema)
    if not all(isinstance(one, str) and one in _TYPES for one in named):
        raise Unfit(f"{clean(str(schema['type']))[:40]!r} is no type of JSON Schema")
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(one, str) for one in required):
        raise Unfit("its 'required' is no list of names")
    if not isinstance(schema.get("enum", []), list):
        raise Unfit("its 'enum' is no list")
    if not isinstance(schema.get("items", {}), dict | bool):
        raise Unfit("its 'items' is no schema")
