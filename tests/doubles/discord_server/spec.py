"""Requests held against Discord's own OpenAPI document, as the API reads it."""

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from jsonschema import Draft202012Validator, validators
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

JSON = dict[str, Any]
LONGEST = 2_000  # characters of a message by a bot; the document says 4,000
KNOWN = (
    # discord.py sends this along with every edit, where it means nothing.
    re.compile(r"^PATCH .*/messages/.*: unknown field 'tts'"),
    # and asks for what the document does not name: it is the older address of the same.
    re.compile(r"no such operation: GET /oauth2/applications/@me"),
)


def _one_of(validator: Any, alternatives: list[Any], instance: Any, schema: Any) -> Any:
    """One of them fits, or the errors of the nearest. Discord's overlap where all is optional."""
    nearest: list[Any] | None = None
    for alternative in alternatives:
        errors = list(validator.descend(instance, alternative))
        if not errors:
            return
        if nearest is None or len(errors) < len(nearest):
            nearest = errors
    yield from nearest or []


def _integer(checker: Any, value: Any) -> bool:
    """The API takes text that reads as a number."""
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+", value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = validators.extend(
    Draft202012Validator,
    {"oneOf": _one_of, "anyOf": _one_of},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _integer),
)


class Spec:
    """The document, and what a request has against it."""

    def __init__(self, document: JSON) -> None:
        self.document = document
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry: Any = Registry().with_resource("urn:discord", resource)
        self._routes = [
            (re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", path)), path)
            # Literal ones first: @me, @original
            for path in sorted(document["paths"], key=lambda path: path.count("{"))
        ]

    @classmethod
    def here(cls) -> Self | None:
        """The document of NELLIE_CONTRACTS or ../shared/contracts; None where there is none."""
        folder = os.environ.get("NELLIE_CONTRACTS") or Path(__file__).parents[4] / (
            "shared/contracts"
        )
        return _read(cls, Path(folder) / "discord-openapi.json")

    def violations(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None = None
    ) -> list[str]:
        """What Discord's document has against this request, one line each."""
        found = self._operation(method, path)
        if not found:
            return _unknown([f"no such operation: {method} {path}"])
        name, operation, parameters = found
        errors = self._body(operation, body)
        known = {one["name"] for one in parameters if one["in"] == "query"}
        errors += [f"unknown query {key!r}" for key in query or {} if key not in known]
        return _unknown([f"{method} {name}: {error}" for error in errors])

    def _operation(self, method: str, path: str) -> tuple[str, JSON, list[JSON]] | None:
        for pattern, name in self._routes:
            item = self.document["paths"][name]
            if pattern.fullmatch(path) and method.lower() in item:
                operation = item[method.lower()]
                both = item.get("parameters", []) + operation.get("parameters", [])
                return name, operation, [self._followed(one) for one in both]
        return None

    def _body(self, operation: JSON, body: Any) -> list[str]:
        wanted = self._followed(operation.get("requestBody") or {})
        if not wanted:
            return ["a body is sent, and none is known"] if body else []
        if body is None:
            return ["a body is required"] if wanted.get("required") else []
        kinds = wanted["content"]
        schema = (kinds.get("application/json") or next(iter(kinds.values())))["schema"]
        return [*self._misfits(schema, body), *self._extra(schema, body), *_length(body)]

    def _misfits(self, schema: JSON, body: Any) -> list[str]:
        absolute = json.loads(json.dumps(schema).replace('"#/comp', '"urn:discord#/comp'))
        validator = _Validator(absolute, registry=self._registry)
        return [
            f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(snowflakes(body))
        ]

    def _extra(self, schema: JSON, body: Any) -> list[str]:
        known = self._fields(schema)
        given = body if isinstance(body, dict) and known else {}
        return [f"unknown field {field!r}" for field in given if field not in known]

    def _fields(self, schema: JSON) -> set[str]:
        schema = self._followed(schema)
        found = set(schema.get("properties", {}))
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key, []):
                found |= self._fields(part)
        return found

    def _followed(self, part: JSON) -> JSON:
        while "$ref" in part:
            target: JSON = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/")]
            part = target
        return part


@lru_cache(maxsize=1)
def _read(kind: type[Spec], path: Path) -> Any:
    return kind(json.loads(path.read_text())) if path.exists() else None


def _unknown(errors: list[str]) -> list[str]:
    return [error for error in errors if not any(known.search(error) for known in KNOWN)]


def _length(body: Any) -> list[str]:
    content = body.get("content") if isinstance(body, dict) else None
    if isinstance(content, str) and len(content) > LONGEST:
        return [f"content has {len(content)} characters"]
    return []


def snowflakes(value: Any) -> Any:
    """Snowflakes as text, also where discord.py sends a number (a large one, or a file's index)."""
    if isinstance(value, dict):
        return {
            key: str(one) if key == "id" and type(one) is int else snowflakes(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [snowflakes(one) for one in value]
    big = isinstance(value, int) and not isinstance(value, bool) and value > 2**40
    return str(value) if big else value
