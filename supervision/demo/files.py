"""A plan of the room, which goes with some situations of the demonstration."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from supervision.association.models import Association
from supervision.cases.attachments import actions as attachments
from supervision.cases.attachments.rules import Cleaned
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring


def accept(founded: Association) -> None:
    founded.accepts_attachments = True


def attach_plan(file: CaseFile, name: str, keyring: Keyring, now: datetime) -> None:
    drawn = Path(__file__).with_name("plan.png").read_bytes()
    plan = Cleaned(drawn, "image/png", "png")
    attachments.add(file=file, cleaned=plan, name=f"{name}.png", most=1, keyring=keyring, now=now)
