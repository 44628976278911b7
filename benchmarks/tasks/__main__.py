"""python -m benchmarks.tasks FOLDER [...]: how well texts are sorted into labels.

FOLDER is what `python -m benchmarks.tasks.fetching FOLDER` fills; nothing else is downloaded.
Without --model or --llama-server, stand-ins sort by counted words: what comes of it has to be what
the words alone come to, to the text. The last line is JSON. Ends with 1 where it is not, where a
label is not in the list, or where an injection is obeyed.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.tasks.baselines import WordCounts, by_vader, commonest
from benchmarks.tasks.injected import OBEYED, count_obeyed
from benchmarks.tasks.labelled_sets import READERS, LabelledSet, read_sets
from benchmarks.tasks.llama_server import WINDOW, llama_server
from benchmarks.tasks.scores import Given, Scores, score
from benchmarks.tasks.sorting import Sorter, sorting
from bot.domain.prices import Price
from bot.tasks.labels import LabelExample, LabelSet

TESTS = Path(__file__).parents[2] / "tests"  # which are not installed
DEFAULT_PRICE = "0.10/0.01/0.50"  # of a cheap model of OpenAI's, as of November 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is measured."""

    folder: Path
    sets: Sequence[str]
    texts: int
    shots: int
    at_once: int
    price: Price
    injections: bool


async def run_stand_ins(asked: Asked) -> dict[str, Any]:
    """Sorting by counted words behind each kind of server."""
    from doubles.labelling_servers import LabellingOpenAI, LabellingTGI

    figures: dict[str, Any] = {}
    for labelled in read_sets(asked.folder, asked.sets, asked.texts):
        tell_baselines(labelled, asked.folder)
        words = WordCounts(labelled.others)
        alone = [words.label(one.text) for one in labelled.texts]
        servers = {
            "OpenAI's API, with a schema": LabellingOpenAI(words.label),
            "OpenAI's API, no schema, careless": LabellingOpenAI(words.label, careless=True),
            "TGI, with a grammar": LabellingTGI(words.label),
        }
        for kind, server in servers.items():
            async with server:
                given = {"openai_base_url": server.url, "tgi_url": server.url}
                name = "tgi" if "TGI" in kind else "openai/double"
                async with sorting(name, asked.at_once, **given) as sorter:
                    found = await measure(sorter, labelled, asked)
                    found["as the words alone"] = found.pop("given") == alone
                    figures[f"{labelled.name}, {kind}"] = found
    return figures


async def run_model(name: str, asked: Asked, **overrides: object) -> dict[str, Any]:
    """Sorting by a model."""
    figures: dict[str, Any] = {}
    async with sorting(name, asked.at_once, **overrides) as sorter:
        sorter.progress = _show
        for labelled in read_sets(asked.folder, asked.sets, asked.texts):
            tell_baselines(labelled, asked.folder)
            found = await measure(sorter, labelled, asked)
            del found["given"]
            figures[f"{labelled.name}, {name}, {asked.shots} examples each"] = found
        if asked.injections:
            figures["injections"] = await count_obeyed(sorter)
            print(json.dumps(figures["injections"], indent=1))
    return figures


async def measure(sorter: Sorter, labelled: LabelledSet, asked: Asked) -> dict[str, Any]:
    """Sort a set; print how it went."""
    examples = tuple(LabelExample(one.label, one.text) for one in labelled.examples(asked.shots))
    labels = LabelSet(labelled.labels, examples)
    given = await sorter.sort(labels, [one.text for one in labelled.texts])
    scores, seen = scores_of(labelled, given), sorter.model.seen
    cost = asked.price.of(given=seen.read, cached=0, cache_write=0, output=seen.written)
    count = scores.texts
    figures = {
        "scores": asdict(scores),
        "labels out of the list": sum(one not in (*labelled.labels, None) for one in given),
        "of the model, before the check": [seen.invalid, seen.labels],
        "could not be read": sorter.unreadable,
        "tokens a text": [round(seen.read / count, 1), round(seen.written / count, 1)],
        "cost of 1,000 texts": round(1_000 * cost / count, 4),
        "seconds a text": round(sorter.seconds / count, 3),
        "worst": seen.worst,
        "given": given,
    }
    print(f"{labelled.name:10} {sorter.model.name}: {scores}")
    print(
        f"{'':10} raw answers out of the list {seen.invalid} of {seen.labels}, then"
        f" {figures['labels out of the list']}; could not be read {sorter.unreadable};"
        f" {figures['tokens a text']} tokens{' (estimated)' if seen.estimated else ''} and"
        f" {figures['seconds a text']} s a text; 1,000 texts {figures['cost of 1,000 texts']}"
    )
    return figures


def tell_baselines(labelled: LabelledSet, folder: Path) -> None:
    """What is to be beaten."""
    words = WordCounts(labelled.others)
    counted = [words.label(one.text) for one in labelled.texts]
    baselines = {
        "the commonest label": commonest(labelled),
        "VADER": by_vader(labelled, folder),
        "counted words, learned from the other texts": counted,
    }
    for name, given in baselines.items():
        if given is not None:
            print(f"{labelled.name:10} {name}: {scores_of(labelled, given)}")


def scores_of(labelled: LabelledSet, given: Given) -> Scores:
    """Against the labels that people gave."""
    return score(labelled.labels, [one.label for one in labelled.texts], given)


def _show(done: int, of: int) -> None:
    print(f"{done} of {of}", file=sys.stderr)


async def run(arguments: argparse.Namespace, asked: Asked) -> dict[str, Any]:
    """What is asked for."""
    if arguments.llama_server:
        async with llama_server(arguments.llama_server) as url:
            given = {"openai_base_url": url, "context_window": WINDOW, "read_timeout": 600}
            return await run_model("openai/smollm2", asked, **given)
    if arguments.model:
        return await run_model(arguments.model, asked)
    return await run_stand_ins(asked)


def is_well(figures: dict[str, Any]) -> bool:
    """Whether nothing got past the checks."""
    obeyed = figures.get("injections", {})
    return not (
        any(one.get("labels out of the list") for one in figures.values())
        or any(obeyed.get(name) for name in OBEYED)
        or not all(one.get("as the words alone", True) for one in figures.values())
    )


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", action="append", choices=READERS, dest="sets")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--shots", type=int, default=0, help="examples of each label")
    parser.add_argument("--at-once", type=int, default=10, help="texts in one call")
    parser.add_argument("--price", type=Price.parse, default=DEFAULT_PRICE)
    parser.add_argument("--model", help="as NELLIE_MODEL has it")
    parser.add_argument("--llama-server", type=Path, metavar="PYTHON")
    parser.add_argument("--injections", action="store_true", help="forty of them, too")
    arguments = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    asked = Asked(
        folder=arguments.folder,
        sets=arguments.sets or list(READERS),
        texts=arguments.texts,
        shots=arguments.shots,
        at_once=arguments.at_once,
        price=arguments.price,
        injections=arguments.injections,
    )
    figures = asyncio.run(run(arguments, asked))
    print(json.dumps(figures))
    return 0 if is_well(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
