"""The chain: each entry's hash covers its content and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

GENESIS = "0" * 64


def entry_hash(
    *, at: datetime, actor_id: UUID | None, action: str, subject: str, facts: Mapping[str, Any], previous_hash: str
) -> str:
    """SHA-256 of the entry in one canonical writing, as 64 hexadecimal digits."""
    content = [
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(actor_id or ""),
        action,
        subject,
        dict(facts),
        previous_hash,
    ]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
