"""A feedback that is taken back within its ten minutes, or written in two tabs: nothing that was written is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from supervision import clock
from supervision.cases import texts
from supervision.cases.feedback import actions
from supervision.cases.feedback.rules import joined
from supervision.cases.rules import UNDO, Conflict
from supervision.crypto import Keyring
from supervision.db import db
from supervision.outbox.delivery import deliver
from supervision.reminders import actions as reminders
from tests import desk
from tests.facts import mails
from tests.outbox.servers import scripted


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, with Sam since fourteen days: a reminder is due."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now - timedelta(days=14, hours=1))
    db.session.commit()
    return brought


def recall(who: Any, case_id: UUID, keyring: Keyring, now: datetime) -> None:
    actions.recall(author=who, file=desk.opened(case_id, now), keyring=keyring, now=now)


def test_an_autosave_that_crossed_the_publication_is_neither_in_the_way_of_the_recall_nor_lost_by_it(
    cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    looked_before = desk.opened(case_id, now)
    desk.sign(cast.sam, case_id, keyring, now)
    crossing = {**desk.FEEDBACK, "heard": "Autre chose, dans un autre onglet.", "resonances": "Un écho."}
    autosave = {"author": cast.sam, "file": looked_before, "fields": crossing, "keyring": keyring, "now": now}
    revision = actions.save(revision=0, **autosave)
    recall(cast.sam, case_id, keyring, now)
    draft = texts.feedback_draft(desk.opened(case_id, now), keyring) or {}
    assert draft == {
        **desk.FEEDBACK,
        "heard": f"{desk.FEEDBACK['heard']}\n\nAutre chose, dans un autre onglet.",
        "resonances": "Un écho.",
    }
    with pytest.raises(Conflict):  # the page of that tab is shown both
        actions.save(revision=revision, **{**autosave, "file": desk.opened(case_id, now)})


def test_what_was_signed_comes_first_and_nothing_is_said_twice() -> None:
    one, other = {"quote": "a", "text": "Une note."}, {"quote": "b", "text": "Une autre."}
    signed = {"heard": "Tout ce que j’ai entendu.", "follow_up_on": "2027-03-01", "notes": [{**one, "start": 3}]}
    left = {"heard": "Tout ce", "paths": "Un chemin.", "follow_up_on": "2027-01-01", "notes": [one, other]}
    assert joined(signed, left) == {**signed, "paths": "Un chemin.", "notes": [{**one, "start": 3}, other]}
    assert joined(signed, {}) == signed


def test_a_reminder_skipped_for_a_feedback_that_is_then_recalled_leaves_after_all(
    app: Flask, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    reminders.plan(now=now)
    desk.sign(cast.sam, case_id, keyring, now)
    db.session.commit()
    kinds = ("case-submitted", "feedback-due")
    with scripted({}) as server:
        post = replace(app.extensions["post"], smtp_url=server.url)
        deliver(post)
        skipped = [mail.skipped_because for kind in kinds for mail in mails(kind)]
        recall(cast.sam, case_id, keyring, clock.now())
        db.session.commit()
        deliver(post)
    assert skipped == ["feedback-published"] * 2
    assert [(mail.skipped_because, mail.sent_at is not None) for kind in kinds for mail in mails(kind)] == [
        (None, True)
    ] * 2


def test_a_reminder_that_had_left_before_is_not_sent_again_by_a_recall(
    app: Flask, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    reminders.plan(now=now)
    db.session.commit()
    with scripted({}) as server:
        post = replace(app.extensions["post"], smtp_url=server.url)
        deliver(post)
        desk.sign(cast.sam, case_id, keyring, clock.now())
        recall(cast.sam, case_id, keyring, clock.now() + UNDO / 2)
        reminders.plan(now=clock.now())
        db.session.commit()
        before = len(server.bodies)
        deliver(post)
        assert (before, len(server.bodies)) == (2, 2)


# --- two tabs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["publish", "", "preview"])
def test_a_second_tab_gets_back_what_it_has_written_when_the_feedback_is_published_in_the_first(
    as_: Any, cast: SimpleNamespace, case_id: UUID, then: str
) -> None:
    sam = as_(cast.sam)
    assert desk.publish(sam, case_id).status_code == 302
    note = {"notes-0-quote": "Le groupe", "notes-0-text": "Une note de plus."}
    late = desk.publish(sam, case_id, resonances="Écrit dans l’autre onglet.", then=then, **note)
    assert late.status_code == 409
    said = ("Ce retour est déjà publié.", "Écrit dans l’autre onglet.", "Une note de plus.")
    assert [one for one in said if one not in late.text] == []
    assert desk.FEEDBACK["heard"] not in late.text  # that is published


def test_a_double_click_and_an_autosave_are_only_told_that_it_is_published(
    as_: Any, cast: SimpleNamespace, case_id: UUID
) -> None:
    sam = as_(cast.sam)
    assert [desk.publish(sam, case_id).status_code for _ in range(2)] == [302, 302]
    late = desk.feed_back(sam, case_id, partial=True, resonances="Écrit dans l’autre onglet.")
    assert (late.status_code, "Écrit dans l’autre onglet." in late.text) == (409, False)  # it stands on the page still
