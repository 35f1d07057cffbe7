"""The record: append-only by the database itself, and any change that gets past it is found."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from supervision import clock
from supervision.audit import actions, queries
from supervision.audit.models import AuditEntry
from supervision.audit.routes import PAGE
from supervision.audit.rules import GENESIS, entry_hash
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import one, rows, together

As = Callable[[Person], FreshClient]


def unlock() -> None:
    """What somebody with the database's password could do, and the test does in her place."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_never_changes"))
    else:
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER audit_entry_no_{verb}"))


def numbers() -> list[int]:
    return rows(select(AuditEntry.number).order_by(AuditEntry.number))


def broken() -> int | None:
    db.session.expire_all()
    found = queries.first_broken_entry()
    db.session.commit()
    return found


@pytest.mark.parametrize("change", [update(AuditEntry).values(action="nothing"), delete(AuditEntry)])
def test_the_database_itself_refuses_to_change_the_record(app: Flask, cast: SimpleNamespace, change: Any) -> None:
    before = numbers()
    with pytest.raises(IntegrityError, match="never change"), db.session.begin_nested():
        db.session.execute(change)
    db.session.commit()
    assert (numbers(), broken()) == (before, None)


def test_each_entry_carries_the_hash_of_the_one_before(app: Flask, cast: SimpleNamespace) -> None:
    entries = rows(select(AuditEntry.previous_hash, AuditEntry.hash).order_by(AuditEntry.number))
    assert [previous for previous, _ in entries] == [GENESIS, *(own for _, own in entries[:-1])]
    assert broken() is None


