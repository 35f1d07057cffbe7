"""The same thing done twice at the same moment, with real commits on both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision import clock
from supervision.audit import queries as audit
from supervision.cases import actions as cases
from supervision.cases.feedback.models import Answer, Feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import Case, CaseDraft, CaseReading, CaseVersion, Withdrawal
from supervision.cases.rules import UNDO, NotNow
from supervision.db import db
from supervision.demo import association as demo
from supervision.ids import new_id
from supervision.outbox.models import OutboxMail
from supervision.people import queries as people
from tests import desk
from tests.client import FreshClient


def browser(app: Flask, who: str) -> FreshClient:
    client: FreshClient = app.test_client()  # type: ignore[assignment]
    with app.app_context():
        person = people.person_by_email(demo.email_of(who))
        assert person is not None
        client.sign_in(person)
    return client


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gives back when all start together; an exception is given back too."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[position] = act()
        except Exception as error:
            results[position] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(app: Flask, model: Any) -> int:
    with app.app_context(), Session(db.engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def supervisor_of(app: Flask) -> Any:
    with app.app_context():
        return people.person_by_email(demo.email_of("sam"))


@pytest.fixture
def app(fresh_stack: Callable[..., Flask]) -> Flask:
    return fresh_stack()


@pytest.mark.slow
def test_the_path_survives_every_click_being_made_four_times_at_once(app: Flask) -> None:
    """One path and not seven tests: each would need a database of its own."""
    ana, sam = browser(app, "ana"), browser(app, "sam")
    anas, sams = [copy(app, ana) for _ in range(4)], [copy(app, sam) for _ in range(4)]
    key = new_id()

    begun = at_once(*[lambda c=c: desk.begin(c, key) for c in anas])
    assert [response.status_code for response in begun] == [302] * 4
    assert len({response.location for response in begun}) == count(app, Case) == count(app, CaseDraft) == 1
    case_id: UUID = desk.id_in(begun[0])

    form = desk.situation_form(supervisor_of(app), 1)
    saved = at_once(*[lambda c=c: desk.save(c, case_id, form, partial=True) for c in anas])
    assert sorted(response.status_code for response in saved) == [200, 409, 409, 409]

    submitted = at_once(*[lambda c=c: desk.submit(c, case_id, {**form, "revision": 2}) for c in anas])
    assert {(r.status_code, r.location) for r in submitted} == {(302, f"/situations/{case_id}")}
    assert (count(app, CaseVersion), count(app, CaseDraft), kinds(app)) == (1, 0, {"case-submitted": 1})

    opened = at_once(*[lambda c=c: c.get(f"/situations/{case_id}") for c in sams])
    assert [response.status_code for response in opened] == [200] * 4
    assert count(app, CaseReading) == 4

    first = at_once(*[lambda c=c: desk.feed_back(c, case_id, partial=True) for c in sams])
    assert sorted(response.status_code for response in first) == [200, 409, 409, 409]

    seen = version_of(app, case_id)
    published = at_once(*[lambda c=c: desk.publish(c, case_id, 1, seen=seen) for c in sams])
    assert {(r.status_code, r.location) for r in published} == {(302, f"/situations/{case_id}")}
    assert (count(app, Feedback), kinds(app)) == (1, {"case-submitted": 1, "feedback-published": 1})

    clock.shift_by(UNDO)
    answered = at_once(*[lambda c=c: c.post(f"/situations/{case_id}/reponse", data=desk.ANSWER) for c in anas])
    assert {(r.status_code, r.location) for r in answered} == {(302, f"/situations/{case_id}")}
    assert (count(app, Answer), kinds(app)["feedback-answered"]) == (1, 1)
    clock.shift_by(timedelta())
    with app.app_context():
        assert audit.first_broken_entry() is None


def version_of(app: Flask, case_id: UUID) -> str:
    with app.app_context():
        return desk.latest_version(case_id)


def copy(app: Flask, client: FreshClient) -> FreshClient:
    """The same browser in another thread."""
    other: FreshClient = app.test_client()  # type: ignore[assignment]
    cookie = client.get_cookie("prisme")
    assert cookie is not None
    other.set_cookie("prisme", cookie.value)
    return other


def kinds(app: Flask) -> dict[str, int]:
    with app.app_context(), Session(db.engine) as session:
        return dict(session.execute(select(OutboxMail.kind, func.count()).group_by(OutboxMail.kind)).all())  # type: ignore[arg-type]


@pytest.mark.slow
def test_publishing_unsaved_feedback_four_times_at_once_publishes_one(app: Flask) -> None:
    case_id = brought(app)
    sams = [copy(app, browser(app, "sam")) for _ in range(4)]
    seen = version_of(app, case_id)
    published = at_once(*[lambda c=c: desk.publish(c, case_id, seen=seen) for c in sams])
    assert {(r.status_code, r.location) for r in published} == {(302, f"/situations/{case_id}")}
    assert (count(app, Feedback), kinds(app)) == (1, {"case-submitted": 1, "feedback-published": 1})


def brought(app: Flask) -> UUID:
    ana = browser(app, "ana")
    case_id = desk.id_in(desk.begin(ana))
    desk.submit(ana, case_id, desk.situation_form(supervisor_of(app), 1))
    return case_id


@pytest.mark.slow
def test_whichever_of_save_submit_and_discard_comes_first_the_others_are_told(app: Flask) -> None:
    ana = browser(app, "ana")
    anas = [copy(app, ana) for _ in range(3)]
    form = desk.situation_form(supervisor_of(app), 1)
    for _ in range(6):
        case_id = desk.id_in(desk.begin(ana))
        answers = at_once(
            partial(desk.save, anas[0], case_id, form, partial=True),
            partial(desk.submit, anas[1], case_id, form),
            partial(anas[2].post, f"/situations/{case_id}/jeter"),
        )
        assert [a.status_code for a in answers if a.status_code not in {200, 302, 404, 409}] == []
    assert count(app, CaseVersion) == kinds(app).get("case-submitted", 0)


@pytest.mark.slow
def test_six_writers_of_fifty_saves_each_never_see_a_locked_database(app: Flask) -> None:
    """SQLite's deferred BEGIN answered 229 of 300 such requests with 500 where it was tried."""
    writers = [browser(app, who) for who in ("ana", "lee", "sam", "noor", "paul", "zoe")]
    drafts = [desk.id_in(desk.begin(client)) for client in writers]

    def write(client: FreshClient, case_id: UUID) -> list[int]:
        saves = ({"revision": n, "account": f"jet {n}"} for n in range(1, 51))
        return [desk.save(client, case_id, form, partial=True).status_code for form in saves]

    results = at_once(*[lambda pair=pair: write(*pair) for pair in zip(writers, drafts, strict=True)])
    assert results == [[200] * 50] * 6
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(CaseDraft.revision)).all() == [51] * 6


