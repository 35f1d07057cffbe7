"""Two versions of a long text: sixty articles of four thousand characters, a quarter of their sentences changed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from supervision.deontology import actions

KIND, ARTICLES, LENGTH = "banc", 60, 4000
PAGE = f"/textes/{KIND}/version-2/depuis-1"
_AROUND = ("title", "preamble", "summary", "sentence")
_WORDS = ("je", "nous", "groupe", "séance", "parole", "peur", "accord", "cadre", "lien", "refus", "silence", "temps")


def fill(now: datetime) -> None:
    """A public text of its own, so that nobody is asked to accept it."""
    chance = random.Random(4)
    actions.add_kind(slug=KIND, name_fr="Banc", name_en="Bench", position=9, is_public=True, has_consequences=False)
    first = [_sentences(chance) for _ in range(ARTICLES)]
    second = [[_sentence(chance) if chance.random() < 0.25 else said for said in article] for article in first]
    for number, articles in enumerate((first, second), 1):
        actions.publish(
            actor=None,
            kind=KIND,
            number=number,
            change="minor",
            effective_on=(now + timedelta(days=number - 3)).date(),
            texts=_texts(articles),
            now=now,
        )


def _texts(articles: list[list[str]]) -> dict[str, Any]:
    around = {f"{name}_{language}": f"{name}." for name in _AROUND for language in ("fr", "en")}
    return around | {"article": [_article(number, " ".join(said)) for number, said in enumerate(articles)]}


def _article(number: int, body: str) -> dict[str, str]:
    title = f"Article {number}"
    return {"id": f"article-{number}", "title_fr": title, "title_en": title, "body_fr": body, "body_en": body}


def _sentences(chance: random.Random) -> list[str]:
    said: list[str] = []
    while sum(map(len, said)) < LENGTH:
        said.append(_sentence(chance))
    return said


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(6, 22))).capitalize() + "."
