"""The fixtures of tests/training, for tools that others wrote."""

from training.conftest import export as export
from training.conftest import scrubber as scrubber
