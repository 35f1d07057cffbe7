"""What two people brought to the committee of the demonstration: a question that has its answer, a matter under way."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology import queries as code
from supervision.deontology.referrals import actions
from supervision.deontology.referrals.actions import Opening
from supervision.deontology.referrals.models import Referral
from supervision.ids import new_id
from supervision.people.models import Person


def bring(cast: dict[str, Person], keyring: Keyring, now: datetime) -> None:
    told = tomllib.loads(Path(__file__).with_name("referrals.toml").read_text())["referral"]
    for text in told:
        _bring(text, cast, keyring, now)


def _bring(text: dict[str, Any], cast: dict[str, Person], keyring: Keyring, now: datetime) -> None:
    at = now - timedelta(days=text["days_ago"])
    article = text.get("article")
    version = code.version_in_force(at.date()) if article else None
    opening = Opening(
        kind=text["kind"],
        title=text["title"],
        fields={name: text[name] for name in ("account", "expected", "hearing") if name in text},
        version_id=version.id if version else None,
        article=article,
    )
    author = cast[text["author"]]
    referral_id = actions.open_referral(author=author, opening=opening, press=new_id(), keyring=keyring, now=at)
    if "steps_aside" in text:
        later = at + timedelta(hours=30)
        actions.step_aside(actor=cast[text["steps_aside"]], referral=_found(referral_id), now=later)
    for entry in text["entry"]:
        _add(entry, referral_id, cast, keyring, at)


def _add(entry: dict[str, Any], referral_id: UUID, cast: dict[str, Person], keyring: Keyring, at: datetime) -> None:
    """Whoever writes has opened it a little before."""
    actor, written_at, found = cast[entry["by"]], at + timedelta(days=entry["day"], hours=2), _found(referral_id)
    actions.record_reading(referral=found, reader=actor, now=written_at - timedelta(minutes=40))
    held_at = at + timedelta(days=entry["held_day"]) if "held_day" in entry else None
    actions.write(
        actor=actor,
        referral=found,
        kind=entry["kind"],
        fields={name: entry[name] for name in ("step", "text") if name in entry},
        press=new_id(),
        keyring=keyring,
        now=written_at,
        held_on=held_at.date() if held_at else None,
    )


def _found(referral_id: UUID) -> Referral:
    return db.session.scalars(select(Referral).where(Referral.id == referral_id)).one()
