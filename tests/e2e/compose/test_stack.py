"""A team's admin with Docker: one command up, and nothing is lost, whatever happens to it.

The tests run in their order, on one stack.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from e2e.compose.stack import Stack, clean_tree

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

PROFILES = ([], ["gpu"], ["observability"], ["gpu", "observability"])
FILES = (
    ["docker-compose.yml"],
    ["docker-compose.yml", "infra/compose.vllm.yml"],
    ["docker-compose.yml", "infra/compose.vllm.yml", "infra/compose.lora.yml"],
    ["docker-compose.yml", "infra/compose.lora-tgi.yml"],
    ["docker-compose.yml", "tests/compose.override.yml"],
)
FACT = "The backup disk is in the red cupboard."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean tree, where there is a Docker."""
    if not shutil.which("docker"):
        pytest.skip(
            "there is no Docker here: this needs docker and its compose plugin, v2.24 or newer"
        )
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("Docker is installed, and its engine does not answer: start it (docker info)")
    return clean_tree(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    """All that docker-compose.yml starts, up and well."""
    made = Stack(folder)
    try:
        made.up("--build")
        yield made
    finally:
        made.compose("down", "--volumes", "--remove-orphans", check=False)


@pytest.mark.parametrize("profiles", PROFILES, ids=lambda each: "+".join(each) or "plain")
@pytest.mark.parametrize("files", FILES, ids=lambda each: Path(each[-1]).name)
def test_every_profile_is_valid_with_every_file(
    folder: Path, files: list[str], profiles: list[str]
) -> None:
    command = [f"--file={name}" for name in files] + [f"--profile={name}" for name in profiles]

    done = config(folder, *command, POSTGRES_PASSWORD="x")

    assert done.stderr == ""
    assert done.returncode == 0


def test_a_missing_password_is_refused_with_what_to_do(folder: Path) -> None:
    done = config(folder)

    assert done.returncode != 0
    assert "put a line POSTGRES_PASSWORD=... into the file .env" in done.stderr


def test_vllm_takes_the_place_of_tgi(folder: Path) -> None:
    files = "docker-compose.yml:infra/compose.vllm.yml"
    done = config(
        folder, "--profile=gpu", output="--format=json", POSTGRES_PASSWORD="x", COMPOSE_FILE=files
    )

    services = json.loads(done.stdout)["services"]
    assert set(services) == {"nellie", "postgres", "vllm"}
    assert services["nellie"]["environment"]["OPENAI_BASE_URL"] == "http://vllm:8000/v1"


def test_nothing_but_grafana_is_published_and_that_to_this_machine_only(folder: Path) -> None:
    profiles = "--profile=gpu", "--profile=observability"
    done = config(folder, *profiles, output="--format=json", POSTGRES_PASSWORD="x")

    services = json.loads(done.stdout)["services"]
    ports = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert [port["host_ip"] for port in ports.pop("grafana")] == ["127.0.0.1"]
    assert ports == {}


def test_a_mention_is_answered(stack: Stack) -> None:
    stack.say(FACT)

    assert stack.ask("where is the backup disk?") == ["Hello from the double."]
    assert FACT in stack.prompt()


def test_the_doctor_finds_nothing_wrong(stack: Stack) -> None:
    output = stack.compose("exec", "-T", "nellie", "nellie", "doctor")

    assert "wrong" not in output
    assert "Postgres 18" in output


def test_runs_without_privileges_and_can_write_nowhere(stack: Stack) -> None:
    (replica,) = stack.replicas()
    host, user = stack.inspect(replica)["HostConfig"], stack.inspect(replica)["Config"]["User"]
    touch = "import os; os.getuid() and open('/etc/x', 'w')"

    output = stack.run("docker", "exec", replica, "python", "-c", touch, check=False)

    assert output == ""
    assert user == "10001"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]


