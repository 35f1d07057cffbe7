"""The lock files name every package with its hashes, and no place to fetch it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
HASH = re.compile(r" +--hash=sha256:[0-9a-f]{64}( \\)?")


def lines(lock: str) -> list[str]:
    return (ROOT / lock).read_text().splitlines()


def pinned(lock: str) -> dict[str, Requirement]:
    found = [Requirement(line.removesuffix("\\")) for line in lines(lock) if not line.startswith((" ", "#"))]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_no_address_of_any_kind(lock: str) -> None:
    addresses = re.compile(r"://|@|\.(com|org|net|io|dev|local)\b|^\s*-(?!-hash=)|file:|/", re.IGNORECASE)
    assert [line for line in lines(lock) if addresses.search(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_to_one_version_with_hashes(lock: str) -> None:
    loose = [str(it) for it in pinned(lock).values() if [one.operator for one in it.specifier] != ["=="] or it.url]
    bare = [line for line, after in zip(lines(lock), [*lines(lock)[1:], ""], strict=True) if is_bare(line, after)]
    assert (loose, bare) == ([], [])


def is_bare(line: str, after: str) -> bool:
    return not line.startswith((" ", "#")) and not HASH.fullmatch(after)


def test_the_development_lock_holds_all_that_serving_needs() -> None:
    """So that an environment made for the tests also serves."""
    serving, development = (pinned(lock) for lock in LOCKS)
    assert {name: str(it) for name, it in serving.items()} == {name: str(development.get(name)) for name in serving}


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_what_the_project_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"]
    asked += project["dependency-groups"]["dev"] if lock == LOCKS[1] else []
    held = pinned(lock)
    assert [wish for wish in asked if not is_met(Requirement(wish), held)] == []


def is_met(wish: Requirement, held: dict[str, Requirement]) -> bool:
    found = held.get(canonicalize_name(wish.name))
    return found is not None and wish.specifier.contains(next(iter(found.specifier)).version)
