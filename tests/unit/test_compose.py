"""docker-compose.yml without Docker: settings known, versions pinned, doors shut."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.settings import variables

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text() + (ROOT / "infra/compose.vllm.yml").read_text()
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SECTION = (ROOT / ".env.example").read_text().partition("# ---- docker compose")[2]
OUR_OWN = {"nellie"}  # built here, in place of pulled


def test_the_example_lists_what_compose_reads() -> None:
    read = dict(re.findall(r"\$\{(\w+)(?::-([^}]*))?", TEXT))
    listed = dict(re.findall(r"^#(\w+)=(.*)$", SECTION, re.MULTILINE))

    own = {name: value for name, value in read.items() if name not in variables()}
    assert listed == own | {"COMPOSE_PROFILES": ""}


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OUR_OWN])
def test_images_are_pinned(name: str) -> None:
    tag = SERVICES[name]["image"].rpartition(":")[2]

    assert re.fullmatch(r"pg18|v?\d+\.\d+\.\d+", tag)


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_gains_rights_or_logs_without_end(name: str) -> None:
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[name]["logging"]["options"]["max-size"]


def test_the_image_is_built_from_nothing_but_what_it_needs() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(
        r"^COPY (?!--)(.+) \S+$", (ROOT / "infra/Dockerfile").read_text(), re.MULTILINE
    )

    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(" ".join(copied).split())