def test_answers_again_after_kill_9(stack: Stack) -> None:
    (replica,) = stack.replicas()
    before = stack.inspect(replica)["State"]["Pid"]

    stack.kill(replica)
    stack.until(lambda: stack.inspect(replica)["State"]["Pid"] not in (0, before))

    assert len(stack.ask("are you back?")) == 1
    assert FACT in stack.prompt()


def test_three_replicas_give_one_answer_each(stack: Stack) -> None:
    stack.up("--scale", "nellie=3")
    assert len(stack.replicas()) == 3

    asked = [stack.say(f"@nellie question {number}?") for number in range(9)]
    stack.until(lambda: all(stack.answers(ts) for ts in asked))

    assert [len(stack.answers(ts)) for ts in asked] == [1] * 9
    stack.up("--scale", "nellie=1")


def test_memory_outlives_down_and_up(stack: Stack) -> None:
    stack.compose("down")
    stack.up()

    stack.ask("and now?")

    assert FACT in stack.prompt()


def test_memory_comes_back_from_a_backup(stack: Stack) -> None:
    persona = "UPDATE channel SET persona = 'You count kettles.'"  # no history tells of that
    password = f"PGPASSWORD={stack.environ['POSTGRES_PASSWORD']}"
    psql = "psql", "-U", "nellie", "-c", persona, "nellie"
    stack.compose("exec", "-T", "-e", password, "postgres", *psql)
    stack.run("infra/backup", "memory.dump")
    stack.compose("down", "--volumes")
    stack.up()
    stack.ask("who are you?")
    assert "kettles" not in stack.prompt()

    stack.run("infra/restore", "--yes", "memory.dump")
    stack.ask("and now?")

    assert "kettles" in stack.prompt()
    assert FACT in stack.prompt()


def test_the_memory_of_a_laptop_is_restored(stack: Stack) -> None:
    with laptop() as nellie:
        nellie("chat", "--channel", "kitchen", given="The kettle is in the attic.")
        nellie("backup", str(stack.folder / "laptop.dump"))

    stack.run("infra/restore", "--yes", "laptop.dump")

    exported = stack.compose("exec", "-T", "nellie", "nellie", "export", "--channel", "kitchen")
    assert "The kettle is in the attic." in exported
    stack.run("infra/restore", "--yes", "memory.dump")


@contextmanager
def laptop() -> Iterator[Callable[..., None]]:
    """The nellie command, with an embedded Postgres of its own."""
    with tempfile.TemporaryDirectory(prefix="nellie-laptop-") as home:
        os.chmod(home, 0o755)  # noqa: S103  # as root, the server runs as another user

        def nellie(*arguments: str, given: str = "") -> None:
            environ = {**os.environ, "NELLIE_HOME": home, "DATABASE_URL": ""}
            command = [sys.executable, "-m", "bot", *arguments]
            subprocess.run(command, input=given, text=True, cwd=home, env=environ, check=True)

        yield nellie


def test_a_broken_backup_leaves_memory_as_it_is(stack: Stack) -> None:
    (stack.folder / "broken.dump").write_bytes((stack.folder / "memory.dump").read_bytes()[:5_000])

    with pytest.raises(AssertionError, match="Nothing was changed"):
        stack.run("infra/restore", "--yes", "broken.dump")

    stack.ask("still there?")
    assert FACT in stack.prompt()


def test_exits_with_0_when_it_is_told_to_stop(stack: Stack) -> None:
    (replica,) = stack.replicas()

    stack.compose("stop", "nellie")

    assert stack.inspect(replica)["State"]["ExitCode"] == 0


def config(
    folder: Path, *arguments: str, output: str = "--quiet", **environ: str
) -> subprocess.CompletedProcess[str]:
    """`docker compose config`, with nothing set but this."""
    kept = {
        name: os.environ[name] for name in os.environ if not name.startswith(("POSTGRES", "COMP"))
    }
    return subprocess.run(
        ["docker", "compose", *arguments, "config", output],
        cwd=folder,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
