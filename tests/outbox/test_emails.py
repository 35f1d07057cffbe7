"""Every mail in both languages, compared whole with its golden file.

A wording changes together with its golden file: `UPDATE_GOLDEN=1 pytest tests/outbox/test_emails.py` writes them anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import update

from supervision import COMPOSERS
from supervision.agreements.models import Agreement
from supervision.association.queries import the_association
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.retention import queries as retention
from supervision.cases.rules import UNDO
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology import actions as deontology
from supervision.deontology import queries as texts
from supervision.deontology.authoring import actions as authoring
from supervision.deontology.authoring.actions import sample_code
from supervision.deontology.authoring.editing import begun_from
from supervision.deontology.models import Acknowledgement, TextDraft
from supervision.deontology.referrals import actions as referrals
from supervision.deontology.referrals.actions import Opening
from supervision.deontology.referrals.models import Referral
from supervision.emails import letter as render
from supervision.ids import new_id
from supervision.mailer import Letter, build
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people.models import Person
from supervision.sign_in.models import SingleUseLink
from tests import desk
from tests.scheduling.tables import a_session

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "emails"
NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
PUBLIC_URL = "https://prisme.example"
WRITTEN = {**desk.SITUATION, **desk.FEEDBACK, **desk.ANSWER}
SECRETS = [text for name, text in WRITTEN.items() if text and name != "frame_ethics"]
CAMILLE = "Camille D'Arcy & Roy <b>"  # everything that HTML writes otherwise
TEXTS = (
    ("confidentialite", "Confidentialité du groupe", "Confidentiality of the group"),
    ("donnees-personnelles", "Données personnelles", "Personal data"),
)
THIRD_PERSONS = ("Sam", "Delcourt", "Noor", "Haddad", "Ada", "Koné", "Ferreira")


@pytest.fixture(autouse=True)
def at_its_public_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.config["SETTINGS"], public_url=PUBLIC_URL, secret_key="s" * 48)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    monkeypatch.setitem(app.config, "SECRET_KEY", settings.secret_key)


@pytest.fixture
def mails(cast: SimpleNamespace, keyring: Keyring) -> dict[str, OutboxMail]:
    """One mail of each kind, all to the same person: Camille, who trains with Ana and with whom Lee trains."""
    camille = Person(
        id=UUID(int=1), email="camille@x.example", email_key="camille@x.example", display_name=CAMILLE,
        name_key=CAMILLE.lower(), language="fr", zone="Europe/Paris", created_at=NOW,
    )  # fmt: skip
    db.session.add(camille)
    db.session.flush()
    received, brought = bring(cast.lee, camille, keyring), bring(camille, cast.sam, keyring)
    ask_of_author(cast, brought, keyring)
    due_on = (NOW - timedelta(hours=3)).date().isoformat()  # two weeks after it was brought
    closed = close_long_ago(cast.sam, camille, keyring)
    links = {kind: link(camille, kind, hours) for kind, hours in (("invitation", 7 * 24), ("reset", 2))}
    of_supervisor = ("case-submitted", "feedback-due", "feedback-answered", "supplement-given")
    of_author = ("feedback-published", "feedback-corrected", "supplement-asked", "message-written", "handover-proposed")
    subjects = {
        **dict.fromkeys(of_supervisor, received),
        **dict.fromkeys((*of_author, "glass-broken", "window-moved"), brought),
        "purge-notice": closed,
        "agreement-proposed": propose(camille, cast.noor),
        "answer-receipt": answered(camille),
        **links,
    }
    facts = {
        "feedback-due": {"stage": 0, "awaited_on": due_on},
        "feedback-published": {"feedback": str(new_id())},
        "purge-notice": purge_facts(closed),
        "window-moved": open_to_group(cast.sam, camille, brought),
    }
    subjects |= texts_for(camille, cast)
    subjects["word-waiting"], facts["word-waiting"] = answered_by_committee(camille, cast.paul, keyring)
    facts |= {"text-due": {"stage": "ending"}, "text-review": {"text": "confidentialite", "revision": 1}}
    made = {kind: mail(camille, kind, subjects.get(kind, camille.id), facts.get(kind, {})) for kind in COMPOSERS}
    db.session.commit()
    return made


def bring(author: Person, supervisor: Person, keyring: Keyring) -> UUID:
    agreement = Agreement(
        id=new_id(), supervisee_id=author.id, supervisor_id=supervisor.id, starts_on=NOW.date(), proposed_at=NOW,
        proposed_by=author.id, supervisee_signed_at=NOW, supervisor_signed_at=NOW,
    )  # fmt: skip
    db.session.add(agreement)
    return desk.bring(author, supervisor, keyring, NOW - timedelta(days=14, hours=3))


def ask_of_author(cast: SimpleNamespace, case_id: UUID, keyring: Keyring) -> None:
    """A supplement and a handover wait for the author's answer."""
    file = desk.opened(case_id, NOW)
    lifecycle.ask_supplement(supervisor=cast.sam, file=file, text="Combien ?", keyring=keyring, now=NOW)
    author_id = file.case.author_id
    lifecycle.propose_handover(actor=cast.ines, supervisor=cast.noor, case_id=case_id, author_id=author_id, now=NOW)


