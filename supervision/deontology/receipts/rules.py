"""What a receipt is worth on a day, and how what stands on it is written."""

from __future__ import annotations

from datetime import date

from supervision.deontology.rules import CODE_LENGTH, read_code

STATES = ("valid", "superseded", "withdrawn")
GROUP = 4  # signs of a code, and eight of a hash, between two spaces


def state(*, version_from: date, newest_major_from: date | None, is_withdrawn: bool) -> str:
    """What a signature is worth: taken back, asked for anew by a newer major version in force, or valid."""
    if is_withdrawn:
        return "withdrawn"
    is_older = newest_major_from is not None and version_from < newest_major_from
    return "superseded" if is_older else "valid"


def grouped(code: str, size: int = GROUP, between: str = "-") -> str:
    """« ABCD-EFGH-… »: as a person copies it."""
    return between.join(code[at : at + size] for at in range(0, len(code), size))


def whole_code(typed: str) -> str | None:
    """The code that somebody typed, if it can be one."""
    code = read_code(typed)
    return code if len(code) == CODE_LENGTH else None