@pytest.mark.slow
def test_officers_refused_at_reading_doors_while_others_write_never_fail(app: Flask) -> None:
    """The refusal is recorded: a request that began to read must write."""
    case_id = brought(app)
    ada, lee = browser(app, "ada"), browser(app, "lee")
    draft = desk.id_in(desk.begin(lee))

    def knock() -> list[int]:
        return [ada.get(f"/situations/{case_id}/retour").status_code for _ in range(30)]

    def write() -> list[int]:
        forms = ({"revision": n, "account": "x"} for n in range(1, 31))
        return [desk.save(lee, draft, form, partial=True).status_code for form in forms]

    assert at_once(knock, write) == [[404] * 30, [200] * 30]


@pytest.mark.slow
@pytest.mark.parametrize("first", ["read", "withdraw"])
def test_of_a_withdrawal_and_a_first_reading_at_the_same_moment_the_second_sees_the_first(
    app: Flask, first: str
) -> None:
    """Both have looked at the case before either of them writes; the first commits while the second is under way."""
    case_id, has_written, gate = brought(app), threading.Event(), threading.Barrier(2)

    def act(what: str) -> str:
        with app.app_context():
            file, now = desk.opened(case_id), clock.now()
            assert file.supervisor is not None
            db.session.commit()
            gate.wait(timeout=30)
            if what != first:
                has_written.wait(timeout=10)
            try:
                if what == "read":
                    cases.record_reading(file=file, reader=file.supervisor, now=now)
                else:
                    lifecycle.withdraw(author=file.author, file=file, keyring=app.extensions["keyring"], now=now)
            except NotNow:
                return "refused"
            has_written.set()
            time.sleep(0.3)  # the other one comes now, and waits
            db.session.commit()
            return "done"

    second = "withdraw" if first == "read" else "read"
    assert at_once(partial(act, first), partial(act, second)) == ["done", "refused"]
    assert (count(app, CaseReading), count(app, Withdrawal)) == ((1, 0) if first == "read" else (0, 1))
