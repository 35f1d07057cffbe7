"""A believable association for a first look, built through the actions that people's own clicks would call.

Its people are the permanent cast of the tests too: Ana and Lee in training, Sam and Noor who supervise, Ada and Inès
who run the association in the evening, Paul and Maud of the deontology committee, Zoé whose agreement has ended.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.association import actions as association
from supervision.association.models import Association
from supervision.cases import actions as cases
from supervision.cases.feedback import actions as feedback
from supervision.cases.form.rules import AT
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring
from supervision.db import db
from supervision.demo import code_of_ethics, files, follow_ups, group_session, next_texts, referrals
from supervision.demo.follow_ups import file_of
from supervision.deontology import actions as deontology
from supervision.deontology import queries as code
from supervision.deontology.actions import Given
from supervision.deontology.coverage import actions as coverage
from supervision.ids import new_id
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people import queries as people_queries
from supervision.people.models import Person
from supervision.sign_in import passwords

PASSWORD = "un prisme transparent"  # noqa: S105 - of the demonstration, printed at its start
NAME = "Association Rives et Passages (démonstration)"


@dataclass(frozen=True)
class Role:
    key: str
    name: str
    roles: tuple[str, ...]
    language: str = "fr"


CAST = (
    Role("ana", "Ana Ferreira", ("trainee",)),
    Role("sam", "Sam Delcourt", ("supervisor", "certified")),
    Role("noor", "Noor Haddad", ("supervisor", "certified")),
    Role("lee", "Lee Marchand", ("trainee",), "en"),
    Role("ada", "Ada Koné", ("administrator", "secretary")),
    Role("ines", "Inès Caron", ("administrator", "coordinator")),
    Role("paul", "Paul Weber", ("certified", "committee")),
    Role("maud", "Maud Olivier", ("certified", "committee")),
    Role("zoe", "Zoé Lambert", ("certified",)),
)
STILL_UNREAD = "dirigeant-qui-demande-des-noms"  # the situation whose answer waits for its reader
SUPERVISED_BY = {"ana": "sam", "lee": "noor", "sam": "noor", "paul": "sam", "maud": "noor"}


def email_of(key: str) -> str:
    return f"{key}@rives.example"


def is_filled() -> bool:
    return people_queries.person_by_email(email_of("ana")) is not None


def sign_ins() -> str:
    """How the cast signs in, a line each."""
    lines = [f"  {email_of(role.key):22} {role.name:15} {', '.join(role.roles)}" for role in CAST]
    return "\n".join([*lines, f"  password of everyone:  {PASSWORD}"])


def fill(*, keyring: Keyring, now: datetime) -> dict[str, Person]:
    """Build the association as if it had lived for three months. Returns the cast by key."""
    began = now - timedelta(days=90)
    founded = association.found(name=NAME, contact_email="bureau@rives.example", now=began)
    files.accept(founded)
    cast = add_cast(began)
    sign_agreements(cast, founded, began)
    publish_sample_code(founded, began)
    for key in ("ana", "lee", "sam", "noor", "paul", "maud"):
        sign_code(cast[key], founded, began + timedelta(days=1))
    code_of_ethics.publish_second(cast["paul"], cast["maud"], founded, now - timedelta(days=30))
    next_texts.write_next_code(cast["maud"], founded, now)
    next_texts.begin_another_text(cast["paul"], now - timedelta(days=5))
    _bring_situations(cast, keyring, now)
    referrals.bring(cast, keyring, now)
    give_time(cast["paul"], cast["zoe"], founded, now - timedelta(days=4))
    consider_sent(now)
    return cast


def add_cast(now: datetime) -> dict[str, Person]:
    password_hash = passwords.hash_password(PASSWORD)
    return {role.key: _add(role, password_hash, now) for role in CAST}


def _add(role: Role, password_hash: str, now: datetime) -> Person:
    person = people.add_person(
        actor=None,
        email=email_of(role.key),
        display_name=role.name,
        language=role.language,
        zone="Europe/Paris",
        now=now,
    )
    person.password_hash = password_hash
    for name in role.roles:
        people.grant_role(actor=None, person=person, role=name, now=now)
    return person


def sign_agreements(cast: dict[str, Person], founded: Association, now: datetime) -> None:
    starts_on = founded.day_of(now)
    for supervisee, supervisor in SUPERVISED_BY.items():
        agreement = agreements.propose(
            actor=cast["ines"],
            supervisee=cast[supervisee],
            supervisor=cast[supervisor],
            starts_on=starts_on,
            ends_on=None,
            now=now,
        )
        agreements.sign(actor=cast[supervisee], agreement=agreement, now=now)
        agreements.sign(actor=cast[supervisor], agreement=agreement, now=now)


def publish_sample_code(founded: Association, now: datetime) -> None:
    deontology.publish(
        actor=None,
        number=1,
        change="major",
        effective_on=founded.day_of(now),
        texts=code_of_ethics.sample(),
        now=now,
    )


def sign_code(person: Person, founded: Association, now: datetime) -> None:
    version = code.version_in_force(founded.day_of(now), with_articles=True)
    if version is None:
        return
    deontology.answer(
        person=person,
        version=version,
        given=Given("signed", person.language, person.display_name, "whole", "password", now - timedelta(minutes=2)),
        now=now,
        today=founded.day_of(now),
    )


def give_time(member: Person, person: Person, founded: Association, now: datetime) -> None:
    """More time for somebody who comes back, from a member of the committee."""
    version, today = code.newest_major(founded.day_of(now)), founded.day_of(now)
    if version is not None:
        reason = "De retour de congé : le temps de relire le code et de reprendre un contrat de supervision."
        until_on = today + timedelta(days=30)
        coverage.extend(
            actor=member, person=person, version=version, until_on=until_on, reason=reason, now=now, today=today
        )


# --- situations ------------------------------------------------------------------------------------------------------


def _bring_situations(cast: dict[str, Person], keyring: Keyring, now: datetime) -> None:
    """Situations of the last three months: answered ones long ago, a late one, a fresh one, a draft."""
    texts = tomllib.loads(Path(__file__).with_name("situations.toml").read_text())["situation"]
    told = [text for text in texts if "feedback" in text]
    waiting = [text for text in texts if "feedback" not in text]
    for position, text in enumerate(told):
        submitted_at = now - timedelta(days=80 - 9 * position, hours=position)
        case_id = _bring(cast, keyring, text, submitted_at=submitted_at)
        if text["key"] == group_session.OPENED:
            group_session.plan(cast, case_id, now)
    for text, age in zip(waiting, (12, 2), strict=False):
        _bring(cast, keyring, text, submitted_at=now - timedelta(days=age, hours=3))
    for text in waiting[2:]:
        _draft(cast, keyring, text, now - timedelta(hours=20))
    _bring_and_take_back(cast, keyring, now)


def _bring_and_take_back(cast: dict[str, Person], keyring: Keyring, now: datetime) -> None:
    """Two that their authors withdrew before anybody had read them: one is a draft again, one was thrown away."""
    taken_back, gone = follow_ups.texts()["withdrawn"][0], follow_ups.texts()["discarded"]
    at = now - timedelta(days=30)
    case_id = _bring(cast, keyring, taken_back, submitted_at=at)
    follow_ups.withdraw(cast[taken_back["author"]], case_id, keyring, at + timedelta(hours=2))
    case_id = _bring(cast, keyring, gone, submitted_at=now - timedelta(days=85))
    follow_ups.withdraw(cast[gone["author"]], case_id, keyring, now - timedelta(days=84))
    follow_ups.discard(cast[gone["author"]], case_id, now - timedelta(days=83))


# Of a situation in the file: what the demonstration needs to bring it, and what was answered to it.
_NOT_FIELDS = frozenset({"key", "author", "questions", "next_in_days", "left_at", "feedback", "answer", "plan"})


def fields_of(text: dict[str, Any], supervisor: Person, at: datetime) -> dict[str, Any]:
    """The form's fields for a situation of the demo that is written at a moment: dates follow from it."""
    fields = {name: value for name, value in text.items() if name not in _NOT_FIELDS}
    fields |= {f"question_{number}": question for number, question in enumerate(text["questions"], 1)}
    fields |= dict.fromkeys(("pseudonyms", "frame_allows", "nobody_questioned"), True)
    fields |= {"supervisor": str(supervisor.id), "visibility": "supervisor"}
    fields["period"] = (at - timedelta(days=5)).strftime("%Y-%m")
    fields["next_on"] = (at + timedelta(days=text.get("next_in_days", 14))).date().isoformat()
    return fields


