"""Settings: every one documented, a wrong one named in a sentence, a secret never shown."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from bot.config.environment import read_environment
from bot.config.settings import Settings, load, variables
from bot.domain.errors import SettingsError

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRET = "sk-not-for-your-eyes"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty environment, in a folder without .env."""
    for name in read_environment():
        if name in variables() or name.startswith("NELLIE_"):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_lists_every_setting_with_its_line() -> None:
    own = EXAMPLE.read_text().partition("\n# ==== Discord")[0]
    entries = re.findall(r"^# (.+)\n#([A-Z_]+)=", own, re.MULTILINE)

    assert {name: line for line, name in entries} == variables()
    assert [name for _, name in entries] == list(variables())


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    uncommented = re.sub(r"^#(?=[A-Z])", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(uncommented)

    shown = load()

    for name, field in Settings.model_fields.items():
        if field.default is not PydanticUndefined:
            assert getattr(shown, name) == field.default, name


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("NELLIE_MAX_ANSWER=20\nNELLIE_RECALL=7\nSLACK_BOT_TOKEN=x\n")
    monkeypatch.setenv("NELLIE_RECALL", "8")

    assert (load().max_answer, load().recall) == (20, 8)
    assert read_environment()["SLACK_BOT_TOKEN"] == "x"
    assert read_environment()["NELLIE_RECALL"] == "8"


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELLIE_MODEL", "openai/big, extractive,")

    assert load().model == ("openai/big", "extractive")
    assert load().choices == ("openai/big", "extractive")


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELLIE_MODEL", "")
    monkeypatch.setenv("DATABASE_URL", "")

    assert load().model == ("extractive",)
    assert load().database_url is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("NELLIE_MAX_ANSWER", "many", "valid integer"),
        ("NELLIE_MAX_ANSWER", "1", "greater than or equal to 16"),
        ("NELLIE_MAX_ANSWER", "9999999999", "less than or equal to 1000000"),
        ("NELLIE_WINDOW_HIGH", "399", "greater than or equal to 400"),
        ("NELLIE_EMBEDDINGS", "openai/", "write openai/<name>"),
        ("NELLIE_EMBEDDINGS", "minilm", "write openai/<name>"),
        ("NELLIE_RECALL", "-1", "greater than or equal to 0"),
        ("NELLIE_LEASE", "1e9", "less than or equal to 3600"),
        ("NELLIE_BACKFILL_DAYS", "40000", "less than or equal to 36500"),
        ("NELLIE_READ_TIMEOUT", "0", "greater than 0"),
        ("NELLIE_LISTEN", "none", "'all' or 'mentions'"),
        ("NELLIE_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("NELLIE_MODEL", ",", "name at least one model"),
        ("NELLIE_WINDOW_LOW", "7000", "at most half of NELLIE_WINDOW_HIGH (8000)"),
        ("NELLIE_FOLLOW_UPS", "perhaps", "valid boolean"),
        ("NELLIE_PRICES", "openai/gpt=1", "write openai/NAME=0.25/0.025/2.0"),
        ("NELLIE_PRICES", "a=1/1/1,openai/gpt=1/2/3/4/5", "or four: input, cached, written"),
        ("NELLIE_PRICES", "openai/gpt=1/2/-3/4", "write openai/NAME=0.25/0.025/2.0"),
        ("NELLIE_PRICES", "=1/2/3", "write openai/NAME=0.25/0.025/2.0"),
        ("NELLIE_LIMIT_TOKENS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as raised:
        load()

    said = str(raised.value)
    assert said.startswith(f"{name}: ")
    assert reason in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NELLIE_MODLE", "NELLIE_MODEL"),
        ("NELLIE_TGI_APIKEY", "NELLIE_TGI_API_KEY"),
        ("NELLIE_WINDOW_HIHG", "NELLIE_WINDOW_HIGH"),
    ],
)
def test_a_slip_in_a_name_is_caught(
    monkeypatch: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    monkeypatch.setenv(typed, "1")

    with pytest.raises(SettingsError, match=f"{typed}: .* is it {meant}?"):
        load()


def test_a_slip_in_the_file_is_caught(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NELLIE_MODLE=tgi\n")

    with pytest.raises(SettingsError, match="NELLIE_MODLE"):
        load()


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"NELLIE_PERSONA=\xff\xfe\n")

    with pytest.raises(SettingsError, match=r"^\.env: it cannot be read"):
        load()


def test_a_setting_of_a_plugin_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NELLIE_MATRIX_HOMESERVER", "https://example.org")

    assert load() == Settings()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    for name in ("OPENAI_API_KEY", "NELLIE_TGI_API_KEY", "DATABASE_URL", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "key"))

    loaded = load()

    for given in (loaded.openai_api_key, loaded.tgi_api_key, loaded.database_url):
        assert given is not None
        assert given.get_secret_value() == SECRET
    assert read_environment().get("SLACK_BOT_TOKEN") == SECRET


def test_a_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("one")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)

    with pytest.raises(SettingsError, match="OPENAI_API_KEY_FILE is set too; keep one") as raised:
        load()

    assert SECRET not in str(raised.value)


def test_a_missing_secret_file_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY_FILE", "/run/secrets/nowhere")

    with pytest.raises(SettingsError, match=r"^OPENAI_API_KEY_FILE: the file cannot be read"):
        load()


def test_a_file_that_nobody_asks_for_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODY_ELSES_TOKEN_FILE", "/run/secrets/nowhere")

    assert load() == Settings()


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "NELLIE_TGI_API_KEY", "DATABASE_URL"])
def test_a_secret_is_never_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, SECRET)

    loaded = load()

    shown = f"{loaded} {loaded!r} {loaded.model_dump()} {loaded.model_dump_json()}"
    assert SECRET not in shown


def test_an_error_does_not_show_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("NELLIE_LEASE", SECRET)

    with pytest.raises(SettingsError) as raised:
        load()

    assert SECRET not in str(raised.value)
