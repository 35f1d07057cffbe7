"""Margin notes find their passage, and find it again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.feedback.anchors import Anchor, anchor, carry

TEXT = "Le groupe arrive en retard. Personne ne parle. Une personne quitte la salle. Personne ne parle."
SENTENCES = st.lists(
    st.text(alphabet="abcdé ’\n", min_size=3, max_size=30).map(lambda words: words.strip() + ". "),
    min_size=1,
    max_size=6,
)
ANYTHING = st.text(max_size=120)


def test_a_passage_is_found_where_it_stands() -> None:
    assert anchor(TEXT, "Une personne quitte") == Anchor(47, 66, "Une personne quitte")


@pytest.mark.parametrize(("hint", "start"), [(None, 28), (0, 28), (30, 28), (70, 77), (77, 77)])
def test_of_equal_passages_the_nearest_is_meant(hint: int | None, start: int) -> None:
    assert anchor(TEXT, "Personne ne parle.", hint) == Anchor(start, start + 18, "Personne ne parle.")


@pytest.mark.parametrize(
    "pasted",
    [
        'L\'animatrice dit :\n"non"',
        "L’animatrice  dit\u00a0: « non »",
        "L’animatrice dit: «non»",
        " L’animatrice dit : “non”\n",
    ],
)
def test_blanks_and_signs_may_differ(pasted: str) -> None:
    text = "Alors. L’animatrice dit\u202f: « non ». Fin."
    assert anchor(text, pasted) == Anchor(7, 33, "L’animatrice dit\u202f: « non »")


@pytest.mark.parametrize("quote", ["", "  \n", "absent", "\u00ad"])
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert anchor(TEXT, quote) is None


@given(ANYTHING, ANYTHING, st.integers(-5, 200) | st.none())
def test_a_found_passage_is_the_text_between_its_ends(text: str, quote: str, hint: int | None) -> None:
    found = anchor(text, quote, hint)
    if found is not None:
        assert 0 <= found.start < found.end <= len(text)
        assert found.quote == text[found.start : found.end]
    if quote.strip() and quote.strip() in text:
        assert found is not None
        assert found.quote == quote.strip()


@given(SENTENCES, SENTENCES, SENTENCES, st.text(alphabet="mnop", min_size=5, max_size=30))
def test_a_note_on_an_untouched_sentence_survives_edits_elsewhere(
    before: list[str], after: list[str], other: list[str], sentence: str
) -> None:
    old = "".join([*before, sentence, ". ", *after])
    new = "".join([*other, sentence, ". ", *before])
    found = anchor(old, sentence)
    assert found is not None
    carried = carry(found, old, new)
    assert carried == Anchor(new.index(sentence), new.index(sentence) + len(sentence), sentence)


@given(ANYTHING, ANYTHING, st.data())
def test_a_carried_note_never_points_outside_the_text(old: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    carried = carry(Anchor(start, end, old[start:end]), old, new)
    if carried is not None:
        assert 0 <= carried.start <= carried.end <= len(new)
        assert carried.quote == new[carried.start : carried.end]


@given(ANYTHING, st.data())
def test_nothing_moves_where_nothing_changed(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    noted = Anchor(start, end, text[start:end])
    assert carry(noted, text, text) == noted


def test_of_equal_passages_the_one_in_its_surroundings_is_meant() -> None:
    noted = anchor(TEXT, "Personne ne parle.", 77)
    assert noted is not None
    new = "Au début. " + TEXT.replace("arrive en", "arrive très en") + " Puis je propose une pause."
    carried = carry(noted, TEXT, new)
    assert carried is not None
    assert new[: carried.start].endswith("quitte la salle. ")


def test_a_passage_with_a_few_words_changed_is_the_same() -> None:
    noted = anchor(TEXT, "Une personne quitte la salle.")
    assert noted is not None
    new = "Tout commence bien. Puis une personne inquiète quitte vite la salle. Je ne dis rien."
    carried = carry(noted, TEXT, new)
    assert carried is not None
    assert carried.quote == "une personne inquiète quitte vite la salle."


def test_a_passage_that_was_rewritten_is_gone() -> None:
    noted = anchor(TEXT, "Une personne quitte la salle.")
    assert noted is not None
    assert carry(noted, TEXT, "Le groupe arrive en retard. Nous parlons de ce retard pendant une heure.") is None


def test_sixty_notes_are_carried_within_two_seconds() -> None:
    words = [f"mot{n % 400}" for n in range(3000)]
    old = " ".join(words)
    new = " ".join(word if n % 50 else "autre" for n, word in enumerate(words))
    began = time.perf_counter()
    for n in range(60):
        quote = " ".join(words[n * 50 - 5 if n else 0 : n * 50 + 10])
        found = anchor(old, quote)
        assert found is not None
        assert carry(found, old, new) is not None
    assert time.perf_counter() - began < 2


def test_sixty_notes_on_a_single_letter_are_carried_within_two_seconds() -> None:
    old = "e t " * 5000
    new = f"z{old[:9000]}y{old[9000:11000]}y{old[11000:]}q"
    began = time.perf_counter()
    carried = [carry(Anchor(10_000, 10_001, "e"), old, new) for _ in range(60)]
    assert [found and found.quote for found in carried] == ["e"] * 60
    assert time.perf_counter() - began < 2
