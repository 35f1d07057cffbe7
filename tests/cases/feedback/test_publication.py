"""Ten minutes in which a feedback can be taken back, its preview, and what follows it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import clock
from supervision.cases import texts
from supervision.cases.feedback.models import Correction, Feedback, FeedbackDraft, Message
from supervision.cases.feedback.rules import LENSES
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.rules import UNDO
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox.delivery import deliver
from tests import desk
from tests.facts import mails, rows
from tests.outbox.servers import scripted

BAIT = "Nommer le silence."  # of desk.FEEDBACK


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, submitted to Sam."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    return brought


def url(case_id: UUID, door: str = "") -> str:
    return f"/situations/{case_id}{door}"


def page_of(client: Any, case_id: UUID, query: str = "") -> str:
    response = client.get(url(case_id, query))
    assert response.status_code == 200
    text: str = response.text
    return text


# --- the ten minutes --------------------------------------------------------------------------------------------------


def test_for_ten_minutes_only_its_writer_sees_it_and_no_mail_is_due(
    as_: Any, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    sam, ana = as_(cast.sam), as_(cast.ana)
    desk.publish(sam, case_id)
    mine = page_of(sam, case_id)
    assert BAIT in mine
    assert "jusque-là vous pouvez le reprendre" in mine
    (mail,) = mails("feedback-published")
    assert UNDO <= mail.due_at - now < UNDO + timedelta(minutes=1)
    for page in (page_of(ana, case_id), ana.get("/").text, ana.get("/situations").text):
        assert [bait for bait in (BAIT, "Retour à lire", "Lire le retour") if bait in page] == []
    clock.shift_by(UNDO)
    assert BAIT in page_of(ana, case_id)
    assert "jusque-là vous pouvez le reprendre" not in page_of(sam, case_id)


@pytest.mark.parametrize("recalled", [False, True])
def test_the_mail_leaves_after_ten_minutes_and_not_before_and_never_if_it_is_recalled(
    app: Flask, as_: Any, cast: SimpleNamespace, case_id: UUID, recalled: bool
) -> None:
    sam = as_(cast.sam)
    with scripted({}) as server:
        post = replace(app.extensions["post"], smtp_url=server.url)
        deliver(post)  # what the submission has put there
        desk.publish(sam, case_id)
        before = len(server.bodies)
        clock.shift_by(UNDO - timedelta(minutes=1))
        assert deliver(post) == 0
        if recalled:
            sam.post(url(case_id, "/retour/reprendre"))
        clock.shift_by(UNDO)
        assert deliver(post) == 1
    assert len(server.bodies) - before == (0 if recalled else 1)
    (mail,) = mails("feedback-published")
    assert mail.skipped_because == ("feedback-recalled" if recalled else None)
    assert [body for body in server.bodies if BAIT in str(body)] == []


def test_a_recalled_feedback_is_a_draft_again_and_its_mail_is_not_sent(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    sam = as_(cast.sam)
    desk.publish(sam, case_id)
    back = sam.post(url(case_id, "/retour/reprendre"))
    assert (back.status_code, back.location) == (302, url(case_id, "/retour"))
    assert texts.feedback_draft(desk.opened(case_id), keyring) == desk.FEEDBACK
    db.session.commit()
    clock.shift_by(UNDO * 2)
    assert BAIT not in page_of(as_(cast.ana), case_id)
    assert sam.post(url(case_id, "/retour/reprendre")).status_code == 403
    assert desk.publish(sam, case_id, 1).status_code == 302
    assert len(rows(select(Feedback.id))) == 2


def test_after_ten_minutes_it_cannot_be_recalled(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    desk.publish(sam, case_id)
    clock.shift_by(UNDO)
    assert sam.post(url(case_id, "/retour/reprendre")).status_code == 403
    assert BAIT in page_of(as_(cast.ana), case_id)


# --- the editor and the preview ---------------------------------------------------------------------------------------


def test_every_field_reaches_the_author_in_words(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    told: dict[str, Any] = {"resonances": "De l’impatience, en vous lisant.", "to_session": "y", "lenses": list(LENSES)}
    assert desk.publish(as_(cast.sam), case_id, **told, frame_ethics="to-work-on").status_code == 302
    clock.shift_by(UNDO)
    page = page_of(as_(cast.ana), case_id)
    for said in (
        *(text for name, text in desk.FEEDBACK.items() if name not in {"questions", "follow_up_on", "frame_ethics"}),
        "De l’impatience, en vous lisant.",
        "lundi 1er mars 2027",
        "le groupe, l’intervention, la relation, l’intervenant·e, la supervision, moi, le contexte",
        "À travailler en séance",
        "À apporter en séance",
    ):
        assert said in page


def test_a_day_that_is_past_is_refused_at_publication_and_kept_in_the_draft(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    page = desk.publish(as_(cast.sam), case_id, follow_up_on="2020-01-01")
    assert page.status_code == 422
    assert 'id="follow_up_on-error"' in page.text
    assert "Cette date est passée." in page.text
    draft = texts.feedback_draft(desk.opened(case_id), keyring) or {}
    assert draft["follow_up_on"] == "2020-01-01"


def test_the_preview_is_the_page_of_the_author(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    sent: dict[str, Any] = {"notes-0-quote": "Personne ne parle.", "notes-0-text": "Et vous ?"}
    answer = desk.feed_back(sam, case_id, 0, then="preview", **sent)
    assert (answer.status_code, answer.location) == (302, url(case_id, "/retour/apercu"))
    preview = page_of(sam, case_id, "/retour/apercu")
    assert desk.opened(case_id).feedback is None
    db.session.commit()
    published = sam.post(url(case_id, "/retour/publier"), data=hidden(preview))
    assert (published.status_code, published.location) == (302, url(case_id))
    clock.shift_by(UNDO)
    assert letter(page_of(as_(cast.ana), case_id)) == letter(preview)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(revision|seen)" value="([^"]*)"', page))


def letter(page: str) -> str:
    """The situation with its margin, and the feedback; the instant is that of the publication."""
    body = page[page.index('<section class="part"') : page.index("</dl>", page.index('id="retour"'))]
    return re.sub(r"<time.*?</time>", "", body)


def test_a_preview_of_what_is_not_finished_leads_to_what_is_missing(
    as_: Any, cast: SimpleNamespace, case_id: UUID
) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, 0, paths="")
    assert "Publier le retour" not in page_of(sam, case_id, "/retour/apercu")
    sent = sam.post(url(case_id, "/retour/publier"), data={"revision": "1", "seen": desk.latest_version(case_id)})
    assert sent.location == url(case_id, "/retour?verifier=1")
    assert 'id="paths-error"' in sam.get(sent.location).text
    assert desk.opened(case_id).feedback is None


def test_publishing_from_an_old_preview_publishes_nothing(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    sam = as_(cast.sam)
    desk.feed_back(sam, case_id, 0)
    old = hidden(page_of(sam, case_id, "/retour/apercu"))
    desk.feed_back(sam, case_id, 1, heard="Réécrit dans un autre onglet.")
    assert sam.post(url(case_id, "/retour/publier"), data=old).location == url(case_id, "/retour?verifier=1")
    assert desk.opened(case_id).feedback is None


@pytest.mark.parametrize("seen", ["", "x", "01a20484-2a11-7247-b47e-badab0cfde99"])
def test_a_page_that_lost_its_version_publishes_nothing(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, seen: str
) -> None:
    page = desk.publish(as_(cast.sam), case_id, seen=seen)
    assert page.status_code == 409
    file = desk.opened(case_id)
    assert file.feedback is None
    assert texts.feedback_draft(file, keyring) == desk.FEEDBACK


@pytest.mark.parametrize("name", ["heard", "resonances", "experiment"])
def test_a_megabyte_is_refused_with_a_sentence_and_comes_back(
    as_: Any, cast: SimpleNamespace, case_id: UUID, name: str
) -> None:
    sent: dict[str, Any] = {name: "a" * 1_000_000}
    page = desk.publish(as_(cast.sam), case_id, **sent)
    assert page.status_code == 422
    assert f'id="{name}-error"' in page.text
    assert (rows(select(Feedback.id)), rows(select(FeedbackDraft.version_id))) == ([], [])


def test_a_withdrawn_situation_takes_no_feedback(
    as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring
) -> None:
    lifecycle.withdraw(author=cast.ana, file=desk.opened(case_id), keyring=keyring, now=clock.now())
    db.session.commit()
    sam = as_(cast.sam)
    assert desk.publish(sam, case_id).status_code == 404
    assert sam.get(url(case_id, "/retour")).status_code == 404
    assert sam.get(url(case_id, "/retour/apercu")).status_code == 404


# --- what follows -----------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(case_id: UUID, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    desk.respond(cast.sam, case_id, keyring, now)
    desk.answer(cast.ana, case_id, keyring, now)
    db.session.commit()
    return case_id


def test_a_correction_is_added_below_with_its_date_and_one_mail(
    as_: Any, cast: SimpleNamespace, answered: UUID
) -> None:
    sam, sent = as_(cast.sam), {"press": str(new_id()), "correction": "J’avais mal lu <b>la fin</b>."}
    for _press in range(2):
        assert sam.post(url(answered, "/retour/completer"), data=sent).location == url(answered)
    assert len(rows(select(Correction.id))) == 1
    assert [mail.person_id for mail in mails("feedback-corrected")] == [cast.ana.id]
    page = page_of(as_(cast.ana), answered)
    assert "J’avais mal lu &lt;b&gt;la fin&lt;/b&gt;." in page
    assert "Ajouté au retour\u00a0: Sam Delcourt" in page
    assert BAIT in page


def test_both_sides_write_until_it_is_closed(as_: Any, cast: SimpleNamespace, answered: UUID) -> None:
    for who, other, text in ((cast.ana, cast.sam, "Merci."), (cast.sam, cast.ana, "À bientôt <i>.")):
        sent = {"press": str(new_id()), "message": text}
        for _press in range(2):
            assert as_(who).post(url(answered, "/mot"), data=sent).location == url(answered)
        assert [mail.person_id for mail in mails("message-written")][-1] == other.id
    assert len(rows(select(Message.id))) == 2
    page = page_of(as_(cast.ana), answered)
    assert page.index("Merci.") < page.index("À bientôt &lt;i&gt;.")
    as_(cast.ana).post(url(answered, "/clore"))
    sent = {"press": str(new_id()), "message": "Trop tard."}
    assert as_(cast.sam).post(url(answered, "/mot"), data=sent).status_code == 403
    closed = page_of(as_(cast.sam), answered)
    assert "Rouvrir la situation" in closed
    assert "Merci." in closed
    as_(cast.sam).post(url(answered, "/rouvrir"))
    assert as_(cast.sam).post(url(answered, "/mot"), data=sent).status_code == 302


@pytest.mark.parametrize(("door", "name"), [("/mot", "message"), ("/retour/completer", "correction")])
def test_an_empty_or_endless_word_is_refused_at_its_field(
    as_: Any, cast: SimpleNamespace, answered: UUID, door: str, name: str
) -> None:
    for text in ("", " \u200b ", "a" * 1_000_000):
        page = as_(cast.sam).post(url(answered, door), data={"press": str(new_id()), name: text})
        assert page.status_code == 422
        assert f'id="{name}-error"' in page.text
    assert as_(cast.sam).post(url(answered, door), data={"press": "x", name: "Un mot."}).status_code == 400
    assert (rows(select(Message.id)), rows(select(Correction.id))) == ([], [])


def test_the_supervisor_sees_when_it_was_read(as_: Any, cast: SimpleNamespace, case_id: UUID, keyring: Keyring) -> None:
    desk.respond(cast.sam, case_id, keyring, clock.now())
    db.session.commit()
    assert "lu par Ana Ferreira le" not in page_of(as_(cast.sam), case_id)
    page_of(as_(cast.ana), case_id)
    assert "lu par Ana Ferreira le" in page_of(as_(cast.sam), case_id)


def test_the_whole_thread_is_on_one_page_in_order(
    as_: Any, cast: SimpleNamespace, answered: UUID, keyring: Keyring, now: datetime
) -> None:
    later = now + timedelta(days=1)
    lifecycle.revise(file=desk.opened(answered, later), keyring=keyring, now=later)
    desk.hand_in(cast.ana, cast.sam, answered, keyring, later, account="Le groupe arrive à l’heure.")
    file = desk.opened(answered, later)
    lifecycle.ask_supplement(supervisor=cast.sam, file=file, text="Combien étaient-ils ?", keyring=keyring, now=later)
    lifecycle.supplement(
        author=cast.ana,
        file=desk.opened(answered, later),
        text="Onze.",
        press=new_id(),
        keyring=keyring,
        now=later + timedelta(hours=1),
    )
    db.session.commit()
    clock.shift_by(timedelta(days=2))
    page = page_of(as_(cast.sam), answered)
    parts = ["Le groupe arrive à l’heure.", BAIT, "Le groupe a ri.", "Combien étaient-ils", "Onze."]
    assert sorted(parts, key=page.index) == parts
    assert "Version 2 de 2" in page
    assert "Le groupe arrive en retard." not in page
    assert "Le groupe arrive en retard." in page_of(as_(cast.sam), answered, "?version=1")
    changed = page_of(as_(cast.sam), answered, "?version=2&changements=1")
    assert "<ins>à l’heure.</ins>" in changed
    for nonsense in ("9", "x", "-1", "9" * 40):
        assert "Version 2 de 2" in page_of(as_(cast.sam), answered, f"?version={nonsense}")


def test_who_waits_for_what_is_said_on_the_page(as_: Any, cast: SimpleNamespace, case_id: UUID) -> None:
    assert "Retour attendu avant le" in page_of(as_(cast.ana), case_id)
    day = (clock.now() + timedelta(days=3)).date().isoformat()
    as_(cast.sam).post(url(case_id, "/echeance"), data={"due_on": day})
    assert "Retour annoncé au plus tard le" in page_of(as_(cast.ana), case_id)


def test_a_proposed_handover_is_for_the_author_to_decide(
    as_: Any, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    lifecycle.propose_handover(actor=cast.ines, supervisor=cast.noor, case_id=case_id, author_id=cast.ana.id, now=now)
    db.session.commit()
    page = page_of(as_(cast.ana), case_id)
    assert "Accepter Noor" in page
    assert 'id="proposition"' not in page_of(as_(cast.sam), case_id)
    assert as_(cast.ana).post(url(case_id, "/proposition/accepter")).status_code == 302
    assert as_(cast.sam).get(url(case_id)).status_code == 404
    assert as_(cast.noor).get(url(case_id)).status_code == 200


def test_the_page_of_a_long_thread_costs_what_a_short_one_costs(
    as_: Any, cast: SimpleNamespace, answered: UUID, keyring: Keyring, statements: desk.Count
) -> None:
    costs = []
    for count in (1, 2, 20):
        for _message in range(count):
            sent = {"press": str(new_id()), "message": "Un mot."}
            as_(cast.sam).post(url(answered, "/mot"), data=sent)
        page_of(as_(cast.ana), answered)
        statements()
        page_of(as_(cast.ana), answered)
        costs.append(len(statements()))
    assert costs[0] == costs[1] == costs[2], costs
