"""Any chain, tampered with in any way: what is left of it says so, and an untouched one says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from supervision.deontology.chain.rules import Link, Recorded, faults
from supervision.deontology.rules import GENESIS, row_hash

FACTS = st.fixed_dictionaries({"person_id": st.text(), "answer": st.sampled_from(["signed", "refused"])})
CHAINS = st.lists(FACTS, min_size=1, max_size=8)


def chain_of(all_facts: list[dict[str, Any]]) -> list[Link]:
    made, previous = [], GENESIS
    for number, facts in enumerate(all_facts, 1):
        told = {**facts, "number": number}
        made.append(Link(number, told, previous, row_hash(told, previous), "t", "t", "s", "s"))
        previous = made[-1].row_hash
    return made


def recorded(chain: list[Link]) -> Recorded:
    return Recorded({link.number: link.row_hash for link in chain})


def numbers(chain: list[Link], record: Recorded) -> set[int]:
    found = list(faults(sorted(chain, key=lambda link: link.number), record))
    return {number for fault in found for number in range(fault.number, max(fault.number, fault.until) + 1)}


@given(CHAINS)
def test_an_untouched_chain_says_nothing(facts: list[dict[str, Any]]) -> None:
    chain = chain_of(facts)
    assert numbers(chain, recorded(chain)) == set()


@given(CHAINS, st.data())
def test_whatever_is_taken_out_is_named(facts: list[dict[str, Any]], data: st.DataObject) -> None:
    chain = chain_of(facts)
    gone = data.draw(st.sets(st.sampled_from([link.number for link in chain]), min_size=1))
    assert numbers([link for link in chain if link.number not in gone], recorded(chain)) == gone


@given(CHAINS, FACTS, st.data())
def test_whatever_is_altered_is_named(facts: list[dict[str, Any]], other: dict[str, Any], data: st.DataObject) -> None:
    chain = chain_of(facts)
    link = data.draw(st.sampled_from(chain))
    altered = replace(link, facts={**other, "number": link.number})
    assume(altered.facts != link.facts)
    assert numbers([altered if one is link else one for one in chain], recorded(chain)) == {link.number}


@given(CHAINS, st.data())
def test_whatever_changes_places_is_named(facts: list[dict[str, Any]], data: st.DataObject) -> None:
    chain = chain_of(facts)
    assume(len(chain) > 1)
    one, other = data.draw(st.lists(st.sampled_from(chain), min_size=2, max_size=2, unique_by=lambda link: link.number))
    moved = [
        replace(link, number=other.number if link is one else one.number) if link in (one, other) else link
        for link in chain
    ]
    assert {one.number, other.number} <= numbers(moved, recorded(chain))


@given(CHAINS, st.data())
def test_whatever_is_rewritten_with_all_its_hashes_is_named(facts: list[dict[str, Any]], data: st.DataObject) -> None:
    chain = chain_of(facts)
    at = data.draw(st.integers(0, len(chain) - 1))
    anew = [*facts[:at], {**facts[at], "person_id": facts[at]["person_id"] + "x"}, *facts[at + 1 :]]
    assert numbers(chain_of(anew), recorded(chain)) == set(range(at + 1, len(chain) + 1))


@given(CHAINS)
def test_what_the_record_never_heard_of_is_named(facts: list[dict[str, Any]]) -> None:
    chain = chain_of(facts)
    assert numbers(chain, recorded(chain[:-1])) == {len(chain)}


def test_of_the_oldest_answers_the_record_knows_how_many_there_were() -> None:
    old = [{"person_id": str(each), "answer": "signed", "shown": "before"} for each in range(3)]
    assert numbers(chain_of(old), Recorded({}, 3)) == set()
    assert numbers(chain_of(old)[:-1], Recorded({}, 3)) == {3}
