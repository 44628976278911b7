"""A fault, and the examination that has to name it."""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from doctor.conftest import Patient

NOWHERE = "127.0.0.1:1"  # nobody listens on port 1


@dataclass
class Fault:
    """What is broken, which finding names it, and the words of its diagnosis and its mend."""

    breaks: Callable[[Patient], Awaitable[None] | None]
    finding: str
    what: str
    mend: str
    state: str = "wrong"


def sets(**values: str) -> Callable[[Patient], None]:
    return lambda patient: patient.environ.update(values)


def lacks(*names: str) -> Callable[[Patient], None]:
    def break_(patient: Patient) -> None:
        for name in names:
            del patient.environ[name]

    return break_


def elsewhere(pattern: str, by: str) -> Callable[[Patient], None]:
    """Another user or database in the address."""

    def break_(patient: Patient) -> None:
        url = patient.environ["DATABASE_URL"]
        patient.environ["DATABASE_URL"] = re.sub(pattern, by, url)

    return break_


def embeds(**values: str) -> Callable[[Patient], None]:
    """With the embeddings of the model's server."""

    def set_(patient: Patient) -> None:
        url = patient.openai.url
        patient.environ.update(
            NELLIE_EMBEDDINGS="openai/double", NELLIE_EMBEDDINGS_URL=url, **values
        )

    return set_


async def check_diagnosis(patient: Patient, fault: Fault) -> None:
    """Break it, examine, and expect exactly this one finding."""
    broken = fault.breaks(patient)
    if inspect.isawaitable(broken):
        await broken

    findings = {one.name: one for one in await patient.examined()}

    found = findings[fault.finding]
    wrong = [one.name for one in findings.values() if one.state == "wrong"]
    assert wrong == [fault.finding] * (fault.state == "wrong")
    assert found.state == fault.state
    assert re.search(fault.what, found.what), found
    assert re.search(fault.mend, found.mend), found
