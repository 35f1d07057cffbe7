"""Two of the committee together, a reason, a time: what each of them can and cannot do, and what the author sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from supervision import COMPOSERS, clock
from supervision.agreements.models import Agreement
from supervision.cases.break_glass import actions
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.break_glass.rules import reference_of
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import CaseReading
from supervision.cases.retention import actions as retention
from supervision.cases.visibility import queries as visibility
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.mailer import Letter
from supervision.people import actions as people
from supervision.people.models import Person, RoleGrant
from tests import desk
from tests.client import FreshClient
from tests.facts import acts, mails, one, rows

REASON = "Une plainte reçue le 12 met en cause le cadre de cette intervention."
HOUR = timedelta(hours=1)
LIST = "/deontologie/levees"


@pytest.fixture
def mira(cast: SimpleNamespace, now: datetime) -> Person:
    """The second one of the committee."""
    return member("mira", "Mira Lang", now)


def member(key: str, name: str, now: datetime) -> Person:
    made = people.add_person(
        actor=None, email=f"{key}@rives.example", display_name=name, language="fr", zone="Europe/Paris", now=now
    )
    people.grant_role(actor=None, person=made, role="committee", now=now)
    db.session.commit()
    return made


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    brought = desk.bring(cast.lee, cast.noor, keyring, now - timedelta(days=9))
    db.session.commit()
    return brought


@pytest.fixture
def ask(as_: Any, case_id: UUID) -> Callable[..., Any]:
    def send(person: Person, **changes: Any) -> Any:
        form = {"press": str(new_id()), "reference": reference_of(case_id), "reason": REASON, "hours": "24", **changes}
        return as_(person).post(f"{LIST}/demander", data=form)

    return send


def glass_in(response: Any) -> str:
    assert response.status_code == 302, response.get_data(as_text=True)
    return str(response.location)


@pytest.fixture
def asked(cast: SimpleNamespace, ask: Any) -> str:
    """The page of Paul's request."""
    return glass_in(ask(cast.paul))


@pytest.fixture
def broken(as_: Any, mira: Person, asked: str) -> str:
    assert as_(mira).post(f"{asked}/confirmer").status_code == 302
    return asked


def page(client: FreshClient, address: str) -> str:
    return client.get(address).get_data(as_text=True)


def statuses(as_: Any, address: str, *who: Person) -> list[int]:
    return [as_(person).get(address).status_code for person in who]


# --- together ---------------------------------------------------------------------------------------------------------


def test_one_alone_opens_nothing_and_two_together_read(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, asked: str
) -> None:
    case = f"/situations/{case_id}"
    assert statuses(as_, case, cast.paul, mira) == [404, 404]
    assert as_(cast.paul).post(f"{asked}/confirmer").status_code == 403  # not by whoever asked
    assert statuses(as_, case, cast.paul, mira) == [404, 404]
    assert as_(mira).post(f"{asked}/confirmer").status_code == 302
    assert statuses(as_, case, cast.paul, mira, cast.zoe, cast.ada) == [200, 200, 404, 404]
    assert desk.SITUATION["what_i_did"] in page(as_(mira), case)
    assert [act[:2] for act in acts("glass-asked", "glass-confirmed")] == [
        ("glass-asked", cast.paul.id),
        ("glass-confirmed", mira.id),
    ]


def test_a_third_one_of_the_committee_reads_nothing(as_: Any, now: datetime, case_id: UUID, broken: str) -> None:
    third = member("omar", "Omar Sy", now)
    assert statuses(as_, f"/situations/{case_id}", third) == [404]
    assert statuses(as_, broken, third) == [404]


def test_the_author_sees_at_once_who_why_until_when_and_each_reading(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, asked: str
) -> None:
    lee, case = as_(cast.lee), f"/situations/{case_id}"
    assert REASON not in page(lee, case)  # asked is not granted
    assert mails("glass-broken") == []
    as_(mira).post(f"{asked}/confirmer")
    for person in (cast.paul, mira, mira):
        as_(person).get(case)
    seen = page(lee, case)
    assert all(said in seen for said in (REASON, "Paul Weber", "Mira Lang", 'id="levees"'))
    readers = rows(select(CaseReading.reader_id).where(CaseReading.case_id == case_id).order_by(CaseReading.id))
    assert readers == [cast.paul.id, mira.id, mira.id]
    (mail,) = mails("glass-broken")
    letter = COMPOSERS["glass-broken"](mail, clock.now())
    assert isinstance(letter, Letter)
    assert (mail.person_id, f"/situations/{case_id}#levees" in letter.text) == (cast.lee.id, True)
    assert [word for word in (REASON, "Paul", "Mira") if word in letter.text + letter.html] == []


