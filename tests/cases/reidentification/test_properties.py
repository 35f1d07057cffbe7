"""Whatever is pasted: passages stay inside the text, nothing breaks, and time grows as the text does."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import demo
from supervision.cases.reidentification.engine import examine, examine_form
from supervision.cases.reidentification.passages import identity

ANY_TEXT = st.text(st.characters())  # lone surrogates, right-to-left and zero-width characters included
WORDS = """Karim Roubaix Saint-Denis M. Mme Dr la directrice collège quartier rue 12 de du l’ en mars 2026 lundi 06 12
a@b.fr www.x.fr « » que j’appelle Les prénoms inventés ( ) . , ; : - ’ St. Mary’s School In May 59100 +33 É e\u0301"""
PIECES = (*WORDS.split(), "\n", "\u202f", " ", " ", " ", " ")
LIKELY_TEXT = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
LANGUAGE = st.sampled_from(["fr", "en"])


@given(ANY_TEXT | LIKELY_TEXT, LANGUAGE)
def test_passages_lie_in_the_text_and_only_a_combination_over_others(text: str, language: str) -> None:
    passages = examine(text, language)
    assert all(0 <= p.start < p.end <= len(text) for p in passages)
    assert list(passages) == sorted(passages)
    for over in (False, True):
        layer = [p for p in passages if (p.kind == "combination") is over]
        assert all(before.end <= after.start for before, after in pairwise(layer))


@given(ANY_TEXT | LIKELY_TEXT, LANGUAGE)
def test_the_same_text_gives_the_same_passages_and_the_same_names_for_them(text: str, language: str) -> None:
    def once() -> list[tuple[object, str]]:
        return [(p, identity(p, text, case_secret=b"s")) for p in examine(text, language)]

    assert once() == once()


@given(st.dictionaries(st.sampled_from(["title", "period", "account"]), LIKELY_TEXT), LANGUAGE)
def test_a_form_shows_what_its_fields_show(fields: dict[str, str], language: str) -> None:
    found = examine_form(fields, language, setting=frozenset({"title", "period"}))
    assert found.keys() <= fields.keys()
    assert all(0 <= p.start < p.end <= len(fields[name]) for name, passages in found.items() for p in passages)


def seconds(text: str, language: str) -> float:
    """Of work: what other programs do on the machine is not counted."""
    began = time.process_time()
    examine(text, language)
    return time.process_time() - began


@pytest.mark.parametrize("language", ["fr", "en"])
def test_two_hundred_kilobytes_made_to_be_slow_take_less_than_a_second(language: str) -> None:
    """A clean run is what counts: a busy machine has its caches taken away."""
    assert any(seconds("aA1." * 50_000, language) < 1 for _ in range(3))


PATTERNS = """aA1. |a@|a.|A-|Aa |Rue De |rue de la |12 rue |école |Collège « A|« |(|le 1 |du 1 au |lundi |1 |01 |+1
12/|www.|M. A |Mme |Les prénoms |que j’appelle |le maire mars Lyon. |la seule infirmière du village |
59100 |\u0301|x\u0301|É"""
HOSTILE = (*re.split(r"\|?\n|\|", PATTERNS), "\u202f", " ", "\n")


def grows_as_the_text(work: Callable[[str], float], piece: str) -> bool:
    """Four times the text may cost eight times as much. What looks slow is measured again before it is believed."""
    return any(costs_little(work, piece) for _ in range(3))


def costs_little(work: Callable[[str], float], piece: str) -> bool:
    once, four_times = (work(piece * (size // len(piece))) for size in (5_000, 20_000))
    return four_times < 8 * once + 0.03


def test_work_that_grows_with_the_square_is_noticed() -> None:
    assert grows_as_the_text(lambda text: len(text) / 10_000, "a")
    assert not grows_as_the_text(lambda text: (len(text) / 10_000) ** 2, "a")


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_twice_the_text_takes_about_twice_the_time(piece: str, language: str) -> None:
    assert grows_as_the_text(lambda text: seconds(text, language), piece)


def test_three_thousand_words_take_less_than_fifty_milliseconds() -> None:
    file = Path(demo.__file__).with_name("situations.toml")
    situations = tomllib.loads(file.read_text(encoding="utf-8"))["situation"]
    prose = " ".join(s[name] for s in situations for name in ("account", "critical_moment", "what_i_did"))
    text = " ".join(prose.split(" ")[:3000])
    assert min(seconds(text, "fr") for _ in range(5)) < 0.05
