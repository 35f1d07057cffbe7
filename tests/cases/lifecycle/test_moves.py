"""Every move and every refusal, from a table: first as a rule, then through the doors, in every state of a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from supervision import clock
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.retention import actions as retention
from supervision.cases.rules import MOVES, STATES, CaseFacts, as_author_sees, moves, state
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from tests import desk
from tests.client import FreshClient
from tests.facts import undone

As = Callable[[Person], FreshClient]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

# --- the rule ---------------------------------------------------------------------------------------------------------

# A: the author may · S: the supervisor may · B: both may · -: nobody may.
RULE = """
                 save submit discard withdraw supplement revise hand-over ask-supplement write-feedback publish set-deadline recall answer correct message close reopen
draft            A    A      A       -        -          -      -         -              -              -       -            -      -      -       -       -     -
withdrawn        A    A      A       -        -          -      -         -              -              -       -            -      -      -       -       -     -
submitted        -    -      -       A        A          A      A         S              S              S       S            -      -      -       -       -     -
supplement-asked -    -      -       -        A          A      A         -              S              S       S            -      -      -       -       -     -
being-read       -    -      -       -        A          A      A         S              S              S       S            -      -      -       -       -     -
publishing       -    -      -       -        A          A      A         -              -              -       -            S      -      -       -       -     -
published        -    -      -       -        -          A      -         -              -              -       -            -      A      S       -       -     -
read             -    -      -       -        -          A      -         -              -              -       -            -      A      S       -       A     -
answered         -    -      -       -        -          A      -         -              -              -       -            -      -      S       B       B     -
worked           -    -      -       -        -          A      -         -              -              -       -            -      A      S       B       B     -
closed           -    -      -       -        -          -      -         -              -              -       -            -      -      -       -       -     B
purged           -    -      -       -        -          -      -         -              -              -       -            -      -      -       -       -     -
"""  # noqa: E501
SIDES = {"A": {"author"}, "S": {"supervisor"}, "B": {"author", "supervisor"}, "-": set()}


def rule_table() -> dict[str, dict[str, set[str]]]:
    header, *lines = (line.split() for line in RULE.strip().splitlines())
    return {name: {move: SIDES[cell] for move, cell in zip(header, cells, strict=True)} for name, *cells in lines}


def facts_in(name: str) -> CaseFacts:
    """The dates of a case that is in this state at noon."""
    dates: dict[str, dict[str, datetime]] = {
        "draft": {},
        "withdrawn": {"withdrawn_at": NOON},
        "submitted": {},
        "supplement-asked": {"opened_at": NOON, "asked_at": NOON},
        "being-read": {"opened_at": NOON},
        "publishing": {"signed_at": NOON, "published_at": NOON + timedelta(minutes=10)},
        "published": {"signed_at": NOON - HOUR, "published_at": NOON},
        "read": {"signed_at": NOON - HOUR, "published_at": NOON - HOUR, "read_at": NOON},
        "answered": {"published_at": NOON - HOUR, "read_at": NOON, "answered_at": NOON},
        "worked": {"published_at": NOON - HOUR, "read_at": NOON, "worked_at": NOON},
        "closed": {"published_at": NOON - HOUR, "answered_at": NOON, "closed_at": NOON},
        "purged": {"published_at": NOON - HOUR, "closed_at": NOON, "purged_at": NOON},
    }
    return CaseFacts(submitted_at=None if name == "draft" else NOON - HOUR, **dates[name])


def test_the_dates_of_a_case_put_it_in_each_state() -> None:
    assert {name: state(facts_in(name), NOON) for name in STATES} == {name: name for name in STATES}


def test_what_may_be_recalled_does_not_exist_for_its_addressee() -> None:
    seen = {name: as_author_sees(name) for name in STATES}
    assert seen == {name: name for name in STATES} | {"publishing": "being-read"}


def test_a_feedback_is_out_at_the_exact_instant() -> None:
    facts, out = facts_in("publishing"), NOON + timedelta(minutes=10)
    at = [state(facts, out - timedelta(microseconds=1)), state(facts, out)]
    assert at == ["publishing", "published"]


@pytest.mark.parametrize("name", STATES)
def test_each_side_may_what_the_table_says(name: str) -> None:
    facts, has_draft = facts_in(name), name in {"draft", "withdrawn"}
    may = {side: moves(facts, side, NOON, has_draft=has_draft, ever_read=False) for side in ("author", "supervisor")}
    assert {move: {side for side in may if move in may[side]} for move in rule_table()[name]} == rule_table()[name]


def test_the_table_names_every_move() -> None:
    named = set(next(iter(rule_table().values())))
    assert {move for sides in MOVES.values() for side in sides.values() for move in side} == named
    assert set(rule_table()) == set(MOVES) == set(STATES)


def test_what_somebody_has_read_is_not_taken_back() -> None:
    facts = facts_in("submitted")
    unread, read = (moves(facts, "author", NOON, has_draft=False, ever_read=seen) for seen in (False, True))
    assert unread - read == {"withdraw"}


@pytest.mark.parametrize("name", sorted(set(STATES) - {"draft", "withdrawn", "closed", "purged"}))
def test_a_revision_under_way_is_written_sent_or_thrown_away_first(name: str) -> None:
    facts = facts_in(name)
    without, with_draft = (
        moves(facts, "author", NOON, has_draft=drafting, ever_read=False) for drafting in (False, True)
    )
    gained, lost = with_draft - without, without - with_draft
    assert (gained, lost) == ({"save", "submit", "discard"}, without & {"revise", "withdraw", "close"})


# --- the doors --------------------------------------------------------------------------------------------------------

TEXT = {"text": "Deux lignes de plus."}
DOORS: dict[str, tuple[str, Callable[[SimpleNamespace], dict[str, Any]]]] = {
    "withdraw": ("retirer", lambda cast: {}),
    "supplement": ("complement", lambda cast: TEXT | {"press": str(new_id())}),
    "revise": ("reviser", lambda cast: {}),
    "ask-supplement": ("demander-un-complement", lambda cast: TEXT),
    "set-deadline": ("echeance", lambda cast: {"due_on": (clock.now() + timedelta(days=60)).date().isoformat()}),
    "recall": ("retour/reprendre", lambda cast: {}),
    "correct": ("retour/completer", lambda cast: {"correction": "Une ligne."} | {"press": str(new_id())}),
    "answer": ("reponse", lambda cast: desk.ANSWER),
    "message": ("mot", lambda cast: {"message": "Un mot."} | {"press": str(new_id())}),
    "close": ("clore", lambda cast: {}),
    "reopen": ("rouvrir", lambda cast: {}),
}


def bring_to(name: str, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """A case of Ana's with Sam that is in this state now."""
    at = now - timedelta(days=3)
    if name == "draft":
        return desk.draft(cast.ana, keyring, at)
    case_id = desk.bring(cast.ana, cast.sam, keyring, at)
    for step in STEPS[name]:
        at += HOUR
        step(case_id, cast, keyring, at if step is not _sign_now else now)
    return case_id