def close_long_ago(supervisor: Person, author: Person, keyring: Keyring) -> UUID:
    """Closed so long ago that it is purged in three weeks."""
    at = NOW - timedelta(days=730 - 21)
    case_id = desk.bring(author, supervisor, keyring, at)
    lifecycle.close(actor=author, file=desk.opened(case_id, at), now=at)
    return case_id


def open_to_group(supervisor: Person, author: Person, case_id: UUID) -> dict[str, Any]:
    """Read by a group from tomorrow on."""
    session = a_session(supervisor, NOW + timedelta(days=8), [author])
    file = desk.opened(case_id, NOW)
    lifecycle.open_to_session(author=author, file=file, session_id=session.id, now=NOW)
    window = {"opens_at": session.opens_at.isoformat(), "closes_at": session.closes_at.isoformat()}
    return {"session": str(session.id), **window}


def purge_facts(case_id: UUID) -> dict[str, Any]:
    association = the_association()
    assert association is not None
    kept = retention.keeping(case_id, association)
    assert kept is not None
    return {"purge_on": str(kept.purge_on), "stage": retention.stage_of(kept, association.day_of(NOW))}


def texts_for(camille: Person, cast: SimpleNamespace) -> dict[str, UUID]:
    """Five days are left to sign one, its next version is announced, one more in review; another is made clearer."""
    for role in ("certified", "committee"):
        people.grant_role(actor=None, person=camille, role=role, now=NOW - timedelta(days=200))
    for place, (slug, name_fr, name_en) in enumerate(TEXTS, 1):
        deontology.add_kind(
            slug=slug, name_fr=name_fr, name_en=name_en, position=place, is_public=False, has_consequences=True
        )
    first = {"actor": None, "number": 1, "change": "major", "texts": sample_code()}
    second = {"actor": None, "number": 2, "texts": sample_code(), "now": NOW}
    ends_soon = NOW - timedelta(days=25)
    due = deontology.publish(kind="confidentialite", effective_on=ends_soon.date(), now=ends_soon, **first)
    in_two_weeks = NOW + timedelta(days=15)
    announced = deontology.publish(kind="confidentialite", change="major", effective_on=in_two_weeks.date(), **second)
    long_ago = NOW - timedelta(days=100)
    deontology.publish(kind="donnees-personnelles", effective_on=long_ago.date(), now=long_ago, **first)
    clearer = deontology.publish(
        kind="donnees-personnelles", change="minor", effective_on=in_two_weeks.date(), **second
    )
    words = {**begun_from(sample_code()), "summary_fr": "Un article.", "summary_en": "An article."}
    authoring.begin(actor=cast.paul, kind="confidentialite", content=words, now=NOW)
    db.session.execute(update(TextDraft).values(review_asked_by=cast.paul.id, review_asked_at=NOW))
    return {"text-due": due.id, "text-announced": announced.id, "text-informed": clearer.id}


def answered_by_committee(author: Person, member: Person, keyring: Keyring) -> tuple[UUID, dict[str, Any]]:
    """A word of the committee that its reader has not seen."""
    opening = Opening(kind="referral", title="Une promesse", fields={"account": desk.SITUATION["account"]})
    made = referrals.open_referral(author=author, opening=opening, press=new_id(), keyring=keyring, now=NOW)
    fields = {"text": desk.FEEDBACK["questions"]}
    referral = db.session.get_one(Referral, made)
    entry = referrals.write(
        actor=member, referral=referral, kind="message", fields=fields, press=new_id(), keyring=keyring, now=NOW
    )
    return made, {"entry": str(entry)}


