"""The file of tuned prompts: what is written is read as it was, whatever stands in it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import SettingsError
from bot.text.sanitize import clean
from bot.tuning.parts import refuse
from bot.tuning.tuned_file import TunedFile, read_tuned_file

TEXTS = st.one_of(
    st.text(min_size=1, max_size=80),
    st.sampled_from(['"""', 'a"', "\\", "\\n", "\\u0041", "\n x \n", "a\tb", "'''", "# no\n[x]"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(TEXTS, TEXTS, st.text(max_size=20))
def test_what_is_written_is_read_as_it_was(
    tmp_path: Path, rules: str, before: str, channel: str
) -> None:
    path = tmp_path / "it.toml"
    about = {"channel": clean(channel), "seed": 3, "better": True, "score": 0.25}
    file = TunedFile(texts={"rules": rules}, before={"rules": before}, about=about)
    path.write_text(file.write(), encoding="utf-8", newline="\n")

    if refuse("rules", rules):
        with pytest.raises(SettingsError):
            read_tuned_file(path)
        return
    found = read_tuned_file(path)

    assert found.texts == {"rules": rules}
    assert {key: found.about[key] for key in about} == about