def test_they_read_and_nothing_else(as_: Any, cast: SimpleNamespace, case_id: UUID, broken: str) -> None:
    paul, case = as_(cast.paul), f"/situations/{case_id}"
    posts = ("retour", "reponse", "clore", "retirer", "reviser", "garder", "visibilite", "jeter", "complement")
    assert [paul.post(f"{case}/{act}").status_code for act in posts] == [403] * len(posts)
    assert [paul.get(f"{case}/exporter/{kind}").status_code for kind in ("pdf", "markdown")] == [403, 403]
    assert paul.get(f"{case}/brouillon").status_code == 302
    seen = page(paul, case)
    assert "Vous lisez cette situation par une levée de confidentialité" in seen
    assert [word for word in ("Référence à donner", "Garder plus longtemps", REASON) if word in seen] == []


def test_what_is_not_out_stays_hidden_from_them(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, case_id: UUID, broken: str
) -> None:
    paul, case, now = as_(cast.paul), f"/situations/{case_id}", clock.now()
    desk.sign(cast.noor, case_id, keyring, now)
    db.session.commit()
    assert desk.FEEDBACK["heard"] not in page(paul, case)
    clock.shift_by(timedelta(minutes=11))
    assert desk.FEEDBACK["heard"] in page(paul, case)  # the bait


# --- until when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "status"), [(timedelta(seconds=5), 200), (timedelta(), 404), (-HOUR, 404)])
def test_at_the_end_that_was_set_the_door_is_closed(
    as_: Any, cast: SimpleNamespace, case_id: UUID, broken: str, left: timedelta, status: int
) -> None:
    db.session.execute(update(BreakGlass).values(until_at=clock.now() + left))
    db.session.commit()
    assert statuses(as_, f"/situations/{case_id}", cast.paul) == [status]


@pytest.mark.parametrize("who", ["paul", "mira"])
def test_either_of_the_two_ends_it_for_both(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, broken: str, who: str
) -> None:
    ender = mira if who == "mira" else cast.paul
    assert [as_(ender).post(f"{broken}/terminer").status_code for _ in range(2)] == [302, 403]
    assert statuses(as_, f"/situations/{case_id}", cast.paul, mira) == [404, 404]
    assert acts("glass-ended") == [("glass-ended", ender.id, f"case/{case_id}")]


def test_a_request_that_nobody_confirms_falls_after_a_week(
    as_: Any, cast: SimpleNamespace, mira: Person, asked: str
) -> None:
    clock.shift_by(timedelta(days=7))
    assert as_(mira).post(f"{asked}/confirmer").status_code == 404
    assert "Sans suite" in page(as_(cast.paul), LIST)


@pytest.mark.parametrize("who", ["paul", "mira"])
def test_a_declined_request_cannot_be_confirmed_any_more(
    as_: Any, cast: SimpleNamespace, mira: Person, asked: str, who: str
) -> None:
    assert as_(mira if who == "mira" else cast.paul).post(f"{asked}/refuser").status_code == 302
    assert as_(mira).post(f"{asked}/confirmer").status_code in {403, 404}
    assert [act[0] for act in acts("glass-declined", "glass-confirmed")] == ["glass-declined"]


# --- who may not ------------------------------------------------------------------------------------------------------


def test_whoever_has_left_the_committee_neither_reads_nor_counts(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, asked: str
) -> None:
    ended = update(RoleGrant).where(RoleGrant.person_id == cast.paul.id, RoleGrant.role == "committee")
    db.session.execute(ended.values(ended_at=clock.now() - HOUR))
    db.session.commit()
    assert as_(mira).post(f"{asked}/confirmer").status_code == 302  # told that it cannot be
    assert one(select(BreakGlass.confirmed_at)) is None
    assert statuses(as_, LIST, cast.paul) == [404]


