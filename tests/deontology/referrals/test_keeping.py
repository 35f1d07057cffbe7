"""A closed referral is kept for the association's months, then its key is destroyed; master keys change under it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervision import crypto, master_keys
from supervision.audit.models import AuditEntry
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.referrals import actions, keeping, queries
from supervision.deontology.referrals.actions import Opening
from supervision.deontology.referrals.emails import word_waiting
from supervision.deontology.referrals.models import Referral
from supervision.deontology.referrals.rules import NotNow
from supervision.ids import new_id
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from tests.client import FreshClient

As = Callable[[Person], FreshClient]
OPENING = Opening(kind="question", title="Enregistrer", fields={"account": "Puis-je enregistrer ?"})
MONTHS = 24


def opened(author: Person, keyring: Keyring, at: datetime) -> Referral:
    made = actions.open_referral(author=author, opening=OPENING, press=new_id(), keyring=keyring, now=at)
    return db.session.get_one(Referral, made)


def say(actor: Person, referral: Referral, kind: str, keyring: Keyring, at: datetime) -> UUID | None:
    return actions.write(
        actor=actor, referral=referral, kind=kind, fields={"text": "Clos."}, press=new_id(), keyring=keyring, now=at
    )


@pytest.fixture
def closed(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> Referral:
    """For a little more than the association's two years."""
    at = now - timedelta(days=60)
    found = opened(cast.ana, keyring, at)
    say(cast.paul, found, "conclusion", keyring, at)
    long_ago = now - timedelta(days=MONTHS * 31)
    db.session.execute(update(Referral).values(closed_at=long_ago))
    db.session.expire_all()
    return found


# --- the purge --------------------------------------------------------------------------------------------------------


def test_only_what_was_closed_long_enough_is_due(
    cast: SimpleNamespace, closed: Referral, keyring: Keyring, now: datetime
) -> None:
    opened(cast.lee, keyring, now - timedelta(days=85))
    late = opened(cast.lee, keyring, now - timedelta(days=80))
    say(cast.paul, late, "conclusion", keyring, now)
    assert list(keeping.due_for_purge(now)) == [closed.id]


def test_a_purge_leaves_nothing_to_open_and_its_proof(
    as_: As, cast: SimpleNamespace, closed: Referral, now: datetime
) -> None:
    assert keeping.purge_if_due(referral_id=closed.id, now=now)
    assert not keeping.purge_if_due(referral_id=closed.id, now=now)
    assert keeping.first_unproven() is None
    db.session.commit()
    facts = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "referral-purged")).one()
    assert (facts.actor_id, facts.facts["pieces"]) == (None, 3)
    page = f"/deontologie/saisines/{closed.id}"
    for person in (cast.ana, cast.paul):
        shown = as_(person).get(page)
        assert (shown.status_code, "Échange détruit" in shown.text, "Enregistrer" in shown.text) == (200, True, False)
        for kind, door in (("message", "mot"), ("reopening", "rouvrir")):
            data = {f"{kind}-text": "Encore.", f"{kind}-press": str(new_id())}
            assert as_(person).post(f"{page}/{door}", data=data).status_code == 409
    assert "Échange détruit" in as_(cast.ana).get("/deontologie/saisines").text


def test_a_purge_that_the_record_does_not_hold_is_named(closed: Referral, now: datetime) -> None:
    keeping.purge_if_due(referral_id=closed.id, now=now)
    db.session.execute(update(Referral).values(purged_key_hash="0" * 64))
    db.session.expire_all()
    assert str(closed.id) in (keeping.first_unproven() or "")


def test_whoever_reopens_first_keeps_it(
    cast: SimpleNamespace, closed: Referral, keyring: Keyring, now: datetime
) -> None:
    say(cast.ana, closed, "reopening", keyring, now)
    assert not keeping.purge_if_due(referral_id=closed.id, now=now)


def test_nothing_is_added_to_what_is_destroyed(
    cast: SimpleNamespace, closed: Referral, keyring: Keyring, now: datetime
) -> None:
    keeping.purge_if_due(referral_id=closed.id, now=now)
    with pytest.raises(NotNow):
        say(cast.ana, closed, "reopening", keyring, now)


# --- master keys ------------------------------------------------------------------------------------------------------


def test_a_rotation_wraps_the_keys_of_referrals_too(
    app: Flask, cast: SimpleNamespace, tmp_path: Path, now: datetime
) -> None:
    file = tmp_path / "own.keys"
    file.write_bytes(app.config["SETTINGS"].master_key_file.read_bytes())
    ring = Keyring(file)
    found = opened(cast.ana, ring, now)
    db.session.commit()
    assert master_keys.rotate(ring, file, now) == 1
    db.session.expire_all()
    found = db.session.get_one(Referral, found.id)
    assert (found.generation, queries.title_of(found, Keyring(file))) == (2, "Enregistrer")
    assert master_keys.forget_retired(file) == [1]
    assert queries.title_of(found, Keyring(file)) == "Enregistrer"


def test_a_generation_that_a_referral_still_needs_is_not_forgotten(
    app: Flask, cast: SimpleNamespace, tmp_path: Path, now: datetime
) -> None:
    file = tmp_path / "own.keys"
    file.write_bytes(app.config["SETTINGS"].master_key_file.read_bytes())
    ring = Keyring(file)
    found = opened(cast.ana, ring, now)
    before = found.wrapped
    master_keys.rotate(ring, file, now)
    db.session.execute(update(Referral).values(generation=1, wrapped=before))
    assert master_keys.forget_retired(file) == []
    assert master_keys.rotate(ring, file, now) == 1
    assert sorted(crypto.read_key_file(file)) == [1, 2]


# --- the condition of a mail is looked at again -----------------------------------------------------------------------


def mail_to(person: Person) -> OutboxMail:
    return db.session.scalars(select(OutboxMail).where(OutboxMail.person_id == person.id)).one()


def test_a_mail_is_sent_only_to_whoever_may_and_must_still_read(
    cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    found = opened(cast.ana, keyring, now)
    assert isinstance(word_waiting(mail_to(cast.paul), now), Letter)
    actions.record_reading(referral=found, reader=cast.paul, now=now + timedelta(minutes=1))
    db.session.flush()
    assert word_waiting(mail_to(cast.paul), now) == NoLongerTrue("word-read")
    actions.step_aside(actor=cast.maud, referral=found, now=now)
    assert word_waiting(mail_to(cast.maud), now) == NoLongerTrue("word-not-theirs")


def test_a_mail_about_what_is_destroyed_is_not_sent(closed: Referral, cast: SimpleNamespace, now: datetime) -> None:
    keeping.purge_if_due(referral_id=closed.id, now=now)
    assert word_waiting(mail_to(cast.ana), now) == NoLongerTrue("word-not-theirs")
