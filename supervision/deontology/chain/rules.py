"""What a chain of answers betrays: rows that were altered, taken out, put in or moved. Values in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from supervision.deontology.rules import GENESIS, row_hash


@dataclass(frozen=True)
class Link:
    """One answer: what the chain vouches for, the two hashes that are kept, and what its text should be."""

    number: int
    facts: Mapping[str, Any]
    previous_hash: str
    row_hash: str
    text_sha256: str  # as it was kept
    published_sha256: str | None  # of the text as it stands in the database; None: there is none
    sentence: str
    published_sentence: str | None  # what was agreed to by a signature; None: nothing was


@dataclass(frozen=True)
class Recorded:
    """What the record of acts, a chain of its own, says of the answers."""

    hashes: Mapping[int, str]  # by number
    unnumbered: int = 0  # answers recorded before they had numbers


@dataclass(frozen=True)
class Fault:
    number: int
    kind: str  # altered | missing | misplaced | text | sentence | unrecorded | replaced | lost
    until: int = 0  # of a stretch of missing numbers

    def __str__(self) -> str:
        if self.kind == "missing" and self.until > self.number:
            return f"answers {self.number} to {self.until} are missing"
        return f"answer {self.number} {_SAID[self.kind]}"


_SAID = {
    "altered": "was altered: its content does not have the hash that is kept with it",
    "missing": "is missing",
    "misplaced": "does not follow from the one before it: a row was taken out, put in, moved or rewritten",
    "text": "holds another hash than its text has: the text, or the answer, was altered",
    "sentence": "holds another sentence than its text has",
    "unrecorded": "is not in the record of acts: it was put in past the application",
    "replaced": "is not the one in the record of acts: it was rewritten with every hash after it",
    "lost": "of those given before answers had numbers, fewer are kept than the record of acts holds",
}


def faults(links: Iterable[Link], recorded: Recorded) -> Iterator[Fault]:
    """Everything that is wrong, by number. `links` come in the order of their numbers.

    A stretch that is missing is told once: what follows it cannot follow from what is gone. The end of the chain is
    watched by the record of acts, which holds the number and the hash of each answer.
    """
    last, previous, old = 0, GENESIS, 0
    for link in links:
        if link.number > last + 1:
            yield Fault(last + 1, "missing", until=link.number - 1)
        elif link.previous_hash != previous:
            yield Fault(link.number, "misplaced")
        yield from _in_itself(link)
        yield from _in_the_record(link, recorded)
        old += link.facts.get("shown") == "before"
        last, previous = link.number, link.row_hash
    ended = max(recorded.hashes, default=0)
    if ended > last:
        yield Fault(last + 1, "missing", until=ended)
    if recorded.unnumbered > old:
        yield Fault(old + 1, "lost")


def _in_itself(link: Link) -> Iterator[Fault]:
    if row_hash(link.facts, link.previous_hash) != link.row_hash:
        yield Fault(link.number, "altered")
    if link.text_sha256 != link.published_sha256:
        yield Fault(link.number, "text")
    if link.published_sentence is not None and link.sentence != link.published_sentence:
        yield Fault(link.number, "sentence")


def _in_the_record(link: Link, recorded: Recorded) -> Iterator[Fault]:
    known = recorded.hashes.get(link.number)
    if known is None and link.facts.get("shown") != "before":
        yield Fault(link.number, "unrecorded")
    elif known is not None and known != link.row_hash:
        yield Fault(link.number, "replaced")
