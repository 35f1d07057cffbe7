"""The one rule of consequences: a table of what it says, and what holds whatever the dates are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.deontology.consequences.rules import STAGES, Asked, Duty, bound_since, duty
from supervision.ids import new_id

FIRST_DAY = date(2026, 3, 1)
DAY = timedelta(days=1)
ASKED = Asked(
    kind="deontologie",
    version_id=new_id(),
    number=2,
    effective_on=FIRST_DAY,
    grace_days=30,
    hidden_days=20,
    has_consequences=True,
    bound_on=date(2025, 1, 1),
    answer=None,
    signed_before=True,
)

# who, on which day after the version took effect: the stage. Grace ends on day 30, she is hidden from day 51 on.
TABLE = {
    "who signed an earlier version, first day": ({}, 0, "grace"),
    "… last day of grace": ({}, 30, "grace"),
    "… the day after": ({}, 31, "late"),
    "… last day in the directory": ({}, 50, "late"),
    "… the day after that": ({}, 51, "hidden"),
    "… years later": ({}, 2000, "hidden"),
    "who signed": ({"answer": "signed"}, 2000, "settled"),
    "who was informed of nothing but asked all the same": ({"answer": None}, 10, "grace"),
    "who refused, in grace": ({"answer": "refused"}, 30, "grace"),
    "who refused, afterwards": ({"answer": "refused"}, 31, "late"),
    "who refused, long afterwards": ({"answer": "refused"}, 51, "hidden"),
    "who never signed any": ({"signed_before": False}, 0, "first"),
    "who never signed any, after the grace": ({"signed_before": False}, 31, "first"),
    "who never signed any, long after": ({"signed_before": False}, 51, "hidden"),
    "who never signed any and has more time": (
        {"signed_before": False, "extended_on": FIRST_DAY + 60 * DAY},
        60,
        "grace",
    ),
    "… the day after it is over": ({"signed_before": False, "extended_on": FIRST_DAY + 60 * DAY}, 61, "first"),
    "… hidden twenty days later": ({"signed_before": False, "extended_on": FIRST_DAY + 60 * DAY}, 81, "hidden"),
    "who has more time": ({"extended_on": FIRST_DAY + 60 * DAY}, 60, "grace"),
    "whose time is over": ({"extended_on": FIRST_DAY + 60 * DAY}, 61, "late"),
    "whose time was over before the grace of everyone": ({"extended_on": FIRST_DAY + 5 * DAY}, 30, "grace"),
    "who is exempt": ({"is_exempt": True}, 2000, "exempt"),
    "who is exempt and signs": ({"is_exempt": True, "answer": "signed"}, 5, "settled"),
    "who joins on day 100": ({"bound_on": FIRST_DAY + 100 * DAY}, 130, "grace"),
    "… and lets her grace pass": ({"bound_on": FIRST_DAY + 100 * DAY}, 131, "late"),
    "whom it does not ask": ({"bound_on": None}, 2000, "settled"),
    "who took it back on day 500": ({"answer": "withdrawn", "answered_on": FIRST_DAY + 500 * DAY}, 500, "late"),
    "… last day in the directory again": ({"answer": "withdrawn", "answered_on": FIRST_DAY + 500 * DAY}, 520, "late"),
    "… the day after that again": ({"answer": "withdrawn", "answered_on": FIRST_DAY + 500 * DAY}, 521, "hidden"),
    "who took the only one back": (
        {"answer": "withdrawn", "answered_on": FIRST_DAY + 500 * DAY, "signed_before": False},
        500,
        "first",
    ),
    "a text without consequences": ({"has_consequences": False}, 2000, "grace"),
    "a text without grace": ({"grace_days": 0}, 1, "late"),
    "a text without any days": ({"grace_days": 0, "hidden_days": 0}, 1, "hidden"),
}


@pytest.mark.parametrize("who", TABLE)
def test_the_table(who: str) -> None:
    changes, days, stage = TABLE[who]
    assert duty(replace(ASKED, **changes), FIRST_DAY + days * DAY).stage == stage  # type: ignore[arg-type]


def test_the_dates_are_those_of_the_turns() -> None:
    told = duty(ASKED, FIRST_DAY)
    assert (told.grace_ends_on, told.hidden_on) == (FIRST_DAY + 30 * DAY, FIRST_DAY + 51 * DAY)


days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
people = st.builds(
    replace,
    st.just(ASKED),
    effective_on=days,
    grace_days=st.integers(0, 730),
    hidden_days=st.integers(0, 730),
    has_consequences=st.booleans(),
    bound_on=st.none() | days,
    answer=st.sampled_from([None, "signed", "refused", "withdrawn"]),
    answered_on=st.none() | days,
    signed_before=st.booleans(),
    is_exempt=st.booleans(),
    extended_on=st.none() | days,
)


def rank(told: Duty) -> int:
    return STAGES.index(told.stage)


@given(people, days, st.integers(0, 3000))
def test_a_stage_only_moves_forward_while_nothing_is_done(asked: Asked, day: date, later: int) -> None:
    assert rank(duty(asked, day)) <= rank(duty(asked, day + later * DAY))


@given(people, days)
def test_signing_settles_at_once(asked: Asked, day: date) -> None:
    told = duty(replace(asked, answer="signed", answered_on=day), day)
    assert (told.stage, told.is_asked, told.blocks_new, told.hides) == ("settled", False, False, False)


@given(people, days, days)
def test_more_time_never_makes_it_worse(asked: Asked, until: date, day: date) -> None:
    longer = replace(asked, extended_on=max(until, asked.extended_on or until))
    assert rank(duty(longer, day)) <= rank(duty(asked, day))


@given(people, days)
def test_a_refusal_is_no_worse_than_silence(asked: Asked, day: date) -> None:
    silent, refused = (replace(asked, answer=answer, answered_on=None) for answer in (None, "refused"))
    assert duty(silent, day).stage == duty(refused, day).stage


@given(people, days)
def test_what_is_said_agrees_with_what_happens(asked: Asked, day: date) -> None:
    """Until grace ends nothing changes for whoever signed before; on the day named she is hidden, no sooner."""
    told = duty(asked, day)
    if told.stage in {"settled", "exempt"}:
        assert (told.grace_ends_on, told.hidden_on) == (None, None)
        return
    assert told.grace_ends_on is not None
    assert told.hides == (asked.has_consequences and told.hidden_on is not None and day >= told.hidden_on)
    if asked.signed_before and asked.has_consequences:
        assert told.blocks_new == (day > told.grace_ends_on)


@given(people, days)
def test_nobody_is_excluded_and_nothing_but_what_is_new_is_kept_from_anyone(asked: Asked, day: date) -> None:
    """All that a duty can do: keep from bringing something new, and from the directory. There is no further stage."""
    told = duty(asked, day)
    acts = {name for name in dir(Duty) if isinstance(getattr(Duty, name), property)}
    assert (acts, told.stage in STAGES) == ({"is_asked", "blocks_new", "hides"}, True)
    assert asked.has_consequences or not (told.blocks_new or told.hides)


# --- since when somebody is bound -------------------------------------------------------------------------------------


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + day * DAY


STRETCHES = {
    "no role": ([], None),
    "one that runs": ([(at(5), None)], at(5)),
    "one that has ended": ([(at(5), at(8))], None),
    "certified after training, an hour later": ([(at(5), at(50)), (at(50, 10), None)], at(5)),
    "certified before the training ended": ([(at(5), at(50)), (at(40), None)], at(5)),
    "back after a year": ([(at(5), at(50)), (at(400), None)], at(400)),
    "the longer role runs on": ([(at(5), None), (at(300), at(310))], at(5)),
    "a chain of three": ([(at(5), at(10)), (at(10), at(20)), (at(20), None)], at(5)),
}


@pytest.mark.parametrize("stretch", STRETCHES)
def test_somebody_is_bound_since_the_stretch_of_roles_began(stretch: str) -> None:
    runs, since = STRETCHES[stretch]
    assert bound_since(runs, at(1000)) == since
