"""What one version of a text says otherwise than another, article by article, word by word. Nothing here is Markdown:
the texts come as lines, as people read them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from supervision.differences import ADDED, KEPT, REMOVED, Piece, differences

ALIKE = 0.6  # of the words of two articles: from here on they are one article whose identifier was changed
MOST_WORDS = 24_000  # in articles compared word by word; what comes beyond is shown whole, so that nobody waits


@dataclass(frozen=True)
class Words:
    """An article as it is compared: its title, and its words without signs of form."""

    slug: str
    title: str
    text: str
    source: str = ""  # as it was written: what differs in it alone is the form

    @cached_property
    def bag(self) -> Counter[str]:
        return Counter(f"{self.title} {self.text}".casefold().split())


@dataclass(frozen=True)
class Change:
    """One article in both versions. `number` is its place in the new one, `old_number` in the old one, from 1."""

    slug: str
    number: int | None
    old_number: int | None
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    is_moved: bool = False
    only_form: bool = False  # the words are the same, their emphasis or their lists are not

    @property
    def is_added(self) -> bool:
        return self.old_number is None

    @property
    def is_removed(self) -> bool:
        return self.number is None

    @property
    def is_renamed(self) -> bool:
        return self._in_both and _differs(self.title)

    @property
    def is_reworded(self) -> bool:
        return self._in_both and _differs(self.text)

    @property
    def is_same(self) -> bool:
        return self._in_both and not (self.is_moved or self.is_renamed or self.is_reworded or self.only_form)

    @property
    def _in_both(self) -> bool:
        return self.number is not None and self.old_number is not None

    def name(self, *, old: bool = False) -> str:
        return said(self.title, ADDED if not old and not self.is_removed else REMOVED)


def said(pieces: Sequence[Piece], kind: str) -> str:
    """The new text (`ADDED`) or the old one (`REMOVED`)."""
    return "".join(piece.text for piece in pieces if piece.kind in {KEPT, kind})


def _differs(pieces: Sequence[Piece]) -> bool:
    return any(piece.kind != KEPT for piece in pieces)


def compared(old: Sequence[Words], new: Sequence[Words]) -> list[Change]:
    """In the order of the new version; what was removed stands where it was."""
    pairs = _pairs(old, new)
    still = _in_order([pairs[place] for place in range(len(new)) if place in pairs])
    left = MOST_WORDS
    changes = []
    for place, article in enumerate(new):
        at = pairs.get(place)
        if at is None:
            changes.append(_added(article, place))
            continue
        cost = 0 if old[at].text == article.text else old[at].bag.total() + article.bag.total()
        left -= cost
        changes.append(_changed(old[at], at, article, place, is_moved=at not in still, by_word=left >= 0))
    return list(_with_removed(changes, old, set(pairs.values())))


def runs(changes: Sequence[Change]) -> list[tuple[bool, list[Change]]]:
    """Neighbours together that are all the same, or all otherwise: True for the same ones."""
    return [(is_same, list(run)) for is_same, run in groupby(changes, key=lambda change: change.is_same)]


# --- which article is which -------------------------------------------------------------------------------------------


def _pairs(old: Sequence[Words], new: Sequence[Words]) -> dict[int, int]:
    """The old place of each new one: by its identifier, or else the most alike of those that are left."""
    by_slug = {article.slug: at for at, article in enumerate(old)}
    pairs = {place: by_slug[article.slug] for place, article in enumerate(new) if article.slug in by_slug}
    free_old = set(range(len(old))) - set(pairs.values())
    free_new = set(range(len(new))) - set(pairs)
    near = [(*_likeness(old[at], new[place]), at, place) for at in free_old for place in free_new]
    for _, alike, at, place in sorted(near, key=lambda one: (-one[0], -one[1], abs(one[2] - one[3]), one[2])):
        if alike >= ALIKE and at in free_old and place in free_new:
            free_old.remove(at)
            free_new.remove(place)
            pairs[place] = at
    return pairs


def _likeness(one: Words, other: Words) -> tuple[int, float]:
    """How many of title and text are the same, and the words in common of all of theirs: 1 for the same words."""
    words = one.bag.total() + other.bag.total()
    same = (one.title == other.title) + (one.text == other.text)
    return same, 2 * (one.bag & other.bag).total() / words if words else 1.0


def _in_order(places: Sequence[int]) -> set[int]:
    """The longest row of places that are still one after another: whoever is not in it has moved."""
    ends: list[int] = []  # the smallest last place of a row of each length
    row_of: list[int] = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        row_of.append(length)
    kept, wanted = set(), len(ends) - 1
    for at in range(len(places) - 1, -1, -1):
        if row_of[at] == wanted:
            kept.add(places[at])
            wanted -= 1
    return kept


# --- one article ------------------------------------------------------------------------------------------------------


def _changed(before: Words, at: int, after: Words, place: int, *, is_moved: bool, by_word: bool) -> Change:
    text = _pieces(before.text, after.text, by_word=by_word)
    return Change(
        slug=after.slug,
        number=place + 1,
        old_number=at + 1,
        title=_pieces(before.title, after.title),
        text=text,
        is_moved=is_moved,
        only_form=not _differs(text) and before.source != after.source,
    )


def _pieces(old: str, new: str, *, by_word: bool = True) -> tuple[Piece, ...]:
    if old == new:
        return (Piece(KEPT, new),) if new else ()
    if by_word:
        return tuple(differences(old, new))
    return tuple(piece for piece in (Piece(REMOVED, old), Piece(ADDED, new)) if piece.text)


def _added(article: Words, place: int) -> Change:
    title, text = (Piece(ADDED, article.title),), (Piece(ADDED, article.text),)
    return Change(article.slug, place + 1, None, title, text)


def _removed(article: Words, at: int) -> Change:
    title, text = (Piece(REMOVED, article.title),), (Piece(REMOVED, article.text),)
    return Change(article.slug, None, at + 1, title, text)


def _with_removed(changes: Sequence[Change], old: Sequence[Words], stayed: set[int]) -> Iterator[Change]:
    """Each removed article after the one that it followed; those of the beginning first."""
    after: dict[int, list[Change]] = {}
    last = 0  # the old number of what stands before; 0 for nothing
    for at, article in enumerate(old):
        if at in stayed:
            last = at + 1
        else:
            after.setdefault(last, []).append(_removed(article, at))
    yield from after.get(0, ())
    for change in changes:
        yield change
        if change.old_number is not None:
            yield from after.get(change.old_number, ())