def _draft(cast: dict[str, Person], keyring: Keyring, text: dict[str, Any], at: datetime) -> CaseFile:
    author, supervisor = cast[text["author"]], cast[SUPERVISED_BY[text["author"]]]
    case_id = cases.begin(author=author, creation_key=new_id(), keyring=keyring, now=at)
    fields = fields_of(text, supervisor, at) | ({AT: text["left_at"]} if "left_at" in text else {})
    cases.save_draft(file=file_of(author, case_id, at), fields=fields, revision=1, keyring=keyring, now=at)
    if "plan" in text:
        files.attach_plan(file_of(author, case_id, at), text["plan"], keyring, at)
    return file_of(author, case_id, at)


def _bring(cast: dict[str, Person], keyring: Keyring, text: dict[str, Any], submitted_at: datetime) -> UUID:
    author, supervisor = cast[text["author"]], cast[SUPERVISED_BY[text["author"]]]
    file = _draft(cast, keyring, text, submitted_at - timedelta(hours=2))
    cases.submit(
        author=author,
        supervisor=supervisor,
        file=file,
        fields=fields_of(text, supervisor, submitted_at),
        revision=2,
        keyring=keyring,
        now=submitted_at,
    )
    if "feedback" in text:
        _give_feedback(author, supervisor, keyring, text, file.case.id, submitted_at)
    return file.case.id


