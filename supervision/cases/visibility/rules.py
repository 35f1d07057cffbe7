"""How an author says who may read, in the form of a situation and afterwards."""

from __future__ import annotations

NOBODY_ELSE = "supervisor"  # otherwise the id of a group session
