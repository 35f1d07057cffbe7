"""Precision and recall on the labelled set: `python -m tests.cases.reidentification.measure [--misses]`.

A found passage is right when a marked one of the same kind shares at least half of their common extent, each counted
once.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from supervision.cases.reidentification.engine import examine
from supervision.cases.reidentification.passages import KINDS

SET = Path(__file__).with_name("labelled.toml")
HALVES = ("tuning", "held-out")
AFTER = "after"  # written against the engine, to see its limits
MARK = re.compile(r"\{(\w+)\||\}")
Span = tuple[int, int, str]


@dataclass(frozen=True)
class Labelled:
    id: str
    language: str
    half: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Score:
    right: int
    found: int
    marked: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.marked if self.marked else 1.0


def read_marks(marked: str) -> tuple[str, tuple[Span, ...]]:
    """The text without its marks, and the spans they stood around."""
    text, spans, open_marks, before = "", [], [], 0
    for mark in MARK.finditer(marked):
        text += marked[before : mark.start()]
        before = mark.end()
        if mark[1]:
            open_marks.append((len(text), mark[1]))
        else:
            start, kind = open_marks.pop()
            spans.append((start, len(text), kind))
    return text + marked[before:], tuple(sorted(spans))


def labelled() -> list[Labelled]:
    passages = tomllib.loads(SET.read_text(encoding="utf-8"))["passage"]
    return [Labelled(p["id"], p["language"], p["half"], *read_marks(p["text"])) for p in passages]


def found_in(entry: Labelled) -> list[Span]:
    return [(p.start, p.end, p.kind) for p in examine(entry.text, entry.language)]


def is_right(found: Span, marked: Span) -> bool:
    shared = min(found[1], marked[1]) - max(found[0], marked[0])
    extent = max(found[1], marked[1]) - min(found[0], marked[0])
    return found[2] == marked[2] and shared * 2 >= extent


def matched(found: Iterable[Span], marked: Iterable[Span]) -> list[tuple[Span, Span]]:
    left, pairs = list(marked), []
    for span in found:
        partner = next((mark for mark in left if is_right(span, mark)), None)
        if partner:
            left.remove(partner)
            pairs.append((span, partner))
    return pairs


def scores(entries: Iterable[Labelled]) -> dict[str, Score]:
    """By kind, and « all »."""
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for entry in entries:
        spans = found_in(entry)
        found.update(kind for _, _, kind in spans)
        marked.update(kind for _, _, kind in entry.spans)
        right.update(kind for (_, _, kind), _ in matched(spans, entry.spans))
    by_kind = {kind: Score(right[kind], found[kind], marked[kind]) for kind in KINDS}
    return {**by_kind, "all": Score(right.total(), found.total(), marked.total())}


def disturbed(entries: Iterable[Labelled]) -> tuple[int, int]:
    """How many clean texts show something, of how many."""
    clean = [entry for entry in entries if not entry.spans]
    return sum(bool(found_in(entry)) for entry in clean), len(clean)


def noticed(entries: Iterable[Labelled]) -> tuple[int, int]:
    """How many marked spans are shown at least in part, under whatever kind, of how many: what the author sees."""
    marked = [(span, found_in(entry)) for entry in entries for span in entry.spans]
    return sum(any(f[0] < mark[1] and mark[0] < f[1] for f in found) for mark, found in marked), len(marked)


def misses(entries: Iterable[Labelled]) -> Iterator[str]:
    for entry in entries:
        spans = found_in(entry)
        pairs = matched(spans, entry.spans)
        missed, wrong = {*entry.spans} - {mark for _, mark in pairs}, {*spans} - {span for span, _ in pairs}
        for sign, rest in (("-", missed), ("+", wrong)):
            for start, end, kind in sorted(rest):
                yield f"{sign} {entry.id} {kind}: {entry.text[start:end]!r} in {entry.text!r}"


def table(entries: list[Labelled]) -> str:
    rows = [f"{'kind':<14}{'marked':>7}{'found':>7}{'right':>7}{'precision':>11}{'recall':>8}"]
    for kind, score in scores(entries).items():
        figures = f"{score.precision:>11.2f}{score.recall:>8.2f}" if score.marked or score.found else ""
        rows.append(f"{kind:<14}{score.marked:>7}{score.found:>7}{score.right:>7}{figures}")
    rows.append("marked passages shown under any kind: {} of {}".format(*noticed(entries)))
    rows.append("clean texts that show something: {} of {}".format(*disturbed(entries)))
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="print what was missed (-) and wrongly shown (+)")
    parser.add_argument("--half", choices=(*HALVES, AFTER), action="append")
    options = parser.parse_args()
    for language in ("fr", "en"):
        for half in options.half or (*HALVES, AFTER):
            if entries := [e for e in labelled() if (e.language, e.half) == (language, half)]:
                print(f"\n{language}, {half}: {len(entries)} texts\n{table(entries)}")
                print(*(misses(entries) if options.misses else ()), sep="\n")


if __name__ == "__main__":
    main()