CHANGES = {
    "at": lambda entry: entry.at + timedelta(microseconds=1),
    "actor_id": lambda _entry: new_id(),
    "action": lambda _entry: "case-read",
    "subject": lambda entry: entry.subject + "0",
    "facts": lambda _entry: {"role": "administrator", "extra": 1},
    "previous_hash": lambda _entry: "f" * 64,
    "hash": lambda _entry: "e" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("place", [0, 7, -1])
def test_an_altered_entry_is_named(app: Flask, cast: SimpleNamespace, column: str, place: int) -> None:
    number = numbers()[place]
    entry = one(select(AuditEntry).where(AuditEntry.number == number))
    unlock()
    altered = {column: CHANGES[column](entry)}
    db.session.execute(update(AuditEntry).where(AuditEntry.number == number).values(altered))
    assert broken() == number


@pytest.mark.parametrize("place", [0, 7])
def test_the_entry_after_a_removed_one_is_named(app: Flask, cast: SimpleNamespace, place: int) -> None:
    all_of_them = numbers()
    unlock()
    db.session.execute(delete(AuditEntry).where(AuditEntry.number == all_of_them[place]))
    assert broken() == all_of_them[place + 1]


def test_an_entry_slipped_in_is_named(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    forged = {"at": now, "actor_id": None, "action": "x", "subject": "x", "facts": {}, "previous_hash": GENESIS}
    own = entry_hash(**forged)
    db.session.execute(insert(AuditEntry).values(**forged, hash=own))
    assert broken() == numbers()[-1]


def test_an_altered_entry_with_its_hash_made_anew_breaks_the_next(app: Flask, cast: SimpleNamespace) -> None:
    first, second = numbers()[3:5]
    entry = one(select(AuditEntry).where(AuditEntry.number == first))
    names = ("at", "actor_id", "action", "subject", "facts", "previous_hash")
    altered = {name: getattr(entry, name) for name in names} | {"action": "nothing"}
    unlock()
    values = {"action": "nothing", "hash": entry_hash(**altered)}
    db.session.execute(update(AuditEntry).where(AuditEntry.number == first).values(values))
    assert broken() == second


def test_what_is_taken_back_leaves_no_entry_and_no_gap(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    before = numbers()
    with suppress(ZeroDivisionError), db.session.begin_nested():
        actions.record(actor_id=None, action="x", subject="x", now=now)
        raise ZeroDivisionError
    db.session.commit()
    actions.record(actor_id=None, action="y", subject="y", now=now)
    db.session.commit()
    assert (len(numbers()) - len(before), broken()) == (1, None)


@pytest.mark.parametrize(
    "facts", [{}, {"é": "œ", "b": 1, "a": [1, {"z": None, "y": True}]}, {"n": 2**53, "s": "\u2028"}]
)
def test_facts_come_back_from_the_database_as_they_were_hashed(
    app: Flask, cast: SimpleNamespace, now: datetime, facts: dict[str, Any]
) -> None:
    actions.record(actor_id=new_id(), action="x", subject="x", now=now, **facts)
    db.session.commit()
    assert broken() is None


def test_writers_at_once_keep_one_chain(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    counter, lock = iter(range(1000)), threading.Lock()

    def write() -> None:
        for _ in range(5):
            with app.app_context(), lock:
                number = next(counter)
            with app.app_context():
                actions.record(actor_id=None, action="x", subject=f"thing/{number}", now=clock.now())
                db.session.commit()

    with app.app_context():
        before = one(select(func.count()).select_from(AuditEntry))
    together(8, write)
    with app.app_context():
        subjects = rows(select(AuditEntry.subject).where(AuditEntry.action == "x"))
        assert (len(subjects), len(set(subjects))) == (40, 40)
        assert (one(select(func.count()).select_from(AuditEntry)) - before, broken()) == (40, None)


def test_people_who_sign_in_at_once_keep_one_chain(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    form = {"email": "ana@rives.example", "password": "un prisme transparent"}
    answers = together(6, lambda: app.test_client().post("/connexion", data=form).status_code)
    with app.app_context():
        assert (answers, broken()) == ([302] * 6, None)


ENTRY = {
    "at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "actor_id": UUID(int=1),
    "action": "role-granted",
    "subject": "person/1",
    "facts": {"role": "trainee"},
    "previous_hash": GENESIS,
}


def test_the_hash_of_an_entry_never_changes_its_meaning() -> None:
    """A new way of writing would make every older record look altered."""
    assert entry_hash(**ENTRY) == "868e8a95612658819b10199a46b428382e8c790ffa88afc4f233b5537c2522ff"  # type: ignore[arg-type]


def test_the_hash_is_of_the_instant_and_not_of_its_zone() -> None:
    elsewhere = ENTRY["at"].astimezone(timezone(timedelta(hours=5)))  # type: ignore[union-attr]
    assert entry_hash(**ENTRY | {"at": elsewhere}) == entry_hash(**ENTRY)  # type: ignore[arg-type]


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_two_different_entries_have_two_hashes(one_: tuple[str, str], other: tuple[str, str]) -> None:
    """« ab » of « c » is not « a » of « bc »."""
    hashes = {entry_hash(**ENTRY | {"action": a, "subject": s}) for a, s in (one_, other)}  # type: ignore[arg-type]
    assert len(hashes) == len({one_, other})


# --- the page ---------------------------------------------------------------------------------------------------------


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<td class="num"[^>]*>(\d+)<', page)]


def test_an_administrator_reads_the_record_page_by_page(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    for number in range(110):
        actions.record(actor_id=cast.ana.id, action="signed-in", subject=f"person/{number}", now=now)
    db.session.commit()
    ada, found, path = as_(cast.ada), [], "/journal"
    while path:
        page = ada.get(path).text
        found.append(shown(page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1] if following else ""
    assert [number for page in found for number in page] == numbers()[::-1]
    assert {len(page) for page in found[:-1]} == {PAGE}


@pytest.mark.parametrize("who", ["ana", "sam", "paul", "zoe"])
def test_for_everyone_else_there_is_no_record(as_: As, cast: SimpleNamespace, who: str) -> None:
    assert as_(getattr(cast, who)).get("/journal").status_code == 404


@pytest.mark.parametrize(
    "key",
    ["", "x", "0", "-1", "9" * 19, "9" * 40, "9" * 5000, "1.5", "%00", "%F0%9F%98%80"],
    ids=lambda value: value[:16],
)
def test_nonsense_in_the_address_starts_at_the_top(as_: As, cast: SimpleNamespace, key: str) -> None:
    ada = as_(cast.ada)
    answer = ada.get(f"/journal?avant={key}")
    assert (answer.status_code, shown(answer.text)) == (200, shown(ada.get("/journal").text))


def test_every_recorded_act_has_words(app: Flask, as_: As, cast: SimpleNamespace) -> None:
    page = as_(cast.ada).get("/journal").text
    acts_made = set(rows(select(AuditEntry.action)))
    assert acts_made <= set(app.jinja_env.globals["recorded_acts"])
    assert not any(f">{act}" in page for act in acts_made)
