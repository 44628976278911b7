"""The benchmark of labels: sets as they are fetched, scores, baselines, and what a model said."""

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from benchmarks.tasks.__main__ import main
from benchmarks.tasks.baselines import WordCounts, commonest
from benchmarks.tasks.fetching import MOST_MAILS, keep
from benchmarks.tasks.labelled_sets import LONGEST, LabelledSet, LabelledText, read_sets
from benchmarks.tasks.scores import score
from benchmarks.tasks.watched_model import choices, count_invalid
from bot.prompting.task_prompts import labels_format

LABELS = ("good", "bad")
ONE, TWO = choices(labels_format(LABELS, 1).schema), choices(labels_format(LABELS, 2).schema)


def test_of_what_was_abstained_nothing_is_right() -> None:
    scores = score(LABELS, ["good", "good", "bad", "bad"], ["good", None, "bad", "good"])

    assert scores.accuracy.value == 0.5
    assert scores.abstained.value == 0.25
    assert scores.macro_f1 == pytest.approx((0.5 + 2 / 3) / 2)


def test_a_rare_label_counts_like_a_common_one() -> None:
    scores = score(LABELS, ["good"] * 9 + ["bad"], ["good"] * 10)

    assert scores.accuracy.value == 0.9
    assert scores.macro_f1 == pytest.approx(18 / 19 / 2)


@pytest.mark.parametrize(
    ("said", "invalid"),
    [
        ('{"label": "good", "confidence": 1}', 0),
        ('{"label": "none"}', 0),
        ('{"label": "Good"}', 1),
        ('{"label": ["good"]}', 1),
        ('{"label": "root"}', 1),
        ('["good"]', 1),
        ("good", 1),
        ("", 1),
    ],
)
def test_one_answer_is_judged_to_the_letter(said: str, invalid: int) -> None:
    assert count_invalid(ONE, said) == invalid


@pytest.mark.parametrize(
    ("said", "invalid"),
    [
        ('{"1": {"label": "good"}, "2": {"label": "bad"}}', 0),
        ('{"1": {"label": "good"}}', 1),
        ('{"1": {"label": "good"}, "2": "bad"}', 1),
        ('{"1": {"label": "good"}, "2": {"lab', 2),
        ("[]", 2),
    ],
)
def test_of_several_each_one_counts(said: str, invalid: int) -> None:
    assert count_invalid(TWO, said) == invalid


def test_tweets_have_their_sentiment_by_their_rating(tmp_path: Path) -> None:
    (tmp_path / "tweets_GroundTruth.txt").write_text(
        "1\t2.7\tSo lucky.\n2\t-0.4\tIt is Monday.\n3\t-1.5\tIt broke.\n3\t-1.5\tIt broke.\n\nodd\n"
    )

    [tweets] = read_sets(tmp_path, ["tweets"], 10)

    assert {(one.text, one.label) for one in tweets.texts} == {
        ("So lucky.", "positive"),
        ("It is Monday.", "neutral"),
        ("It broke.", "negative"),
    }
    assert len(tweets.texts) == 3


def test_a_draw_is_the_same_each_time_and_examples_are_none_of_it(tmp_path: Path) -> None:
    lines = [f"{n}\t{n % 3 - 1}\t{'word ' * 5}number {n} {'x' * 700}" for n in range(90)]
    (tmp_path / "tweets_GroundTruth.txt").write_text("\n".join(lines))

    [first], [again] = (read_sets(tmp_path, ["tweets"], 30) for _ in range(2))

    examples = first.examples(2)
    assert first == again
    assert len(first.texts) == 30
    assert max(len(one.text) for one in first.texts) <= LONGEST
    assert [one.label for one in examples] == [
        *("positive", "positive", "neutral", "neutral", "negative", "negative")
    ]
    assert not {one.text for one in examples} & {one.text for one in first.texts}


MAIL = "From: a@b\nSubject: =?utf-8?q?Gro=C3=9Fe?= sale\nContent-Type: {kind}\n\n{body}"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", "<html><style>p {}</style><p>Buy now</p>"),
        ("text/plain; charset=nobody-knows", "Buy now"),
    ],
)
def test_a_mail_is_its_subject_and_what_it_says(tmp_path: Path, kind: str, body: str) -> None:
    raw = {"group": "spam-1", "text": MAIL.format(kind=kind, body=body)}
    (tmp_path / "mail.jsonl").write_text(json.dumps(raw) + "\n")

    [mails] = read_sets(tmp_path, ["mail"], 10)

    assert mails.texts == (LabelledText("Große sale Buy now", "spam"),)


def test_counted_words_tell_labels_apart_and_the_commonest_does_not() -> None:
    others = tuple(LabelledText(f"so lovely {n}", "good") for n in range(3))
    others += (LabelledText("it broke again", "bad"),)
    texts = (LabelledText("lovely!", "good"), LabelledText("broke", "bad"))
    labelled = LabelledSet(name="it", labels=LABELS, texts=texts, others=others)

    words = WordCounts(labelled.others)

    assert [words.label(one.text) for one in texts] == ["good", "bad"]
    assert commonest(labelled) == ["good", "good"]


def test_of_an_archive_only_what_is_read_is_kept(tmp_path: Path) -> None:
    archive, folder = tmp_path / "it.tgz", tmp_path / "kept"
    folder.mkdir()
    mail = json.dumps({"group": "spam-1", "text": "x" * 30_000}).encode()
    files = {"../../amazon.json": b"[]", "package/install.sh": b"rm", "a/spam-1/cmds": b"no JSON"}
    files |= {f"a/spam-1/{n}.json": mail for n in range(MOST_MAILS + 5)}
    with tarfile.open(archive, "w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))

    keep(archive, folder)

    assert sorted(one.name for one in folder.iterdir()) == ["amazon.json", "mail.jsonl"]
    lines = (folder / "mail.jsonl").read_text().splitlines()
    assert len(lines) == MOST_MAILS
    assert len(json.loads(lines[0])["text"]) == 20_000


def test_it_says_how_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tasks", "--help"])
    with pytest.raises(SystemExit):
        main()

    assert "--llama-server PYTHON" in capsys.readouterr().out
