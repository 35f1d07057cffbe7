"""Founding the association on the platform."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from supervision.association.models import Association
from supervision.audit import actions as audit
from supervision.db import db


class AlreadyFounded(Exception):
    """There is an association on this platform already."""


def found(*, name: str, contact_email: str, now: datetime, zone: str = "Europe/Paris") -> Association:
    """Create the one association.

    Raises:
        AlreadyFounded: there is one.
    """
    if db.session.get(Association, 1) is not None:
        raise AlreadyFounded
    association = Association(
        id=1, name=name, contact_email=contact_email, zone=zone, feedback_target_days=14, created_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(association)
    except IntegrityError as error:  # two people opened the first page at once
        raise AlreadyFounded from error
    return association


def change_settings(
    *,
    actor_id: UUID,
    association: Association,
    name: str,
    contact_email: str,
    zone: str,
    feedback_target_days: int,
    retention_months: int,
    accepts_attachments: bool,
    attachment_max_count: int,
    attachment_max_mb: int,
    now: datetime,
) -> None:
    association.name, association.contact_email = name, contact_email
    association.zone, association.feedback_target_days = zone, feedback_target_days
    association.retention_months = retention_months
    association.accepts_attachments = accepts_attachments
    association.attachment_max_count, association.attachment_max_mb = attachment_max_count, attachment_max_mb
    audit.record(actor_id=actor_id, action="settings-changed", subject="association", now=now)
