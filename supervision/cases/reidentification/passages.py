"""What is found: a passage of a text, of one kind, with the key of what to suggest (`words.SUGGESTIONS`)."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from supervision.cases.reidentification.spelling import fold

# The surest first: where two overlap, the first keeps its place. A combination lies over the others.
KINDS = (
    "email",
    "link",
    "phone",
    "address",
    "postcode",
    "date",
    "titled",
    "organisation",
    "place",
    "town",
    "name",
    "combination",
)
NAMED = frozenset({"titled", "organisation", "place", "town", "name"})
DIGITS = frozenset({"phone"})


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """`text[start:end]`, in characters of the text as given."""

    start: int
    end: int
    kind: str
    suggestion: str


def identity(passage: Passage, text: str, *, case_secret: bytes) -> str:
    """The name under which « keep, because … » is remembered; the same for the same words in every version of a case.

    64 hexadecimal digits that say nothing without the secret, which is the case's own: a first name or a telephone
    number could otherwise be guessed by trying them all. Derive it from the case's key; the case's id hides nothing.
    """
    words = _evened(text[passage.start : passage.end], passage.kind)
    return hmac.digest(case_secret, f"{passage.kind}\0{words}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _evened(words: str, kind: str) -> str:
    if kind in DIGITS:
        return re.sub(r"\D", "", words)
    if kind in {"email", "link"}:
        return words.casefold()
    return " ".join(re.findall(r"\w+", fold(words)))