def _open(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    desk.actions.record_reading(file=desk.opened(case_id, at), reader=cast.sam, now=at)


def _open_feedback(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    desk.actions.record_reading(file=desk.opened(case_id, at), reader=cast.ana, now=at)


def _withdraw(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    lifecycle.withdraw(author=cast.ana, file=desk.opened(case_id, at), keyring=keyring, now=at)


def _ask(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    lifecycle.ask_supplement(supervisor=cast.sam, file=desk.opened(case_id, at), text="Qui ?", keyring=keyring, now=at)


def _respond(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    desk.respond(cast.sam, case_id, keyring, at)


def _sign_now(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    desk.sign(cast.sam, case_id, keyring, at)


def _answer(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    desk.answer(cast.ana, case_id, keyring, at)


def _close(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    lifecycle.close(actor=cast.ana, file=desk.opened(case_id, at), now=at)


def _purge(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> None:
    retention.purge(file=desk.opened(case_id, at), because="retention", now=at)


Step = Callable[[UUID, SimpleNamespace, Keyring, datetime], None]
STEPS: dict[str, list[Step]] = {
    "withdrawn": [_withdraw],
    "submitted": [],
    "supplement-asked": [_open, _ask],
    "being-read": [_open],
    "publishing": [_open, _sign_now],
    "published": [_open, _respond],
    "read": [_open, _respond, _open_feedback],
    "answered": [_open, _respond, _open_feedback, _answer],
    "closed": [_open, _respond, _open_feedback, _answer, _close],
    "purged": [_open, _respond, _open_feedback, _answer, _close, _purge],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["draft", *STEPS])
def test_each_door_opens_to_each_side_as_the_table_says(
    name: str, app: Flask, as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = bring_to(name, cast, keyring, now)
    db.session.commit()
    assert desk.opened(case_id, now).state(now) == name
    db.session.commit()

    def answered(move: str, person: Person) -> int:
        path, form = DOORS[move]
        with undone(app):
            return browsers[person].again().post(f"/situations/{case_id}/{path}", data=form(cast)).status_code

    def expected(move: str, side: str) -> int:
        if side == "supervisor" and name in {"draft", "withdrawn", "purged"}:
            return 404  # what is not, or no longer, with the supervisor does not exist for her
        return 302 if side in rule_table()[name][move] else 403

    sides = {"author": cast.ana, "supervisor": cast.sam}
    browsers = {person: as_(person) for person in sides.values()}
    found = {(move, side): answered(move, person) for move in DOORS for side, person in sides.items()}
    # A second answer is told that the first one was sent, which is kinder than a refusal.
    if name in {"answered", "closed", "purged"}:
        found.pop(("answer", "author"), None)
    assert found == {(move, side): expected(move, side) for move, side in found}


@pytest.mark.parametrize("move", sorted(DOORS))
def test_nobody_else_finds_a_door(
    move: str, app: Flask, as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = bring_to("being-read", cast, keyring, now)
    db.session.commit()
    path, form = DOORS[move]
    strangers = (cast.noor, cast.lee, cast.ada, cast.ines, cast.paul, cast.zoe)
    answers = {as_(person).post(f"/situations/{case_id}/{path}", data=form(cast)).status_code for person in strangers}
    assert answers == {404}
