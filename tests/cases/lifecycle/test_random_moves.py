"""Random moves by random people, through the doors: no illegal state, no forbidden reading, nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from supervision import clock
from supervision.cases.models import Case, CaseVersion
from supervision.cases.queries import CaseFile, case_file
from supervision.cases.rules import STATES
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.people.viewer import Viewer
from supervision.permissions import visible_cases
from tests import desk
from tests.client import FreshClient
from tests.facts import undone

As = Callable[[Person], FreshClient]

BAIT = "phrase-encore-annulable"
TEXT = {"text": "Deux lignes."}
PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "open": ("", {}),
    "submit": ("brouillon", {"then": "submit"}),
    "withdraw": ("retirer", {}),
    "revise": ("reviser", {}),
    "supplement": ("complement", TEXT),
    "ask-supplement": ("demander-un-complement", TEXT),
    "set-deadline": ("echeance", {"due_on": (clock.now() + timedelta(days=300)).date().isoformat()}),
    "hand-over": ("confier", {}),
    "publish": ("retour", desk.FEEDBACK | {"heard": BAIT, "then": "publish"}),
    "recall": ("retour/reprendre", {}),
    "correct": ("retour/completer", {"correction": "Une ligne."}),
    "answer": ("reponse", desk.ANSWER),
    "message": ("mot", {"message": "Un mot."}),
    "close": ("clore", {}),
    "reopen": ("rouvrir", {}),
    "discard": ("jeter", {}),
}
SLOW, PHASES = [HealthCheck.too_slow], [Phase.explicit, Phase.generate]
PEOPLE = ("ana", "sam", "noor", "lee", "ada", "paul")
WAITS = (timedelta(0), timedelta(minutes=4), timedelta(minutes=11), timedelta(days=2))
# A day's work more often than mischief, or no walk would come far.
WORK = [
    *[("sam", move) for move in ("open", "publish", "recall", "ask-supplement", "message", "correct")],
    *[("ana", move) for move in ("open", "open", "answer", "close", "reopen", "supplement", "revise", "submit")],
]
anything = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(sorted(PATHS)))
steps = st.lists(
    st.tuples(st.one_of(st.sampled_from(WORK), st.sampled_from(WORK), anything), st.sampled_from(WAITS)),
    min_size=6,
    max_size=16,
)

SOON, LATER = WAITS[1], WAITS[2]
A_WHOLE_LIFE = [
    (("sam", "open"), SOON),
    (("sam", "ask-supplement"), SOON),
    (("ana", "supplement"), SOON),
    (("sam", "publish"), SOON),
    (("sam", "recall"), SOON),
    (("sam", "publish"), SOON),
    (("ana", "open"), SOON),
    (("ana", "open"), LATER),
    (("sam", "correct"), SOON),
    (("ana", "answer"), SOON),
    (("sam", "message"), SOON),
    (("ana", "close"), SOON),
    (("sam", "reopen"), SOON),
    (("ana", "revise"), SOON),
    (("ana", "submit"), SOON),
    (("sam", "publish"), SOON),
]
TAKEN_BACK = [
    (("ana", "withdraw"), SOON),
    (("ana", "submit"), SOON),
    (("ana", "withdraw"), SOON),
    (("ana", "discard"), SOON),
]

# From each state, what one act, or time, may lead to. Staying where one is is always possible.
WAITING = {"submitted", "supplement-asked", "being-read", "publishing"}
LEGAL: dict[str, set[str]] = {
    "draft": {"submitted", "gone"},
    "withdrawn": {"submitted", "purged"},
    "submitted": {"withdrawn", *WAITING},
    "supplement-asked": {"published", *WAITING},
    "being-read": {"published", *WAITING},
    "publishing": {"published", *WAITING},
    "published": {"read", "answered", "submitted"},
    "read": {"answered", "closed", "submitted"},
    "answered": {"closed", "submitted"},
    "closed": {"read", "answered"},
    "purged": set(),
    "gone": set(),
}


def test_the_table_of_transitions_speaks_of_every_state() -> None:
    assert set(LEGAL) == set(STATES) - {"worked"} | {"gone"}


class World:
    """One case of Ana's, and everything that is asked of it after each step."""

    def __init__(self, as_: As, cast: SimpleNamespace, keyring: Keyring, began: datetime) -> None:
        self.as_, self.cast, self.keyring, self.at = as_, cast, keyring, began
        self.case_id = desk.bring(cast.ana, cast.sam, keyring, began)
        db.session.commit()
        self.state, self.versions = "submitted", 1
        people = {who: getattr(cast, who) for who in PEOPLE}
        self.viewers = {who: Viewer(person, desk.roles_of(person)) for who, person in people.items()}
        db.session.commit()

    def take(self, who: str, move: str, wait: timedelta) -> None:
        self.at += wait + timedelta(seconds=1)
        clock.shift_by(self.at - datetime.now(self.at.tzinfo))
        self.arrive(self.now_in(), "time", 200)
        page = self.act(getattr(self.cast, who), move)
        self.arrive(self.now_in(), move, page.status_code)
        if move == "open" and who == "ana" and page.status_code == 200:
            assert (BAIT in page.text) == self.feedback_is_out()
        self.nobody_else_reads()

    def act(self, person: Person, move: str) -> Any:
        path, form = PATHS[move]
        address = f"/situations/{self.case_id}/{path}".rstrip("/")
        client = self.as_(person)
        if move == "open":
            return client.get(address)
        return client.post(address, data=self.filled(move, form))

    def filled(self, move: str, form: dict[str, Any]) -> dict[str, Any]:
        file, extra = self.file(), {"press": str(new_id())}
        if move == "submit":
            extra = desk.situation_form(self.cast.sam, file.draft.revision if file and file.draft else 1)
        if move == "publish" and file is not None:
            revision = file.feedback_draft.revision if file.feedback_draft else 0
            extra = {"revision": revision, "seen": str(file.version.id) if file.version else ""}
        return {**extra, **form}

    def file(self) -> CaseFile | None:
        db.session.expire_all()
        return case_file(select(Case), self.case_id, self.at)

    def now_in(self) -> str:
        file = self.file()
        db.session.commit()
        return file.state(self.at) if file is not None else "gone"

    def arrive(self, state: str, move: str, status: int) -> None:
        assert state == self.state or state in LEGAL[self.state], (self.state, move, state)
        assert state == self.state or move == "time" or status in {200, 302}, (self.state, move, state, status)
        count = len(db.session.scalars(select(CaseVersion.id).where(CaseVersion.case_id == self.case_id)).all())
        db.session.commit()
        assert count in {self.versions, self.versions + (move == "submit")}
        self.state, self.versions = state, count

    def feedback_is_out(self) -> bool:
        file = self.file()
        feedbacks = desk.rounds(self.case_id)
        db.session.commit()
        return file is not None and any(feedback.published_at <= self.at for feedback in feedbacks)

    def nobody_else_reads(self) -> None:
        """Ana sees it while it exists; Sam from the submission to a withdrawal or the purge; nobody else ever."""
        today: date = self.at.date()
        seen = set()
        for who, viewer in self.viewers.items():
            if db.session.scalar(visible_cases(viewer, today, self.at).where(Case.id == self.case_id)) is not None:
                seen.add(who)
        db.session.commit()
        author = set() if self.state == "gone" else {"ana"}
        assert seen == author | (set() if self.state in {"draft", "withdrawn", "purged", "gone"} else {"sam"})


@pytest.mark.slow
def test_no_sequence_of_moves_leaves_the_law(
    app: Flask, as_: As, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    reached: set[str] = set()
    # The law stands in Python; the walks on the second database are the first of these, and look at its statements.
    walks = 40 if db.engine.dialect.name == "sqlite" else 12

    @settings(
        max_examples=walks,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=SLOW,
    )
    @given(taken=steps)
    @example(taken=A_WHOLE_LIFE)
    @example(taken=TAKEN_BACK)
    def walk(taken: list[tuple[tuple[str, str], timedelta]]) -> None:
        with undone(app):
            world = World(as_, cast, keyring, now)
            for (who, move), wait in taken:
                world.take(who, move, wait)
                reached.add(world.state)

    try:
        walk()
    finally:
        clock.shift_by(timedelta())
    assert reached >= set(STATES) - {"draft", "worked"}
