"""An association that takes files, and files that are cleaned without a process for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from supervision.association.models import Association
from supervision.cases.attachments import actions, cleaning, workshop
from supervision.cases.attachments.models import Attachment
from supervision.cases.attachments.rules import Cleaned
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk
from tests.client import FreshClient
from tests.facts import rows


@pytest.fixture
def accepting(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "clean", cleaning.clean)
    settle(accepts_attachments=True, attachment_max_count=3, attachment_max_mb=1)


def settle(**settings: Any) -> None:
    """Set what the association decides."""
    db.session.execute(update(Association).values(**settings))
    db.session.commit()


@pytest.fixture
def draft(accepting: None, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's."""
    case_id = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    return case_id


@pytest.fixture
def lay(keyring: Keyring, now: datetime) -> Callable[..., UUID]:
    """Lay bytes with a draft as if they had been cleaned."""

    def put(case_id: UUID, content: bytes = b"%PDF-", name: str = "plan.pdf", most: int = 20) -> UUID:
        cleaned = Cleaned(content, "application/pdf", "pdf")
        file = desk.opened(case_id)
        made = actions.add(file=file, cleaned=cleaned, name=name, most=most, keyring=keyring, now=now)
        db.session.commit()
        return made

    return put


def attach(client: FreshClient, case_id: UUID, content: bytes, name: str = "plan.pdf", **options: Any) -> TestResponse:
    form = {"piece": (BytesIO(content), name)}
    return client.post(f"/situations/{case_id}/pieces", data=form, **options)


def kept(case_id: UUID) -> list[UUID]:
    return rows(select(Attachment.id).where(Attachment.case_id == case_id).order_by(Attachment.id))
