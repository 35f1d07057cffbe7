"""The whole law on one page. Seeing goes through `visible_*` selects; acting goes through `can_*` predicates.

What is not visible does not exist (404); what is visible but not granted is refused (403). An office opens no case.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, false, or_, select

from supervision.agreements.models import Agreement
from supervision.agreements.queries import runs_between, runs_on, visible_agreements
from supervision.association.models import Association
from supervision.cases.attachments.models import Attachment
from supervision.cases.break_glass import queries as glass
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.break_glass.queries import Glass
from supervision.cases.models import Case, CaseAssignment
from supervision.cases.queries import CaseFile, is_current
from supervision.cases.rules import moves
from supervision.cases.visibility.queries import is_open_to, is_submitted
from supervision.deontology.consequences import queries as consequences
from supervision.deontology.models import Acknowledgement
from supervision.deontology.referrals.models import Recusal, Referral
from supervision.deontology.referrals.rules import OF_AUTHOR, OF_COMMITTEE
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import OFFICES, PRACTITIONER_ROLES
from supervision.people.viewer import Viewer
from supervision.scheduling.models import GroupSession
from supervision.scheduling.queries import is_seated

# --- cases -----------------------------------------------------------------------------------------------------------


def own_cases(me: Viewer) -> Select[Case]:
    return select(Case).where(Case.author_id == me.id)


def supervised_cases(me: Viewer, today: date) -> Select[Case]:
    """Submitted to me by somebody with whom my agreement runs, or who named me for this case."""
    return select(Case).where(_submitted_to(me, today))


def visible_cases(me: Viewer, today: date, now: datetime) -> Select[Case]:
    """Mine, those I supervise, those opened to a session I sit in, those opened to me by breaking the glass."""
    ways = (Case.author_id == me.id, _submitted_to(me, today), is_open_to(me.id, now), _glass_broken(me, now))
    return select(Case).where(or_(*ways))


def _submitted_to(me: Viewer, today: date) -> ColumnElement[bool]:
    mine = Agreement.supervisor_id == me.id, Agreement.supervisee_id == Case.author_id
    running = exists().where(*mine, runs_on(today)).correlate(Case)
    assigned = select(CaseAssignment.case_id).where(CaseAssignment.supervisor_id == me.id, is_current()).correlate(None)
    for_this_case = assigned.where(CaseAssignment.for_this_case)
    return Case.id.in_(assigned) & (running | Case.id.in_(for_this_case)) & is_submitted()


def _glass_broken(me: Viewer, now: datetime) -> ColumnElement[bool]:
    """Two members of the committee, from the second one's word until the end that was set; never a side of the case."""
    opened = (
        select(BreakGlass.case_id)
        .where(or_(BreakGlass.asked_by == me.id, BreakGlass.confirmed_by == me.id))
        .where(BreakGlass.confirmed_at <= now, BreakGlass.until_at > now, BreakGlass.ended_at.is_(None))
        .correlate(None)
    )
    return Case.id.in_(opened) & is_submitted() if me.holds("committee") else false()


def can_write_case(me: Viewer) -> bool:
    return me.holds("trainee", "certified", "supervisor")


def side_of(me: Viewer, file: CaseFile, today: date) -> str | None:
    """Which side of the case this person is: "author", "supervisor", or None for whoever only reads."""
    if file.case.author_id == me.id:
        return "author"
    if file.assignment is None or file.assignment.supervisor_id != me.id:
        return None
    named = file.assignment.for_this_case
    return "supervisor" if named or runs_between(file.case.author_id, me.id, today) else None


def moves_of(me: Viewer, file: CaseFile, today: date, now: datetime) -> frozenset[str]:
    """Every move (`cases.rules.MOVES`) this person may make on the case now."""
    side = side_of(me, file, today)
    if side is None:
        return frozenset()
    ever_read = file.others_read_at is not None
    allowed = moves(file.facts, side, now, has_draft=file.draft is not None, ever_read=ever_read)
    written_by_another = file.feedback is not None and file.feedback.author_id != me.id
    return allowed - {"recall", "correct"} if written_by_another else allowed


def can_read_messages(side: str | None, *, glass_is_open: bool) -> bool:
    """Both sides (`side_of`), and the committee through what it opened; not the participants of a session, be it one
    who supervised the case as long as an agreement ran.
    """
    return side is not None or glass_is_open


def can_submit(me: Viewer, file: CaseFile, today: date, now: datetime) -> bool:
    """The author, unless a text that she did not accept in time keeps her from anything new."""
    return "submit" in moves_of(me, file, today, now) and may_bring(me, today)


def can_change_visibility(me: Viewer, file: CaseFile) -> bool:
    """The author, for what she has submitted and not taken back; what is purged is nothing to read."""
    facts = file.facts
    standing = facts.submitted_at is not None and facts.withdrawn_at is None and facts.purged_at is None
    return file.case.author_id == me.id and standing


def visible_attachments(me: Viewer, file: CaseFile) -> Select[Attachment]:
    """Of a case that is visible: all to its author, to everyone else what went with a version."""
    of_case = select(Attachment).where(Attachment.case_id == file.case.id)
    return of_case if file.case.author_id == me.id else of_case.where(Attachment.submitted_at.is_not(None))


def can_attach(me: Viewer, file: CaseFile, association: Association, moves: Collection[str]) -> bool:
    """The author, while she writes, where the association takes files. `moves` are hers (`moves_of`)."""
    return association.accepts_attachments and file.case.author_id == me.id and "save" in moves


