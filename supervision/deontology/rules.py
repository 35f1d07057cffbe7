"""The exact text of a version, what makes an answer to it valid, and the chain that all answers are."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CODE = "deontologie"  # the kind of text that the code of ethics is
GRACE_DAYS, HIDDEN_DAYS = 30, 30  # unless the committee chooses others
GENESIS = "0" * 64  # what the first answer holds in the place of the hash before it
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without what is read as something else
CODE_LENGTH = 16  # characters of 30: 78 bits


class AnswerRefused(Exception):
    """An answer to the code that cannot be recorded."""


class SupersededVersion(AnswerRefused):
    """Another version is in force: the page shown was an old one."""


class AnsweredAlready(AnswerRefused):
    """This person has signed this version, or refuses it a second time."""


class NameDiffers(AnswerRefused):
    """The typed name is not the name of the account."""


@dataclass(frozen=True)
class ArticleText:
    slug: str
    title: str
    body: str


def exact_text(*, title: str, preamble: str, articles: Iterable[ArticleText], sentence: str) -> str:
    """The text as it was shown, in one canonical writing, so that its hash means one thing for ever."""
    parts = [title, preamble]
    parts += [f"{article.slug}\n{article.title}\n{article.body}" for article in articles]
    parts.append(sentence)
    return "\n\n".join(unicodedata.normalize("NFC", part.strip()) for part in parts) + "\n"


def text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def may_follow(last: str | None, answer: str) -> bool:
    """Whether this answer to a version may come after the last one to it.

    One signs after a refusal and after taking a signature back; one refuses, or takes note, once; only a signature
    that stands is taken back.
    """
    allowed = {
        None: {"signed", "refused", "informed"},
        "informed": {"signed", "refused"},
        "refused": {"signed"},
        "signed": {"withdrawn"},
        "withdrawn": {"signed"},
    }
    return answer in allowed[last]


def verification_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str:
    """A code as somebody copied it from paper: case, spaces and hyphens set aside."""
    return "".join(character for character in typed.upper() if character in ALPHABET)[: CODE_LENGTH + 1]


def row_hash(facts: Mapping[str, Any], previous_hash: str) -> str:
    """The hash of one answer with the one before it: SHA-256 of their canonical JSON."""
    written = json.dumps({**facts, "previous_hash": previous_hash}, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def same_name(typed: str, name: str) -> bool:
    """Case, accents' form and spacing set aside: a person signs with her own name, as she writes it."""

    def plain(value: str) -> str:
        decomposed = unicodedata.normalize("NFKD", value)
        return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())

    return plain(typed) == plain(name)
