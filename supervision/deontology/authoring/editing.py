"""Changing the content of a draft: each of these takes one and returns another.

An article that is taken out stays in the draft, marked, until the version is published: it can be put back. The id of
an article never changes, and none is given twice: addresses, answers and comparisons rest on it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from supervision.deontology.authoring.rules import FullText, UnknownArticle

LANGUAGES = ("fr", "en")
TEXTS = ("title", "preamble", "sentence", "summary")
ARTICLE_TEXTS = ("title", "body")
MOST_ARTICLES = 80
LONGEST_ID = 60  # characters

Content = dict[str, Any]


def empty() -> Content:
    return {**{f"{name}_{language}": "" for name in TEXTS for language in LANGUAGES}, "article": []}


def begun_from(texts: Mapping[str, Any]) -> Content:
    """A draft that begins with the words of another text, without the summary of its changes."""
    content = {**empty(), **deepcopy(dict(texts)), "summary_fr": "", "summary_en": ""}
    content["article"] = [{name: text.strip() for name, text in article.items()} for article in content["article"]]
    return {name: text.strip() if isinstance(text, str) else text for name, text in content.items()}


def article_of(content: Mapping[str, Any], slug: str) -> dict[str, Any]:
    """Raises:
    UnknownArticle: there is no such article.
    """
    found: dict[str, Any] | None = next((each for each in content["article"] if each["id"] == slug), None)
    if found is None:
        raise UnknownArticle
    return found


def with_words(content: Mapping[str, Any], slug: str, texts: Mapping[str, str]) -> Content:
    """Other words for an article, or, without a name of one, for the title, the preamble and what frames them."""
    new = deepcopy(dict(content))
    (article_of(new, slug) if slug else new).update(texts)
    return new


def with_article(content: Mapping[str, Any], slug: str, texts: Mapping[str, str]) -> Content:
    """A new article at the end.

    Raises:
        FullText: there are very many already.
    """
    new = deepcopy(dict(content))
    if len(new["article"]) >= MOST_ARTICLES:
        raise FullText
    new["article"].append({"id": slug, **texts})
    return new


def moved(content: Mapping[str, Any], slug: str, step: int) -> Content:
    """One place up (-1) or down (1) among the articles that stay; from the first or the last place nowhere."""
    new = deepcopy(dict(content))
    articles, article = new["article"], article_of(new, slug)
    place = articles.index(article)
    target = place + step
    while 0 <= target < len(articles) and is_removed(articles[target]):
        target += step
    if 0 <= target < len(articles):
        articles.insert(target, articles.pop(place))
    return new


def removed(content: Mapping[str, Any], slug: str, *, is_out: bool) -> Content:
    """Take an article out, or put it back in its place."""
    new = deepcopy(dict(content))
    article = article_of(new, slug)
    article.pop("removed", None)
    if is_out:
        article["removed"] = True
    return new


def is_removed(article: Mapping[str, Any]) -> bool:
    return bool(article.get("removed"))


def staying(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [article for article in content["article"] if not is_removed(article)]


def as_published(content: Mapping[str, Any]) -> Content:
    """The content as it is published: without what was taken out of it."""
    return {**content, "article": staying(content)}


_OE = chr(0x153)  # one letter that has no other form in Unicode
_TAKEN = re.compile(r"depuis(-\d+)?|pdf(-fr|-en)?")  # addresses of a version that are no article's


def new_id(title: str, taken: Collection[str]) -> str:
    """An id made of the words of a title, unlike any other there is or was."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace(_OE, "oe")).encode("ascii", "ignore")
    stem = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:LONGEST_ID].strip("-") or "article"
    stem = f"article-{stem}" if _TAKEN.fullmatch(stem) else stem
    candidates = (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def mark_of(words: Mapping[str, Any]) -> str:
    """What tells whether somebody else has changed these words since a page was opened with them."""
    return hashlib.sha256(json.dumps(words, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:32]