def test_whoever_leaves_while_it_is_open_is_out(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, broken: str
) -> None:
    ended = update(RoleGrant).where(RoleGrant.person_id == cast.paul.id, RoleGrant.role == "committee")
    db.session.execute(ended.values(ended_at=clock.now() - HOUR))
    db.session.commit()
    assert statuses(as_, f"/situations/{case_id}", cast.paul, mira) == [404, 200]


@pytest.mark.parametrize("who", ["lee", "noor", "sam"])
def test_neither_side_of_a_case_asks_or_confirms(
    as_: Any, cast: SimpleNamespace, now: datetime, ask: Any, asked: str, case_id: UUID, keyring: Keyring, who: str
) -> None:
    """The author, the supervisor, and one who was it before."""
    person = getattr(cast, who)
    person.language = "fr"
    people.grant_role(actor=None, person=person, role="committee", now=now)
    if who == "sam":
        file = desk.opened(case_id)
        lifecycle.hand_over(author=cast.lee, supervisor=cast.sam, file=file, for_this_case=True, now=now)
        file = desk.opened(case_id)
        lifecycle.hand_over(author=cast.lee, supervisor=cast.noor, file=file, for_this_case=True, now=now)
    db.session.commit()
    client = as_(person)
    refused = ask(person)
    assert (refused.status_code, "d’autres du comité en décident" in refused.get_data(as_text=True)) == (422, True)
    assert client.post(f"{asked}/confirmer").status_code == 404
    assert "Paul" not in page(client, LIST)
    assert "levée de confidentialité à confirmer" not in page(client, "/")
    assert ("case-refused", person.id, f"case/{case_id}") in acts("case-refused")


def test_only_the_committee_knows_of_these_doors(as_: Any, cast: SimpleNamespace, ask: Any, asked: str) -> None:
    others = (cast.lee, cast.noor, cast.ada, cast.ines, cast.zoe)
    for address in (LIST, f"{LIST}/demander", asked):
        assert statuses(as_, address, *others) == [404] * len(others)
    assert [ask(person).status_code for person in others] == [404] * len(others)


def test_the_others_of_the_committee_find_it_at_home(as_: Any, cast: SimpleNamespace, mira: Person, asked: str) -> None:
    said = "Une levée de confidentialité à confirmer"
    assert [said in page(as_(person), "/") for person in (mira, cast.paul, cast.lee)] == [True, False, False]
    as_(mira).post(f"{asked}/confirmer")
    assert said not in page(as_(mira), "/")


# --- naming a case ----------------------------------------------------------------------------------------------------


def test_what_is_not_there_is_answered_alike(
    cast: SimpleNamespace, ask: Any, keyring: Keyring, now: datetime, case_id: UUID
) -> None:
    purged, withdrawn = (desk.bring(cast.lee, cast.noor, keyring, now) for _ in range(2))
    retention.purge(file=desk.opened(purged), because="retention", now=now)
    lifecycle.withdraw(author=cast.lee, file=desk.opened(withdrawn), keyring=keyring, now=now)
    draft = desk.draft(cast.lee, keyring, now)
    db.session.commit()
    names = [reference_of(each) for each in (purged, withdrawn, draft, new_id())] + ["n’importe quoi"]
    answers = [ask(cast.paul, reference=name) for name in names]
    said = "Aucune situation soumise ne porte cette référence."
    assert [(each.status_code, said in each.get_data(as_text=True)) for each in answers] == [(422, True)] * 5
    assert rows(select(BreakGlass.id)) == []


def test_references_are_not_guessed(cast: SimpleNamespace, ask: Any) -> None:
    found = [ask(cast.paul, reference=reference_of(new_id())).status_code for _ in range(12)]
    assert found == [422] * 10 + [429] * 2


@pytest.mark.parametrize(
    "changes",
    [{"reason": " "}, {"hours": "0"}, {"hours": "73"}, {"hours": "x"}, {"reference": ""}, {"reason": "x" * 4001}],
)
def test_an_incomplete_request_asks_nothing(cast: SimpleNamespace, ask: Any, changes: dict[str, str]) -> None:
    assert ask(cast.paul, **changes).status_code == 422
    assert rows(select(BreakGlass.id)) == []


