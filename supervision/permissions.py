"""The whole law on one page. Seeing goes through `visible_*` selects; acting goes through `can_*` predicates.

What is not visible does not exist (404); what is visible but not granted is refused (403). An office opens no case.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, or_, select

from supervision.agreements.models import Agreement
from supervision.agreements.queries import runs_on, visible_agreements
from supervision.cases.models import Case, CaseVersion
from supervision.cases.queries import CaseFile, is_latest
from supervision.deontology import queries as deontology
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import OFFICES
from supervision.people.viewer import Viewer

# --- cases -----------------------------------------------------------------------------------------------------------


def own_cases(me: Viewer) -> Select[Case]:
    return select(Case).where(Case.author_id == me.id)


def supervised_cases(me: Viewer, today: date) -> Select[Case]:
    """Submitted to me by somebody with whom my agreement runs."""
    return select(Case).where(_submitted_to(me, today))


def visible_cases(me: Viewer, today: date) -> Select[Case]:
    return select(Case).where(or_(Case.author_id == me.id, _submitted_to(me, today)))


def _submitted_to(me: Viewer, today: date) -> ColumnElement[bool]:
    running = exists().where(
        Agreement.supervisor_id == me.id, Agreement.supervisee_id == Case.author_id, runs_on(today)
    )
    named = select(CaseVersion.case_id).where(CaseVersion.supervisor_id == me.id, is_latest())
    return Case.id.in_(named) & running


def can_write_case(me: Viewer) -> bool:
    return me.holds("trainee", "certified", "supervisor")


def can_edit_case(me: Viewer, file: CaseFile) -> bool:
    return file.case.author_id == me.id and file.version is None


def can_submit(me: Viewer, file: CaseFile, today: date) -> bool:
    """The author, who has signed the code in force."""
    return can_edit_case(me, file) and has_signed_code(me, today)


def can_give_feedback(me: Viewer, file: CaseFile) -> bool:
    return file.version is not None and file.version.supervisor_id == me.id and file.feedback is None


def can_hand_over(me: Viewer, file: CaseFile, supervisors: Collection[Person]) -> bool:
    """The author, once the supervisor named in an unanswered case is none of hers any more."""
    waits = file.case.author_id == me.id and file.version is not None and file.feedback is None
    return waits and file.version is not None and file.version.supervisor_id not in {p.id for p in supervisors}


def can_answer(me: Viewer, file: CaseFile) -> bool:
    return file.case.author_id == me.id and file.feedback is not None and file.answer is None


def can_see_readings(me: Viewer, file: CaseFile) -> bool:
    return file.case.author_id == me.id


# --- code of ethics --------------------------------------------------------------------------------------------------


def has_signed_code(me: Viewer, today: date) -> bool:
    return deontology.has_signed_code(me.id, today)


# --- agreements ------------------------------------------------------------------------------------------------------


def agreements_of(me: Viewer) -> Select[Agreement]:
    return visible_agreements(me.id, sees_all=me.holds("coordinator"))


def can_propose_for_others(me: Viewer) -> bool:
    return me.holds("coordinator")


def can_propose_agreement(me: Viewer) -> bool:
    return me.holds("coordinator", "trainee", "certified", "supervisor")


def can_sign_agreement(me: Viewer, agreement: Agreement, today: date) -> bool:
    """One's own side, once, while the agreement may still run."""
    if agreement.ended_at is not None or (agreement.ends_on is not None and agreement.ends_on < today):
        return False
    waits_for = {
        agreement.supervisee_id: agreement.supervisee_signed_at,
        agreement.supervisor_id: agreement.supervisor_signed_at,
    }
    return me.id in waits_for and waits_for[me.id] is None


def can_end_agreement(me: Viewer, agreement: Agreement) -> bool:
    sides = {agreement.supervisee_id, agreement.supervisor_id}
    return agreement.ended_at is None and (me.id in sides or me.holds("coordinator"))


# --- people, offices, delivery ---------------------------------------------------------------------------------------


def can_see_people(me: Viewer) -> bool:
    return me.holds("secretary", "administrator")


def can_invite(me: Viewer) -> bool:
    return me.holds("secretary", "administrator")


def can_close_account(me: Viewer, person: Person) -> bool:
    """An administrator, and never one's own: that would lock the door from the inside."""
    return me.holds("administrator") and me.id != person.id


def can_grant(me: Viewer, role: str) -> bool:
    return me.holds("administrator") if role in OFFICES else me.holds("secretary", "administrator")


def can_confirm(me: Viewer, grant: RoleGrant) -> bool:
    """An office takes two people: neither the one who proposed it nor the one who receives it confirms it."""
    waits = grant.confirmed_at is None and grant.ended_at is None
    return waits and me.holds("administrator") and me.id not in {grant.granted_by, grant.person_id}


def can_see_delivery(me: Viewer) -> bool:
    return me.holds("administrator", "secretary")


def can_retry_mail(me: Viewer) -> bool:
    return me.holds("administrator")


def can_see_audit(me: Viewer) -> bool:
    return me.holds("administrator")


def can_change_settings(me: Viewer) -> bool:
    return me.holds("administrator")
