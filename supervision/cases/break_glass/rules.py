"""When a case may be opened by two of the committee together, and how they name it. Nothing is asked here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

WAITS = timedelta(days=7)  # a request that nobody confirmed by then is void
FEWEST_HOURS, MOST_HOURS = 1, 72
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that is taken for a number
_LOOKS_LIKE = str.maketrans("OIL", "011")
_LENGTH = 26  # signs of five bits for the 128 of an id
_GROUP = 5
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class GlassRefused(Exception):
    """The case is not opened."""


class Involved(GlassRefused):
    """Whoever wrote or supervises the case has no part in opening it."""


class AlreadyAsked(GlassRefused):
    """This person has a request for this case that waits or runs."""


class NotYours(GlassRefused):
    """The second word must be another person's."""


class NoLongerPossible(GlassRefused):
    """The request was answered, is void, or whoever made it has left the committee."""


@dataclass(frozen=True)
class GlassDates:
    asked_at: datetime
    confirmed_at: datetime | None = None
    until: datetime | None = None
    declined_at: datetime | None = None
    ended_at: datetime | None = None


def state(dates: GlassDates, now: datetime) -> str:
    """'asked', 'void', 'declined', 'open', 'ended' (early) or 'over'. The end itself is no longer open."""
    if dates.declined_at is not None:
        return "declined"
    if dates.confirmed_at is None or dates.until is None:
        return "asked" if now < dates.asked_at + WAITS else "void"
    if dates.ended_at is not None:
        return "ended"
    return "open" if dates.confirmed_at <= now < dates.until else "over"


# --- naming a case ----------------------------------------------------------------------------------------------------


def reference_of(case_id: UUID) -> str:
    """The id in signs that can be read out: « 01K9P-… », five groups. Only who may open the case's page sees it."""
    signs = "".join(_ALPHABET[case_id.int >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    cuts = range(0, _LENGTH - _GROUP, _GROUP)
    return "-".join(signs[cut : cut + _GROUP if cut < cuts[-1] else _LENGTH] for cut in cuts)


def read_reference(text: str) -> UUID | None:
    """The id that somebody typed: a reference however it is grouped, or the address of the case's page."""
    address = _UUID.search(text.lower())
    if address:
        return UUID(address[0])
    signs = re.sub(r"[\s\-–—·.]", "", text.upper()).translate(_LOOKS_LIKE)
    if len(signs) != _LENGTH or not set(signs) <= set(_ALPHABET):
        return None
    value = 0
    for sign in signs:
        value = value << 5 | _ALPHABET.index(sign)
    return UUID(int=value) if value < 1 << 128 else None
