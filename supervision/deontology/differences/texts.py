"""Two versions of a text, prepared for comparison in one language, and the lines of what came out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from supervision.deontology.differences.rules import Change, Words, compared
from supervision.deontology.models import Article, TextVersion
from supervision.differences import Piece
from supervision.typesetting.document import Paragraph, formatted

_BETWEEN = "\n\n"  # two paragraphs


@dataclass(frozen=True)
class Comparison:
    """What surrounds the articles is compared like them."""

    preamble: Change
    articles: tuple[Change, ...]
    sentence: Change

    @property
    def is_empty(self) -> bool:
        return all(change.is_same for change in (self.preamble, *self.articles, self.sentence))


def comparison(old: TextVersion, new: TextVersion, language: str) -> Comparison:
    same = _sources(old, language) & _sources(new, language)
    return Comparison(
        preamble=_around(old, new, "preamble", language),
        articles=tuple(compared(_articles(old, language, same), _articles(new, language, same))),
        sentence=_around(old, new, "sentence", language),
    )


def _sources(version: TextVersion, language: str) -> set[tuple[str, str]]:
    return {(article.slug, getattr(article, f"body_{language}")) for article in version.articles}


def _articles(version: TextVersion, language: str, same: Collection[tuple[str, str]]) -> list[Words]:
    return [_words(article, language, same) for article in version.articles]


def _words(article: Article, language: str, same: Collection[tuple[str, str]]) -> Words:
    """Markdown is read only where something differs: reading it takes longer than comparing."""
    title, source = (getattr(article, f"{name}_{language}") for name in ("title", "body"))
    return Words(article.slug, title, source if (article.slug, source) in same else plain(source), source)


def _around(old: TextVersion, new: TextVersion, name: str, language: str) -> Change:
    before, after = (getattr(version, f"{name}_{language}") for version in (old, new))
    (change,) = compared([Words(name, "", plain(before), before)], [Words(name, "", plain(after), after)])
    return change


def plain(markdown: str) -> str:
    """The paragraphs as they are read, with the marks of lists; nothing of it is Markdown any more."""
    return _BETWEEN.join(_mark(paragraph) + paragraph.text for paragraph in formatted(markdown, "").paragraphs)


def _mark(paragraph: Paragraph) -> str:
    return {"item": "– ", "numbered": f"{paragraph.number}. "}.get(paragraph.kind, "")


def paragraphs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of each paragraph. Those that nothing is left of are left out."""
    return [paragraph for paragraph in _split(pieces) if any(piece.text.strip() for piece in paragraph)]


def _split(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    current: list[Piece] = []
    for piece in pieces:
        first, *others = piece.text.split(_BETWEEN)
        current.append(Piece(piece.kind, first))
        for text in others:
            yield current
            current = [Piece(piece.kind, text)]
    yield current
