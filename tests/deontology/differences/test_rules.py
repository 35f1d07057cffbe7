"""Comparing two versions: what is told leads from the old text to the new one, and back."""

from __future__ import annotations

import random
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from supervision.demo import code_of_ethics
from supervision.deontology.differences.rules import ALIKE, Change, Words, compared, runs, said
from supervision.deontology.differences.texts import paragraphs, plain
from supervision.differences import ADDED, KEPT, REMOVED, Piece

TEXT = st.text(alphabet="ab é.\n", max_size=30) | st.lists(st.sampled_from(["je", "tu", "dis", "tais."])).map(" ".join)


@st.composite
def versions(draw: st.DrawFn) -> list[Words]:
    slugs = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
    return [Words(slug, draw(TEXT), draw(TEXT)) for slug in slugs]


def new_of(changes: list[Change]) -> list[tuple[str, str]]:
    return [(said(one.title, ADDED), said(one.text, ADDED)) for one in changes if not one.is_removed]


def old_of(changes: list[Change]) -> list[tuple[str, str]]:
    told = sorted((one for one in changes if not one.is_added), key=lambda one: one.old_number or 0)
    return [(said(one.title, REMOVED), said(one.text, REMOVED)) for one in told]


def sample() -> list[Words]:
    return [Words(a["id"], a["title_fr"], plain(a["body_fr"])) for a in code_of_ethics.sample()["article"]]


@given(versions(), versions())
def test_the_differences_make_the_new_text_of_the_old_one_and_the_old_of_the_new(
    old: list[Words], new: list[Words]
) -> None:
    changes = compared(old, new)
    assert new_of(changes) == [(article.title, article.text) for article in new]
    assert old_of(changes) == [(article.title, article.text) for article in old]
    assert [one.number for one in changes if one.number] == list(range(1, len(new) + 1))
    assert sorted(one.old_number for one in changes if one.old_number) == list(range(1, len(old) + 1))


@given(versions(), st.randoms(use_true_random=False), st.booleans())
def test_moving_articles_removes_and_adds_none(old: list[Words], chance: random.Random, other_slugs: bool) -> None:
    new = [Words(f"x-{one.slug}" if other_slugs else one.slug, one.title, one.text) for one in old]
    chance.shuffle(new)
    changes = compared(old, new)
    assert not any(one.is_added or one.is_removed or one.is_renamed or one.is_reworded for one in changes)
    places = [one.old_number or 0 for one in changes if not one.is_moved]
    assert places == sorted(places)
    if new == old:
        assert all(one.is_same for one in changes)


def test_one_article_that_is_carried_elsewhere_is_the_only_one_that_moved() -> None:
    old = sample()
    new = [*old[:3], old[19], *old[3:19], *old[20:]]
    moved = [(one.slug, one.old_number, one.number) for one in compared(old, new) if one.is_moved]
    assert moved == [(old[19].slug, 20, 4)]


def test_an_article_whose_identifier_changed_is_recognised_by_its_words() -> None:
    old = sample()
    text = old[5].text.replace("séance", "rencontre")
    new = [*old[:5], Words("autre", "Un autre titre", text), *old[6:]]
    (change,) = [one for one in compared(old, new) if not one.is_same]
    assert (change.slug, change.old_number, change.is_renamed, change.is_moved) == ("autre", 6, True, False)


def test_an_article_that_says_something_else_under_another_name_is_another_one() -> None:
    old = sample()
    new = [*old[:5], Words("autre", "Un autre titre", "Des mots que rien n’annonçait."), *old[6:]]
    told = [(one.slug, one.is_removed, one.is_added) for one in compared(old, new) if not one.is_same]
    assert told == [("autre", False, True), (old[5].slug, True, False)] or told == [
        (old[5].slug, True, False),
        ("autre", False, True),
    ]
    assert ALIKE > 0.5


def test_articles_that_are_the_same_stand_together() -> None:
    old = sample()
    new = [*old[:2], Words(old[2].slug, old[2].title, old[2].text + " Un mot de plus."), *old[3:]]
    folded = [(is_same, len(run)) for is_same, run in runs(compared(old, new))]
    assert folded == [(True, 2), (False, 1), (True, 19)]
    assert all(one != other for (one, _), (other, _) in pairwise(folded))


@given(st.lists(st.tuples(st.sampled_from([KEPT, ADDED, REMOVED]), TEXT.filter(bool)), max_size=6))
def test_paragraphs_lose_no_word_of_the_pieces(found: list[tuple[str, str]]) -> None:
    pieces = [Piece(kind, text) for kind, text in found]
    shown = [
        (piece.kind, word) for paragraph in paragraphs(pieces) for piece in paragraph for word in piece.text.split()
    ]
    assert "".join(word for _, word in shown) == "".join("".join(piece.text.split()) for piece in pieces)


def test_sixty_rewritten_articles_of_four_thousand_signs_are_compared_in_half_a_second() -> None:
    chance = random.Random(7)
    mots = [f"mot{n}" for n in range(300)]

    def text() -> str:
        said = (" ".join(chance.choices(mots, k=12)) + ".\n\n" for _ in range(60))
        return "".join(said)[:3500]

    old = [Words(f"a{n}", f"Titre {n}", text()) for n in range(60)]
    for new in (
        [Words(f"a{n}", f"Titre {n}", text()) for n in range(60)],
        [Words(f"b{a.slug}", "", text()) for a in old],
    ):
        began = time.perf_counter()
        assert compared(old, new)
        assert time.perf_counter() - began < 1
