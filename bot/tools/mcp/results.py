"""What a server's tool returned, as text: what is no text is named."""

import json
from collections.abc import Iterator
from typing import Any

from mcp_types import (
    AudioContent,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

MOST_CHARACTERS = 200_000  # kept of a result; what a model reads of it is cut once more


def to_text(result: CallToolResult) -> str:
    """All of a result, in order."""
    parts = [part for content in result.content for part in _read(content)]
    has_text = any(isinstance(one, TextContent) and one.text.strip() for one in result.content)
    if result.structured_content is not None and not has_text:
        parts.append(json.dumps(result.structured_content, ensure_ascii=False, default=str))
    return "\n".join(parts)[:MOST_CHARACTERS]


def _read(content: Any) -> Iterator[str]:
    match content:
        case TextContent():
            yield content.text
        case ImageContent() | AudioContent():
            kind = "picture" if isinstance(content, ImageContent) else "sound"
            yield f"[a {kind}, {content.mime_type}, which is not read]"
        case ResourceLink():
            said = f": {content.description}" if content.description else ""
            yield f"[a link to {content.title or content.name}, {content.uri}{said}]"
        case EmbeddedResource(resource=TextResourceContents() as resource):
            yield f"[{resource.uri}]"
            yield resource.text
        case EmbeddedResource():
            yield f"[{content.resource.uri}, which is no text]"
