"""The exact text of a version, and what makes an answer to it valid."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


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


def same_name(typed: str, name: str) -> bool:
    """Case, accents' form and spacing set aside: a person signs with her own name, as she writes it."""

    def plain(value: str) -> str:
        decomposed = unicodedata.normalize("NFKD", value)
        return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())

    return plain(typed) == plain(name)
