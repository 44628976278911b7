"""docker-compose.yml without Docker: settings known, versions pinned, doors shut."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config.settings import variables

ROOT = Path(__file__).parents[2]
OVERRIDES = sorted((ROOT / "infra").glob("compose.*.yml"))
TEXT = "".join(one.read_text() for one in (ROOT / "docker-compose.yml", *OVERRIDES))
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


@pytest.mark.parametrize("path", OVERRIDES, ids=lambda path: path.stem)
def test_an_override_says_how_it_is_chosen_and_pins_what_it_adds(path: Path) -> None:
    text = path.read_text()

    assert f"infra/{path.name}" in "\n".join(text.splitlines()[:3])
    for tag in re.findall(r"image: \S+:(\S+)", text):
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag)


def services_of(name: str) -> dict[str, Any]:
    """The services of an override, with the defaults of what it reads."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / "infra" / name).read_text())
    found: dict[str, Any] = yaml.safe_load(text.replace("!override", ""))["services"]
    return found


def test_the_adapter_that_is_served_is_the_one_that_channels_may_choose() -> None:
    at_vllm, at_tgi = services_of("compose.lora.yml"), services_of("compose.lora-tgi.yml")

    command = at_vllm["vllm"]["command"]
    assert command[command.index("--lora-modules") + 1] == "team=/adapters/team"
    assert at_vllm["nellie"]["environment"]["NELLIE_MODELS"] == (
        "openai/Qwen/Qwen2.5-7B-Instruct,openai/team"
    )
    assert at_tgi["tgi"]["environment"]["LORA_ADAPTERS"] == "team=/adapters/team"
    assert at_tgi["nellie"]["environment"]["NELLIE_MODELS"] == "tgi,tgi/team"
    for server in (at_vllm["vllm"], at_tgi["tgi"]):
        assert server["volumes"] == ["./adapters:/adapters:ro"]


def test_the_adapter_is_added_to_what_vllm_is_started_with_anyway() -> None:
    plain = services_of("compose.vllm.yml")["vllm"]["command"]
    lora = services_of("compose.lora.yml")["vllm"]["command"]

    assert lora[: len(plain)] == plain