def propose(supervisee: Person, supervisor: Person) -> UUID:
    agreement = Agreement(
        id=new_id(), supervisee_id=supervisee.id, supervisor_id=supervisor.id, starts_on=NOW.date(), proposed_at=NOW,
        proposed_by=supervisor.id, supervisor_signed_at=NOW,
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    return agreement.id


def answered(person: Person) -> UUID:
    """The receipt of a signature, whose number is in its address."""
    version = texts.version_by_number(1)
    assert version is not None
    row = Acknowledgement(
        id=new_id(), number=1024, person_id=person.id, version_id=version.id, language="fr", text_sha256="",
        sentence="", typed_name=CAMILLE, answer="signed", shown="whole", authenticated_how="password", code="C" * 16,
        answered_at=NOW, previous_hash="", row_hash="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def link(person: Person, kind: str, hours: int) -> UUID:
    made = SingleUseLink(
        id=UUID(int=hours), kind=kind, person_id=person.id, made_at=NOW, expires_at=NOW + timedelta(hours=hours)
    )
    db.session.add(made)
    return made.id


def mail(person: Person, kind: str, subject_id: UUID, facts: dict[str, Any]) -> OutboxMail:
    return OutboxMail(
        id=new_id(), key=f"{kind}/1", kind=kind, person_id=person.id, subject_id=subject_id, facts=facts,
        created_at=NOW, due_at=NOW, attempts=0,
    )  # fmt: skip


def composed(mail: OutboxMail, language: str) -> Letter:
    person = db.session.get_one(Person, mail.person_id)
    person.language, person.zone = language, "Europe/Paris" if language == "fr" else "Europe/London"
    db.session.flush()
    letter = COMPOSERS[mail.kind](mail, NOW)
    assert not isinstance(letter, NoLongerTrue), letter
    return letter


CASES = [(kind, language) for kind in COMPOSERS for language in ("fr", "en")]


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_a_mail_says_what_its_golden_file_says(mails: dict[str, OutboxMail], kind: str, language: str) -> None:
    letter = composed(mails[kind], language)
    head = f"To: {letter.to_name} <{letter.to_email}>\nSubject: {letter.subject}\n\n"
    compare(f"{kind}.{language}.txt", same_ids(head + letter.text))
    compare(f"{kind}.{language}.html", same_ids(letter.html))


def same_ids(text: str) -> str:
    text = re.sub(r"/situations/[0-9a-f-]{36}", "/situations/CASE", text)
    return re.sub(r"/a-lire/[0-9a-f-]{36}", "/a-lire/WORD", text)


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.read_text() == text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_next_version_of_a_situation_says_that_it_is_one_under_the_same_subject(
    mails: dict[str, OutboxMail], cast: SimpleNamespace, keyring: Keyring, language: str
) -> None:
    submitted = mails["case-submitted"]
    first = composed(submitted, language)
    camille, case_id = db.session.get_one(Person, submitted.person_id), submitted.subject_id
    lifecycle.revise(file=desk.opened(case_id, NOW), keyring=keyring, now=NOW)
    desk.hand_in(cast.lee, camille, case_id, keyring, NOW)
    second = composed(submitted, language)
    assert second.subject == first.subject
    compare(f"case-submitted-again.{language}.txt", same_ids(second.text))
    compare(f"case-submitted-again.{language}.html", same_ids(second.html))


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_a_mail_names_nobody_else_and_quotes_nothing(mails: dict[str, OutboxMail], kind: str, language: str) -> None:
    letter = composed(mails[kind], language)
    whole = f"{letter.subject}\n{letter.text}\n{letter.html}"
    assert [word for word in (*SECRETS, *THIRD_PERSONS, "Lee", "Marchand") if word in whole] == []
    assert CAMILLE in whole  # the bait: a name would be seen


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_every_link_is_absolute_and_the_same_in_text_and_html(
    mails: dict[str, OutboxMail], kind: str, language: str
) -> None:
    letter = composed(mails[kind], language)
    in_text = re.findall(r"https?://\S+", letter.text)
    assert len(in_text) == 1
    assert in_text[0].startswith(PUBLIC_URL + "/")
    assert set(re.findall(r'href="([^"]*)"', letter.html)) == set(in_text)
    assert re.findall(r"<(?:img|script|link|iframe)\b|url\(", letter.html) == []


@pytest.mark.parametrize("kind", list(COMPOSERS))
def test_the_languages_differ_and_subjects_are_short(mails: dict[str, OutboxMail], kind: str) -> None:
    french, english = composed(mails[kind], "fr"), composed(mails[kind], "en")
    assert french.subject != english.subject
    assert french.text != english.text
    assert max(len(french.subject), len(english.subject)) <= 50
    assert (french.language, english.language) == ("fr", "en")


@pytest.mark.parametrize("kind", list(COMPOSERS))
def test_nobody_is_written_to_whose_account_is_closed(mails: dict[str, OutboxMail], kind: str) -> None:
    db.session.get_one(Person, mails[kind].person_id).deactivated_at = NOW
    assert COMPOSERS[kind](mails[kind], NOW) == NoLongerTrue("person-left")


@pytest.mark.parametrize("kind", ["invitation", "reset"])
def test_a_link_that_no_longer_works_is_not_sent(mails: dict[str, OutboxMail], kind: str) -> None:
    mail = mails[kind]
    assert COMPOSERS[kind](mail, NOW + timedelta(days=8)) == NoLongerTrue("link-not-usable")
    db.session.get_one(SingleUseLink, mail.subject_id).used_at = NOW
    assert COMPOSERS[kind](mail, NOW) == NoLongerTrue("link-not-usable")


def test_an_answer_is_not_announced_to_a_supervisor_who_can_no_longer_open_it(
    mails: dict[str, OutboxMail],
) -> None:
    answered = mails["feedback-answered"]
    assert isinstance(COMPOSERS["feedback-answered"](answered, NOW), Letter)
    for agreement in db.session.query(Agreement).filter_by(supervisor_id=answered.person_id):
        agreement.ended_at = NOW
    db.session.flush()
    assert COMPOSERS["feedback-answered"](answered, NOW) == NoLongerTrue("no-longer-supervisor")


@pytest.mark.parametrize("kind", ["supplement-asked", "handover-proposed"])
def test_nothing_is_asked_of_an_author_whose_feedback_is_out(
    mails: dict[str, OutboxMail], cast: SimpleNamespace, keyring: Keyring, kind: str
) -> None:
    desk.sign(cast.sam, mails[kind].subject_id, keyring, NOW)
    out_at = NOW + UNDO
    assert isinstance(COMPOSERS[kind](mails[kind], out_at - timedelta(seconds=1)), Letter)  # it may still be recalled
    assert COMPOSERS[kind](mails[kind], out_at) == NoLongerTrue("feedback-published")


def test_only_the_html_of_a_mail_is_escaped(mails: dict[str, OutboxMail]) -> None:
    made = render(
        db.session.get_one(Person, mails["reset"].person_id),
        template="sign_in/reset",
        subject=lambda: gettext("Bonjour %(name)s,", name=CAMILLE),
        url=PUBLIC_URL,
        expires_at=NOW,
    )
    assert made.subject == f"Bonjour {CAMILLE},"
    assert made.text.splitlines()[0] == f"Bonjour {CAMILLE},"
    assert "<p>Bonjour Camille D'Arcy &amp; Roy &lt;b&gt;,</p>" in html_of(made)
    assert "<b>" not in made.html.split("</title>")[1]


def html_of(made: Letter) -> str:
    """An apostrophe may be written either way."""
    return made.html.replace("&#39;", "'")


def test_the_message_carries_what_keeps_robots_from_answering(mails: dict[str, OutboxMail]) -> None:
    letter = composed(mails["reset"], "fr")
    message: Any = build(letter, sender="Prisme <no@x.example>", message_id="<1@x.example>", now=NOW)
    named = ("Subject", "From", "To", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language")
    assert {name: str(message[name]) for name in named} == {
        "Subject": letter.subject,
        "From": "Prisme <no@x.example>",
        "To": f'"{CAMILLE}" <camille@x.example>',
        "Message-ID": "<1@x.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "fr",
    }
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "\r" not in message.get_body(("plain",)).get_content()
