"""A closed case is kept two years; its author is told before it is destroyed, and can hold it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision import COMPOSERS, clock
from supervision.association.queries import the_association
from supervision.association.rules import months_after
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import Case, CaseKey
from supervision.cases.retention import actions, queries
from supervision.cases.retention.models import Purge
from supervision.cases.rules import NotNow
from supervision.crypto import Keyring
from supervision.db import db
from supervision.mailer import Letter
from supervision.outbox.models import OutboxMail
from supervision.reminders import actions as reminders
from tests import desk
from tests.cases.retention.conftest import close
from tests.facts import acts, mails, one, rows

DAY = timedelta(days=1)


def due_on(closed_at: datetime, months: int = 24) -> date:
    association = the_association()
    assert association is not None
    return months_after(association.day_of(closed_at), months)


def on(day: date, hour: int = 12) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def plan(day: date) -> int:
    """What the worker does by day: the notices that are due are made, and leave."""
    made = reminders.plan(now=on(day))
    leave(on(day))
    return made


def leave(at: datetime, **outcome: Any) -> None:
    """Every notice that waits is handed over, or has another outcome."""
    for mail in mails("purge-notice"):
        if mail.sent_at is None and mail.skipped_at is None:
            for name, value in (outcome or {"sent_at": at}).items():
                setattr(mail, name, value)
    db.session.commit()


def night(day: date) -> list[UUID]:
    """What the worker does at night."""
    now = on(day, 3)
    gone = [case_id for case_id in queries.due_for_purge(now) if actions.purge_if_due(case_id=case_id, now=now)]
    db.session.commit()
    return gone


def stages() -> list[str]:
    return [mail.key.rpartition("/")[2] for mail in mails("purge-notice")]


def hold(actor: Any, case_id: UUID, until_on: date | None, keyring: Keyring, at: datetime, reason: str = "") -> None:
    file = desk.opened(case_id, at)
    actions.hold(actor=actor, file=file, until_on=until_on, reason=reason, keyring=keyring, now=at)
    db.session.commit()


# --- told, then gone --------------------------------------------------------------------------------------------------


def test_day_after_day_two_notices_go_out_and_then_the_key_is_destroyed(closed: UUID, now: datetime) -> None:
    due = due_on(now)
    days = [due + n * DAY for n in range(-40, 4)]
    told = [(day - due).days for day in days if plan(day)]
    gone = [(day - due).days for day in days if night(day)]
    assert (told, gone, stages()) == ([-30, -7], [0], ["-30d", "-7d"])


def test_planning_and_purging_a_hundred_times_is_planning_and_purging_once(closed: UUID, now: datetime) -> None:
    due = due_on(now)
    assert sum(plan(due - 5 * DAY) for _ in range(100)) == 1
    assert sum(len(night(due + 9 * DAY)) for _ in range(100)) == 1
    assert [act[0] for act in acts("case-purged")] == ["case-purged"]


def test_nobody_is_surprised_after_an_outage_or_a_shorter_policy(closed: UUID, now: datetime) -> None:
    """The notice comes first, and the purge a week after it, however late both are."""
    late = due_on(now) + 300 * DAY
    assert night(late) == []
    assert (plan(late), stages()) == (1, ["-7d"])
    assert [night(late + n * DAY) for n in (0, 6)] == [[], []]
    assert night(late + 8 * DAY) == [closed]


def test_a_notice_that_no_mail_server_took_lets_nothing_be_destroyed(closed: UUID, now: datetime) -> None:
    due = due_on(now)
    for before in (30, 7):
        reminders.plan(now=on(due - before * DAY))
    db.session.commit()
    assert [night(due), night(due + 400 * DAY)] == [[], []]
    leave(on(due + 400 * DAY))  # the mail server is back
    assert [night(due + (400 + n) * DAY) for n in (6, 8)] == [[], [closed]]


@pytest.mark.parametrize(
    ("outcome", "is_destroyed"),
    [
        ({"skipped_because": "person-left"}, True),  # nobody is left to be told
        ({"skipped_because": "purge-moved"}, False),
        ({"skipped_because": "later-stage"}, False),
        ({}, False),  # given up
    ],
)
def test_what_became_of_a_notice_decides_whether_a_case_is_destroyed(
    closed: UUID, now: datetime, outcome: dict[str, Any], is_destroyed: bool
) -> None:
    due = due_on(now)
    reminders.plan(now=on(due - 7 * DAY))
    db.session.commit()
    at = on(due - 7 * DAY)
    leave(at, **{"skipped_at": at, **outcome} if "skipped_because" in outcome else {"failed_at": at})
    assert night(due + DAY) == ([closed] if is_destroyed else [])


def test_a_case_that_is_open_is_never_destroyed(cast: SimpleNamespace, closed: UUID, now: datetime) -> None:
    due = due_on(now)
    plan(due - 30 * DAY)
    lifecycle.reopen(actor=cast.ana, file=desk.opened(closed), now=on(due - 20 * DAY))
    db.session.commit()
    assert (plan(due), night(due + 90 * DAY)) == (0, [])
    close(cast, closed, on(due))
    again = due_on(on(due))
    assert [plan(again - n * DAY) for n in (31, 30, 7)] == [0, 1, 1]  # armed anew
    assert night(again) == [closed]


def test_the_association_decides_how_long(closed: UUID, now: datetime) -> None:
    association = the_association()
    assert association is not None
    association.retention_months = 6
    db.session.commit()
    due = due_on(now, 6)
    plan(due - 7 * DAY)
    assert [night(due - DAY), night(due), night(due + DAY)] == [[], [], [closed]]  # a whole week after the notice


# --- held back --------------------------------------------------------------------------------------------------------


def test_the_author_holds_a_case_back_and_is_told_anew(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    due = due_on(now)
    plan(due - 30 * DAY)
    hold(cast.ana, closed, due + 100 * DAY, keyring, on(due - 20 * DAY))
    later = due + 100 * DAY
    assert (plan(due - 7 * DAY), night(due)) == (0, [])
    assert [plan(later - n * DAY) for n in (31, 30, 7)] == [0, 1, 1]
    assert (stages(), night(later)) == (["-30d", "-30d", "-7d"], [closed])


def test_a_committee_holds_without_an_end_and_lifting_it_does_not_destroy_at_once(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    due = due_on(now)
    for before in (30, 7):
        plan(due - before * DAY)
    hold(cast.paul, closed, None, keyring, on(due - DAY), "Une saisine.")
    assert night(due + 400 * DAY) == []
    lifted = due + 401 * DAY
    actions.lift(actor=cast.paul, file=desk.opened(closed), placed_by=[cast.paul.id], now=on(lifted))
    db.session.commit()
    assert night(lifted) == []  # the notices of back then do not count
    assert (plan(lifted), night(lifted + 8 * DAY)) == (1, [closed])


def test_a_new_hold_takes_the_place_of_the_former_and_lifting_twice_is_said(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    due = due_on(now)
    for days in (10, 20):
        hold(cast.ana, closed, due + days * DAY, keyring, now)
    standing = queries.standing_holds(closed, due)
    assert [held.until_on for held, _person in standing] == [due + 20 * DAY]
    actions.lift(actor=cast.ana, file=desk.opened(closed), placed_by=[cast.ana.id], now=now)
    with pytest.raises(NotNow):
        actions.lift(actor=cast.ana, file=desk.opened(closed), placed_by=[cast.ana.id], now=now)
    assert [act[0] for act in acts("case-held", "case-let-go")] == ["case-held", "case-held", "case-let-go"]


def test_what_is_purged_cannot_be_held(cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime) -> None:
    file = desk.opened(closed)
    actions.purge(file=desk.opened(closed), because="retention", now=now)
    with pytest.raises(NotNow):
        actions.hold(actor=cast.ana, file=file, until_on=due_on(now), reason="", keyring=keyring, now=now)


def test_what_changed_since_the_night_looked_it_up_is_not_purged(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    due = due_on(now)
    plan(due - 7 * DAY)
    assert queries.due_for_purge(on(due)) == [closed]
    hold(cast.ana, closed, due + 5 * DAY, keyring, on(due, 1))
    assert not actions.purge_if_due(case_id=closed, now=on(due, 3))
    assert rows(select(Purge.case_id)) == []


# --- the notice -------------------------------------------------------------------------------------------------------


def notice(closed: UUID, day: date) -> Any:
    (mail,) = mails("purge-notice")
    return COMPOSERS["purge-notice"](mail, on(day))


def test_a_notice_is_true_when_it_leaves(closed: UUID, now: datetime) -> None:
    due = due_on(now)
    plan(due - 30 * DAY)
    letter = notice(closed, due - 29 * DAY)
    assert isinstance(letter, Letter)
    assert f"/situations/{closed}#conservation" in letter.text


@pytest.mark.parametrize("what", ["purge-moved", "case-reopened", "case-purged", "later-stage"])
def test_a_notice_that_is_no_longer_true_does_not_leave(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime, what: str
) -> None:
    due = due_on(now)
    plan(due - 30 * DAY)
    at = on(due - 29 * DAY)
    if what == "purge-moved":
        hold(cast.ana, closed, due + 5 * DAY, keyring, at)
    elif what == "case-reopened":
        lifecycle.reopen(actor=cast.ana, file=desk.opened(closed), now=at)
    elif what == "case-purged":
        actions.purge(file=desk.opened(closed), because="retention", now=at)
    db.session.flush()
    skipped = notice(closed, due - 7 * DAY if what == "later-stage" else due - 29 * DAY)
    assert skipped.reason == what


# --- by clicks --------------------------------------------------------------------------------------------------------


def test_the_author_keeps_a_case_longer_by_her_own_page(
    as_: Any, cast: SimpleNamespace, closed: UUID, now: datetime
) -> None:
    ana, until = as_(cast.ana), due_on(now) + 90 * DAY
    assert ana.post(f"/situations/{closed}/garder", data={"until_on": str(until)}).status_code == 302
    page = ana.get(f"/situations/{closed}").get_data(as_text=True)
    assert "Vous la gardez au moins jusqu’au" in page
    assert ana.post(f"/situations/{closed}/ne-plus-garder").status_code == 302
    assert "Vous la gardez" not in ana.get(f"/situations/{closed}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("", "Donnez une date."),
        ("demain", "Donnez une date, sous la forme AAAA-MM-JJ."),
        ("2026-11-23", "Elle est gardée au moins jusque-là"),
        ("9999-12-31", "Au plus tard le"),
    ],
)
def test_another_day_is_refused_at_the_field(
    as_: Any, cast: SimpleNamespace, closed: UUID, sent: str, said: str
) -> None:
    refused = as_(cast.ana).post(f"/situations/{closed}/garder", data={"until_on": sent})
    assert (refused.status_code, said in refused.get_data(as_text=True)) == (422, True)
    assert queries.standing_holds(closed, clock.now().date()) == []


def test_only_the_author_of_a_closed_case_keeps_it(
    as_: Any, cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    waiting = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    sent = {"until_on": str(due_on(now) + DAY)}
    tried = [(cast.sam, closed), (cast.noor, closed), (cast.paul, closed), (cast.ana, waiting)]
    found = [as_(who).post(f"/situations/{case}/garder", data=sent).status_code for who, case in tried]
    assert found == [403, 404, 404, 403]


# --- the proof --------------------------------------------------------------------------------------------------------


def test_after_the_purge_nothing_opens_and_its_author_sees_the_proof(
    as_: Any, cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    ana, sam = as_(cast.ana), as_(cast.sam)
    before = ana.get(f"/situations/{closed}").get_data(as_text=True)
    assert [desk.SITUATION["account"].split("\n")[0] in before, desk.FEEDBACK["paths"] in before] == [True, True]
    actions.purge(file=desk.opened(closed), because="retention", now=now)
    db.session.commit()
    page, proof = ana.get(f"/situations/{closed}").get_data(as_text=True), one(select(Purge))
    written = (*desk.SITUATION.values(), *(v for k, v in desk.FEEDBACK.items() if k != "frame_ethics"))
    assert [text for text in written if text in page] == []
    assert all(said in page for said in ("Situation purgée", proof.key_hash, "Une sauvegarde faite avant ce jour"))
    assert rows(select(CaseKey).where(CaseKey.case_id == closed)) == []
    assert sam.get(f"/situations/{closed}").status_code == 404
    assert "Situation purgée" in ana.get("/situations").get_data(as_text=True)
    assert (proof.pieces, proof.because) == (3, "retention")


def test_the_proof_says_when_backups_no_longer_open(
    as_: Any, cast: SimpleNamespace, closed: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.purge(file=desk.opened(closed), because="retention", now=now)
    db.session.commit()
    monkeypatch.setattr("supervision.crypto.Keyring.oldest", 2)
    page = as_(cast.ana).get(f"/situations/{closed}").get_data(as_text=True)
    assert "les anciennes sauvegardes ne s’ouvrent plus non plus" in page


def test_a_purge_without_its_proof_is_found(
    cast: SimpleNamespace, closed: UUID, keyring: Keyring, now: datetime
) -> None:
    assert queries.first_unproven() is None
    actions.purge(file=desk.opened(closed), because="retention", now=now)
    assert queries.first_unproven() is None
    db.session.add(CaseKey(case_id=closed, generation=1, wrapped=b"planted"))
    db.session.flush()
    assert "has a key" in (queries.first_unproven() or "")
    db.session.query(CaseKey).filter_by(case_id=closed).delete()
    other = desk.bring(cast.ana, cast.sam, keyring, now)
    proof = {"because": "retention", "generation": 1, "key_hash": "0" * 64, "pieces": 1}
    db.session.add(Purge(case_id=other, purged_at=now, **proof))
    db.session.query(CaseKey).filter_by(case_id=other).delete()
    db.session.flush()
    assert "does not hold the purge" in (queries.first_unproven() or "")


def test_looking_for_what_is_due_costs_the_same_with_one_three_and_many(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, statements: desk.Count
) -> None:
    costs = []
    for more in (1, 2, 57):
        for case_id in desk.many(more, cast.ana, cast.sam, keyring, now, state="published"):
            close(cast, case_id, now)
        due = due_on(now)
        plan(due - 7 * DAY)
        statements()
        assert len(queries.due_for_purge(on(due))) == len(rows(select(Case.id)))
        costs.append(len(statements()))
    assert costs[0] == costs[1] == costs[2]


def test_every_mail_planned_is_of_its_kind(closed: UUID, now: datetime) -> None:
    reminders.plan(now=on(due_on(now) - 7 * DAY))
    kinds = rows(select(OutboxMail.kind).where(OutboxMail.sent_at.is_(None)))
    assert kinds == ["purge-notice"]
