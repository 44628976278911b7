"""structlog, loaded without rich: it would take 2.5 MB, to draw tracebacks that are never shown."""

import sys

_UNLOADED = "rich" not in sys.modules
if _UNLOADED:
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own mark of what is not there
try:
    import structlog  # noqa: F401
finally:
    if _UNLOADED:
        del sys.modules["rich"]