def test_asking_twice_asks_once(as_: Any, cast: SimpleNamespace, ask: Any, asked: str) -> None:
    again = ask(cast.paul)
    assert (again.status_code, "déjà une demande" in again.get_data(as_text=True)) == (422, True)
    assert len(rows(select(BreakGlass.id))) == 1


def test_the_reason_is_sealed_and_read_by_those_who_decide(
    as_: Any, cast: SimpleNamespace, mira: Person, asked: str, case_id: UUID
) -> None:
    assert REASON.encode() not in one(select(BreakGlass.sealed))
    assert [REASON in page(as_(person), asked) for person in (cast.paul, mira)] == [True, True]
    assert desk.SITUATION["title"] not in page(as_(mira), asked) + page(as_(mira), LIST)


def test_a_title_is_in_the_list_while_it_is_open(as_: Any, cast: SimpleNamespace, mira: Person, broken: str) -> None:
    assert desk.SITUATION["title"] in page(as_(mira), LIST)
    as_(mira).post(f"{broken}/terminer")
    assert desk.SITUATION["title"] not in page(as_(mira), LIST)


# --- keeping it for a referral ----------------------------------------------------------------------------------------


def test_the_committee_keeps_a_case_that_it_reads_and_its_author_sees_why(
    as_: Any, cast: SimpleNamespace, mira: Person, case_id: UUID, broken: str
) -> None:
    why = "Une saisine est en cours."
    assert as_(mira).post(f"{broken}/garder", data={"reason": ""}).status_code == 422
    assert as_(mira).post(f"{broken}/garder", data={"reason": why}).status_code == 302
    assert why in page(as_(cast.lee), f"/situations/{case_id}")
    as_(mira).post(f"{broken}/terminer")
    assert as_(mira).post(f"{broken}/garder", data={"reason": why}).status_code == 403  # only while it is open
    assert as_(cast.lee).post(f"/situations/{case_id}/ne-plus-garder").status_code == 403
    assert as_(cast.paul).post(f"{broken}/ne-plus-garder").status_code == 302  # either of them, at any time
    assert why not in page(as_(cast.lee), f"/situations/{case_id}")


def test_a_lifted_agreement_changes_nothing_for_them(
    as_: Any, cast: SimpleNamespace, case_id: UUID, broken: str
) -> None:
    db.session.execute(update(Agreement).where(Agreement.supervisee_id == cast.lee.id).values(ended_at=clock.now()))
    db.session.commit()
    assert statuses(as_, f"/situations/{case_id}", cast.paul) == [200]


def test_the_list_costs_the_same_with_one_three_and_many(
    as_: Any, cast: SimpleNamespace, mira: Person, keyring: Keyring, now: datetime, statements: desk.Count
) -> None:
    client, costs = as_(mira), []
    for more in (1, 2, 40):
        for case in desk.many(more, cast.lee, cast.noor, keyring, now, state="submitted"):
            asked = actions.ask(
                actor=cast.paul,
                file=desk.opened(case),
                reason=REASON,
                hours=2,
                press=new_id(),
                keyring=keyring,
                now=now,
            )
            actions.confirm(actor=mira, glass=db.session.get_one(BreakGlass, asked), now=now)
        db.session.commit()
        statements()
        assert client.get(LIST).status_code == 200
        costs.append(len(statements()))
    assert costs[0] == costs[1] == costs[2] <= 6, costs


def test_the_author_is_not_told_that_somebody_reads_who_has_left_the_committee(
    cast: SimpleNamespace, mira: Person, case_id: UUID, broken: str, now: datetime
) -> None:
    def named() -> list[str]:
        at = clock.now()
        return [reader.name for reader in visibility.readers_of(desk.opened(case_id), at.date(), at)]

    assert [name for name in named() if name in {cast.paul.display_name, "Mira Lang"}] == [
        cast.paul.display_name,
        "Mira Lang",
    ]
    left = update(RoleGrant).where(RoleGrant.person_id == mira.id, RoleGrant.role == "committee")
    db.session.execute(left.values(ended_at=now))
    assert "Mira Lang" not in named()
    assert cast.paul.display_name in named()