def _give_feedback(
    author: Person, supervisor: Person, keyring: Keyring, text: dict[str, Any], case_id: Any, submitted_at: datetime
) -> None:
    opened_at = submitted_at + timedelta(days=2)
    cases.record_reading(file=file_of(author, case_id, opened_at), reader=supervisor, now=opened_at)
    follow_ups.before_the_feedback(text["key"], author, supervisor, case_id, keyring, opened_at)
    signed_at = opened_at + timedelta(days=3)
    fields = {"follow_up_on": (signed_at + timedelta(days=21)).date().isoformat()} | text["feedback"]
    fields |= follow_ups.margin_notes(text)
    follow_ups.a_first_attempt(text["key"], author, supervisor, fields, case_id, keyring, signed_at)
    file = file_of(author, case_id, signed_at)
    feedback.publish(
        author=supervisor,
        file=file,
        fields=fields,
        version_id=file.version.id if file.version else case_id,
        keyring=keyring,
        now=signed_at,
    )
    if "answer" in text:
        read_at, answered_at = opened_at + timedelta(days=4), opened_at + timedelta(days=12)
        cases.record_reading(file=file_of(author, case_id, read_at), reader=author, now=read_at)
        told = file_of(author, case_id, answered_at)
        feedback.answer(author=author, file=told, fields=text["answer"], keyring=keyring, now=answered_at)
        if text["key"] != STILL_UNREAD:
            seen_at = opened_at + timedelta(days=13)
            cases.record_reading(file=file_of(author, case_id, seen_at), reader=supervisor, now=seen_at)
        follow_ups.after_the_answer(text["key"], author, supervisor, case_id, keyring, answered_at)


def consider_sent(now: datetime) -> None:
    """The mails of the invented past are history: a first start does not send them."""
    for mail in db.session.scalars(select(OutboxMail)):
        mail.sent_at, mail.attempts = mail.created_at, 1
