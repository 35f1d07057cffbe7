"""What the page of a referral shows to each side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from supervision.crypto import Keyring
from supervision.deontology.referrals import queries, words
from supervision.deontology.referrals.models import Referral
from supervision.deontology.referrals.rules import moves

_LABELS = {
    "message": _l("Votre message"),
    "note": _l("Note pour le comité seul"),
    "conclusion": _l("La conclusion du comité"),
    "reopening": _l("Pourquoi rouvrir"),
}


def shown(referral: Referral, side: str | None, keyring: Keyring, now: datetime) -> dict[str, Any]:
    """Nothing of the text once it is purged; the committee's notes for the committee alone."""
    facts: dict[str, Any] = {"referral": referral, "side": side, "words": words}
    if referral.wrapped is None:
        return facts
    named = queries.recusals(referral.id)
    left_out = {recusal.person_id for recusal, _name in named}
    entries = queries.entries(referral, keyring, with_notes=side == "committee")
    return facts | {
        "title": queries.title_of(referral, keyring),
        "opening": next(entry for entry in entries if entry.kind == "opening"),
        "thread": [entry for entry in entries if entry.kind not in {"opening", "note"}],
        "notes": [entry for entry in entries if entry.kind == "note"],
        "about": queries.about(referral.version_id, referral.article),
        "readers": [each for each in queries.members(referral.author_id, now) if each.id not in left_out],
        "recusals": named,
        "readings": queries.readings(referral) if side == "author" else [],
    }


def moves_of(referral: Referral, side: str | None) -> frozenset[str]:
    return moves(side, is_closed=referral.closed_at is not None, is_purged=referral.wrapped is None)


def labelled(form: Any, kind: str) -> Any:
    """One form for four kinds of text: each says in its label which it is."""
    form.text.label.text = _LABELS[kind]
    return form
