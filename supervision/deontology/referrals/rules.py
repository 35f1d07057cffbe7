"""What may be said in a referral and by whom, and how many must be left to read it. Nothing is asked here."""

from __future__ import annotations

from datetime import date, timedelta

KINDS = ("question", "referral")
STEPS = ("receipt", "interview", "hearing", "advice", "deliberation", "other")
HEARINGS = ("yes", "no", "later")  # whether the persons concerned may be heard, in the author's words

ENOUGH = 2  # members of the committee that must be left when others are set aside: nobody decides alone
NEWS = ("opening", "message", "step", "conclusion", "reopening")  # what both sides see; a note is the committee's
OF_AUTHOR = ("message", "reopening")
OF_COMMITTEE = ("message", "step", "note", "conclusion", "reopening")
WHILE_OPEN = ("message", "step", "note", "conclusion")
STEP_AHEAD = timedelta(days=366)  # an interview is announced months before, not years


class ReferralRefused(Exception):
    """Nothing was written."""


class TooFewLeft(ReferralRefused):
    """Without those who are set aside, fewer than two of the committee could read (`left`: how many)."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class NobodyThere(ReferralRefused):
    """The committee has no member who could read it."""


class NotNow(ReferralRefused):
    """It was closed, reopened or purged in the meantime, or whoever acts was set aside."""


class NotTheirs(ReferralRefused):
    """A person who is set aside must be of the committee, and not the author."""


def check_left(left: int, *, someone_is_set_aside: bool) -> None:
    """Raises:
    NobodyThere, TooFewLeft: nobody could read, or one alone because others were set aside.
    """
    if someone_is_set_aside and left < ENOUGH:
        raise TooFewLeft(left)
    if left == 0:
        raise NobodyThere


def moves(side: str | None, *, is_closed: bool, is_purged: bool) -> frozenset[str]:
    """What this side ("author", "committee" or None) may add now. What is closed is only reopened."""
    if side is None or is_purged:
        return frozenset()
    allowed = OF_AUTHOR if side == "author" else OF_COMMITTEE
    return frozenset(kind for kind in allowed if (kind in WHILE_OPEN) != is_closed)


def is_fit_day(held_on: date, *, opened_on: date, today: date) -> bool:
    """The day of a step: not before the referral, and not so far ahead that it is a slip of the pen."""
    return opened_on <= held_on <= today + STEP_AHEAD