def can_remove_attachment(me: Viewer, file: CaseFile) -> bool:
    """The author. What was submitted stays all the same: the act itself refuses it."""
    return file.case.author_id == me.id


def can_see_readings(me: Viewer, file: CaseFile) -> bool:
    return file.case.author_id == me.id


def can_see_loads(me: Viewer) -> bool:
    """That cases exist, whose they are and since when: never a title, never a text."""
    return me.holds("coordinator")


def can_edit_form(me: Viewer) -> bool:
    return me.holds("administrator", "coordinator")


def can_keep(me: Viewer, file: CaseFile) -> bool:
    """The author of a closed case holds it back from its purge, and lets go of it."""
    return file.case.author_id == me.id and file.facts.closed_at is not None and file.facts.purged_at is None


def can_export(me: Viewer, file: CaseFile) -> bool:
    """The author alone: everyone else reads on the screen, where each reading is seen."""
    facts = file.facts
    standing = facts.submitted_at is not None and facts.withdrawn_at is None and facts.purged_at is None
    return file.case.author_id == me.id and standing


# --- breaking the glass ----------------------------------------------------------------------------------------------


def can_break_glass(me: Viewer) -> bool:
    return me.holds("committee")


def visible_glasses(me: Viewer, now: datetime) -> Select[BreakGlass]:
    """To the committee: mine, those that wait for a second word, those that hold a case; none of a case of my own."""
    others = ~glass.is_involved(me.id) & or_(glass.waits(now), glass.is_held())
    return select(BreakGlass).where(or_(glass.is_in(me.id), others) if me.holds("committee") else false())


def can_confirm_glass(me: Viewer, asked: Glass, now: datetime) -> bool:
    """Another one than whoever asked."""
    return me.holds("committee") and asked.state(now) == "asked" and asked.row.asked_by != me.id


def can_decline_glass(me: Viewer, asked: Glass, now: datetime) -> bool:
    """Whoever could confirm; and whoever asked takes it back."""
    return me.holds("committee") and asked.state(now) == "asked"


def can_end_glass(me: Viewer, broken: Glass, now: datetime) -> bool:
    """Either of the two, while it lasts; they may also hold the case back from its purge then."""
    is_in = me.id in {broken.row.asked_by, broken.row.confirmed_by}
    return me.holds("committee") and broken.state(now) == "open" and is_in


# --- code of ethics --------------------------------------------------------------------------------------------------


def may_bring(me: Viewer, today: date) -> bool:
    """Something new: a case, later a booking. Reading and going on with what has begun are never kept from anyone."""
    return consequences.may_bring(me.id, today)


def visible_answers(me: Viewer) -> Select[Acknowledgement]:
    """One's own: a receipt is for whoever answered. What the committee counts is `can_see_coverage`."""
    return select(Acknowledgement).where(Acknowledgement.person_id == me.id)


def can_write_texts(me: Viewer) -> bool:
    """The committee writes the code and the other texts; another member than the one who asks approves a version."""
    return me.holds("committee")


def can_see_coverage(me: Viewer) -> bool:
    """Who has answered what; never a reason of refusal, never a referral."""
    return me.holds("committee", "secretary")


def can_extend(me: Viewer) -> bool:
    return me.holds("committee")


def visible_referrals(me: Viewer) -> Select[Referral]:
    """To whoever opened it, and to the committee without those who are recused. No office opens one."""
    return select(Referral).where(or_(Referral.author_id == me.id, _read_by_committee(me)))


def _read_by_committee(me: Viewer) -> ColumnElement[bool]:
    recused = exists().where(Recusal.referral_id == Referral.id, Recusal.person_id == me.id).correlate(Referral)
    return ~recused if me.holds("committee") else false()


def own_referrals(me: Viewer) -> Select[Referral]:
    return select(Referral).where(Referral.author_id == me.id)


def referrals_to_committee(me: Viewer) -> Select[Referral]:
    """What others brought, for a member of the committee: never what she brought herself."""
    return select(Referral).where(_read_by_committee(me), Referral.author_id != me.id)


def can_receive_referrals(me: Viewer) -> bool:
    return me.holds("committee")


def side_of_referral(me: Viewer, referral: Referral) -> str | None:
    """Of a referral that is visible: "author" or "committee". Who brought it is its author, on the committee or not."""
    if referral.author_id == me.id:
        return "author"
    return "committee" if me.holds("committee") else None


def can_add_to_referral(me: Viewer, referral: Referral, kind: str) -> bool:
    """What a side may ever write there (`referrals.rules`); whether now is a matter of its state."""
    allowed = {"author": OF_AUTHOR, "committee": OF_COMMITTEE}
    return kind in allowed.get(side_of_referral(me, referral) or "", ())


def can_see_referral_readings(me: Viewer, referral: Referral) -> bool:
    return referral.author_id == me.id


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


# --- group sessions --------------------------------------------------------------------------------------------------


def visible_sessions(me: Viewer) -> Select[GroupSession]:
    """Those I lead and those in which I have a seat; whoever leaves finds them no more."""
    return select(GroupSession).where(or_(GroupSession.supervisor_id == me.id, is_seated(me.id)))


def can_sit_in(me: Viewer) -> bool:
    """Leads group sessions, or may be given a seat in one."""
    return me.holds(*PRACTITIONER_ROLES)


def can_create_session(me: Viewer) -> bool:
    return me.holds("supervisor")


def can_change_session(me: Viewer, session: GroupSession) -> bool:
    """Its supervisor alone; `scheduling.rules` says until when."""
    return session.supervisor_id == me.id


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
