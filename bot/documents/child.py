"""The process that reads one file: python -P -m bot.documents.child '{"path": ...}'.

It answers in lines of JSON on its standard output: how far it is, passages, and an end.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.documents.confinement import confine
from bot.documents.limits import Limits
from bot.documents.reading import read_document
from bot.domain.documents import NotReadable, Passage


def main(order: str) -> None:
    """Read what the order names, and answer."""
    fields = json.loads(order)
    limits = Limits(**fields["limits"])
    confine(limits)
    try:
        document = read_document(
            Path(fields["path"]),
            fields["name"],
            fields["media_type"],
            limits,
            lambda done, total: _say({"done": done, "total": total}),
        )
    except NotReadable as error:
        _say({"not_readable": str(error)})
        return
    except OSError:
        _say({"not_readable": "it is not there any more"})
        return
    except MemoryError:
        _say({"not_readable": f"it takes more than {limits.memory >> 20} MB of memory"})
        return
    to_row = _find_indexing() if fields["indexed"] else asdict
    for passage in document.passages:
        _say({"passage": to_row(passage)})
    _say(
        {
            "end": {
                "kind": document.kind,
                "title": document.title,
                "pages": document.pages,
                "notes": document.notes,
            }
        }
    )


def _find_indexing() -> Callable[[Passage], dict[str, object]]:
    """Loaded only when it is needed: it brings the stemmer."""
    from bot.language.indexing import to_row

    return to_row


def _say(message: Mapping[str, Any]) -> None:
    """One line. Whoever started us may be gone: then there is nothing left to do."""
    line = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    while line:
        line = line[os.write(1, line) :]


if __name__ == "__main__":
    main(sys.argv[1])
