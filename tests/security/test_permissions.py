"""The whole law as answers: every door, tried by a stranger, by each side of a situation, and by each office alone.

302 is « done » or « sent on », 422 « let in, but the form is empty »; a stranger is sent to sign in by 302 or told so
by 401. What one may not see does not exist: 404. What one sees and may not do: 403.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervision.agreements import actions as agreements
from supervision.association.models import Association
from supervision.cases import actions as cases
from supervision.cases.attachments import actions as attachments
from supervision.cases.attachments.rules import Cleaned
from supervision.cases.break_glass import actions as break_glass
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.authoring import actions as authoring
from supervision.deontology.authoring.editing import begun_from
from supervision.deontology.coverage import actions as coverage
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.referrals import actions as referrals
from supervision.deontology.referrals.actions import Opening
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people.models import Person, RoleGrant
from supervision.scheduling.models import Seat
from supervision.sign_in.models import UserSession
from tests import desk
from tests.client import FreshClient
from tests.facts import one, undone
from tests.scheduling.tables import a_session

As = Callable[[Person], FreshClient]
# A: the author, Ana. V: her supervisor, Sam. N: another supervisor, Noor. L: another trainee, Lee. The offices alone:
# secretary, treasurer, coordinator, committee, administrator.
WHO = ("stranger", "ana", "sam", "noor", "lee", "secretary", "treasurer", "coordinator", "committee", "administrator")
OFFICES = WHO[5:]

TABLE = """
door                                               -    A    V    N    L    sec  tre  coo  com  adm
GET  /                                             302  200  200  200  200  200  200  200  200  200
GET  /mon-compte                                   302  200  200  200  200  200  200  200  200  200
POST /mon-compte                                   401  422  422  422  422  422  422  422  422  422
GET  /mot-de-passe                                 302  200  200  200  200  200  200  200  200  200
POST /mot-de-passe                                 401  422  422  422  422  422  422  422  422  422
GET  /mes-sessions                                 302  200  200  200  200  200  200  200  200  200
POST /mes-sessions/:session/fermer                 401  302  302  302  302  302  302  302  302  302
POST /mes-sessions/tout-fermer                     401  302  302  302  302  302  302  302  302  302
POST /deconnexion                                  401  302  302  302  302  302  302  302  302  302
GET  /connexion                                    200  302  302  302  302  302  302  302  302  302
POST /connexion                                    422  422  422  422  422  422  422  422  422  422
GET  /mot-de-passe-oublie                          200  200  200  200  200  200  200  200  200  200
POST /mot-de-passe-oublie                          422  422  422  422  422  422  422  422  422  422
GET  /invitation/:nobody                           410  410  410  410  410  410  410  410  410  410
POST /invitation/:nobody                           410  410  410  410  410  410  410  410  410  410
GET  /nouveau-mot-de-passe/:nobody                 410  410  410  410  410  410  410  410  410  410
POST /nouveau-mot-de-passe/:nobody                 410  410  410  410  410  410  410  410  410  410
POST /langue                                       302  302  302  302  302  302  302  302  302  302
GET  /premiere-installation                        404  404  404  404  404  404  404  404  404  404
POST /premiere-installation                        404  404  404  404  404  404  404  404  404  404
GET  /healthz                                      200  200  200  200  200  200  200  200  200  200
GET  /readyz                                       503  503  503  503  503  503  503  503  503  503
GET  /dev/boite-mail                               200  200  200  200  200  200  200  200  200  200
GET  /dev/boite-mail/:nobody                       404  404  404  404  404  404  404  404  404  404
GET  /dev/boite-mail/:nobody/html                  404  404  404  404  404  404  404  404  404  404
GET  /deontologie                                  200  200  200  200  200  200  200  200  200  200
GET  /deontologie/version-1                        200  200  200  200  200  200  200  200  200  200
GET  /deontologie/version-1/:article               200  200  200  200  200  200  200  200  200  200
GET  /deontologie/version-1/pdf-fr                 200  200  200  200  200  200  200  200  200  200
GET  /deontologie/version-1/pdf-en                 200  200  200  200  200  200  200  200  200  200
GET  /deontologie/version-1/depuis-1               404  404  404  404  404  404  404  404  404  404
GET  /deontologie/versions                         200  200  200  200  200  200  200  200  200  200
GET  /deontologie/depuis-ma-signature              302  302  302  302  302  302  302  302  302  302
GET  /textes                                       302  200  200  200  200  200  200  200  200  200
GET  /deontologie/signer                           302  302  302  302  200  200  200  200  200  200
POST /deontologie/signer                           401  302  302  302  302  302  302  302  302  302
GET  /deontologie/signer/:article                  302  302  302  302  200  200  200  200  200  200
POST /deontologie/signer/:article                  401  302  302  302  302  302  302  302  302  302
POST /deontologie/version-1/reponse                401  422  422  422  422  422  422  422  422  422
POST /deontologie/version-1/pris-connaissance      401  302  302  302  302  302  302  302  302  302
GET  /deontologie/refus                            302  302  302  302  302  302  302  302  302  302
GET  /deontologie/retirer                          302  200  200  200  302  302  302  302  302  302
POST /deontologie/retirer                          401  422  422  422  302  302  302  302  302  302
GET  /engagements                                  302  200  200  200  200  200  200  200  200  200
GET  /engagements/1                                302  200  404  404  404  404  404  404  404  404
GET  /engagements/1/recu                           302  200  404  404  404  404  404  404  404  404
GET  /verifier                                     200  200  200  200  200  200  200  200  200  200
GET  /verifier/:code                               200  200  200  200  200  200  200  200  200  200
GET  /deontologie/atelier                          302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/commencer                401  404  404  404  404  404  404  404  302  404
POST /deontologie/atelier/changer                  401  404  404  404  404  404  404  404  302  404
GET  /deontologie/atelier/article?cle=supervision  302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/article?cle=supervision  401  404  404  404  404  404  404  404  409  404
GET  /deontologie/atelier/texte                    302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/texte                    401  404  404  404  404  404  404  404  409  404
GET  /deontologie/atelier/nouvel-article           302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/nouvel-article           401  404  404  404  404  404  404  404  422  404
GET  /deontologie/atelier/publication              302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/publication              401  404  404  404  404  404  404  404  422  404
GET  /deontologie/atelier/apercu                   302  404  404  404  404  404  404  404  200  404
GET  /deontologie/atelier/changements              302  404  404  404  404  404  404  404  200  404
POST /deontologie/atelier/relecture                401  404  404  404  404  404  404  404  302  404
POST /deontologie/atelier/approuver                401  404  404  404  404  404  404  404  302  404
POST /deontologie/atelier/renvoyer                 401  404  404  404  404  404  404  404  422  404
POST /deontologie/atelier/publier                  401  404  404  404  404  404  404  404  422  404
POST /deontologie/atelier/abandonner               401  404  404  404  404  404  404  404  302  404
GET  /deontologie/textes                           302  404  404  404  404  404  404  404  200  404
POST /deontologie/textes                           401  404  404  404  404  404  404  404  422  404
POST /deontologie/textes/:text/retirer             401  404  404  404  404  404  404  404  403  404
POST /deontologie/textes/:text/reprendre           401  404  404  404  404  404  404  404  302  404
GET  /contrats                                     302  200  200  200  200  200  200  200  200  200
GET  /contrats/proposer                            302  200  200  200  200  403  403  200  403  403
POST /contrats/proposer                            401  422  422  422  422  403  403  422  403  403
POST /contrats/:agreement/signer                   401  302  404  302  404  404  404  403  404  404
POST /contrats/:agreement/terminer                 401  302  404  302  404  404  404  302  404  404
GET  /personnes                                    302  404  404  404  404  200  404  404  404  200
GET  /personnes/inviter                            302  403  403  403  403  200  403  403  403  200
POST /personnes/inviter                            401  403  403  403  403  422  403  403  403  422
GET  /personnes/:person                            302  404  404  404  404  200  404  404  404  200
GET  /personnes/:nobody                            302  404  404  404  404  404  404  404  404  404
POST /personnes/:newcomer/inviter-de-nouveau       401  404  404  404  404  302  404  404  404  302
POST /personnes/:person/inviter-de-nouveau         401  404  404  404  404  403  404  404  404  403
POST /personnes/:person/roles                      401  404  404  404  404  302  404  404  404  302
POST /personnes/:person/fermer                     401  404  404  404  404  403  404  404  404  302
POST /personnes/:person/rouvrir                    401  404  404  404  404  403  404  404  404  302
POST /roles/:proposal/confirmer                    401  404  404  404  404  403  404  404  404  302
POST /roles/:grant/terminer                        401  404  404  404  404  302  404  404  404  302
POST /roles/:proposal/terminer                     401  404  404  404  404  403  404  404  404  302
POST /roles/:nobody/terminer                       401  404  404  404  404  404  404  404  404  404
GET  /courriels                                    302  404  404  404  404  200  404  404  404  200
POST /courriels/:mail/essayer-de-nouveau           401  404  404  404  404  403  404  404  404  302
POST /courriels/tout-essayer-de-nouveau           401  404  404  404  404  403  404  404  404  302
GET  /journal                                      302  404  404  404  404  404  404  404  404  200
GET  /reglages                                     302  404  404  404  404  404  404  404  404  200
POST /reglages                                     401  404  404  404  404  404  404  404  404  422
GET  /reglages/formulaire                          302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/champ?cle=account        302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/partie?cle=recit         302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/nouveau-champ?partie=recit 302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/nouvelle-partie          302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/apercu                   302  404  404  404  404  404  404  200  404  200
GET  /reglages/formulaire/version-1                302  404  404  404  404  404  404  200  404  200
POST /reglages/formulaire/changer                  401  404  404  404  404  404  404  302  404  302
POST /reglages/formulaire/champ                    401  404  404  404  404  404  404  422  404  422
POST /reglages/formulaire/partie                   401  404  404  404  404  404  404  422  404  422
POST /reglages/formulaire/nouveau-champ            401  404  404  404  404  404  404  422  404  422
POST /reglages/formulaire/nouvelle-partie          401  404  404  404  404  404  404  422  404  422
POST /reglages/formulaire/publier                  401  404  404  404  404  404  404  302  404  302
POST /reglages/formulaire/abandonner               401  404  404  404  404  404  404  302  404  302
GET  /seances-collectives                          302  200  200  200  200  200  200  200  200  200
GET  /seances-collectives/nouvelle                 302  403  200  200  403  403  403  403  403  403
POST /seances-collectives/nouvelle                 401  403  422  422  403  403  403  403  403  403
GET  /seances-collectives/:group                   302  200  200  404  404  404  404  404  404  404
GET  /seances-collectives/:group/modifier          302  403  200  404  404  404  404  404  404  404
POST /seances-collectives/:group/modifier          401  403  422  404  404  404  404  404  404  404
POST /seances-collectives/:group/annuler           401  403  302  404  404  404  404  404  404  404
POST /seances-collectives/:group/participants      401  403  422  404  404  404  404  404  404  404
POST /seances-collectives/:group/participants/:seat/retirer 401 403 302 404 404 404  404  404  404  404
POST /seances-collectives/:group/quitter           401  302  403  404  404  404  404  404  404  404
POST /situations/:case/visibilite                  401  302  403  404  404  404  404  404  404  404
GET  /situations                                   302  200  200  200  200  200  200  200  200  200
GET  /situations/recues                            302  403  200  200  403  403  403  403  403  403
GET  /situations/recues?voir=toutes                302  403  200  200  403  403  403  403  403  403
GET  /situations/retrouver                         302  200  200  200  200  200  200  200  200  200
POST /situations/retrouver                         401  200  200  200  200  200  200  200  200  200
GET  /situations/recues/retrouver                  302  403  200  200  403  403  403  403  403  403
POST /situations/recues/retrouver                  401  403  200  200  403  403  403  403  403  403
GET  /mon-fil                                      302  200  200  200  200  200  200  200  200  200
GET  /situations/charge                            302  404  404  404  404  404  404  200  404  404
GET  /situations/:case/proposer                    302  404  404  404  404  404  404  200  404  404
POST /situations/:case/proposer                    401  404  404  404  404  404  404  302  404  404
GET  /situations/:draft/proposer                   302  404  404  404  404  404  404  404  404  404
POST /situations/:answered/proposer                401  404  404  404  404  404  404  404  404  404
POST /situations/nouvelle                          401  302  302  302  302  403  403  403  403  403
GET  /situations/:draft                            302  302  404  404  404  404  404  404  404  404
GET  /situations/:case                             302  200  200  404  404  404  404  404  404  404
GET  /situations/:answered                         302  200  200  404  404  404  404  404  404  404
GET  /situations/:nobody                           302  404  404  404  404  404  404  404  404  404
GET  /situations/:draft/brouillon                  302  200  404  404  404  404  404  404  404  404
POST /situations/:draft/brouillon                  401  302  404  404  404  404  404  404  404  404
GET  /situations/:draft/relecture                  302  200  404  404  404  404  404  404  404  404
POST /situations/:draft/relecture                  401  302  404  404  404  404  404  404  404  404
GET  /situations/:case/relecture                   302  302  403  404  404  404  404  404  404  404
POST /situations/:case/relecture                   401  302  403  404  404  404  404  404  404  404
POST /situations/:draft/jeter                      401  302  404  404  404  404  404  404  404  404
POST /situations/:case/jeter                       401  302  403  404  404  404  404  404  404  404
GET  /situations/:case/retour                      302  302  200  404  404  404  404  404  404  404
POST /situations/:case/retour                      401  403  302  404  404  404  404  404  404  404
GET  /situations/:case/retour/apercu               302  302  302  404  404  404  404  404  404  404
POST /situations/:case/retour/publier              401  403  302  404  404  404  404  404  404  404
POST /situations/:case/retour/reprendre            401  403  403  404  404  404  404  404  404  404
POST /situations/:answered/retour/completer        401  403  422  404  404  404  404  404  404  404
POST /situations/:case/retirer                     401  302  403  404  404  404  404  404  404  404
POST /situations/:case/reviser                     401  302  403  404  404  404  404  404  404  404
POST /situations/:case/demander-un-complement      401  403  422  404  404  404  404  404  404  404
POST /situations/:case/complement                  401  422  403  404  404  404  404  404  404  404
POST /situations/:case/echeance                    401  403  422  404  404  404  404  404  404  404
POST /situations/:case/proposition/accepter        401  404  403  404  404  404  404  404  404  404
POST /situations/:case/proposition/decliner        401  404  403  404  404  404  404  404  404  404
POST /situations/:case/clore                       401  403  403  404  404  404  404  404  404  404
POST /situations/:case/rouvrir                     401  403  403  404  404  404  404  404  404  404
POST /situations/:answered/mot                     401  403  403  404  404  404  404  404  404  404
POST /situations/:case/confier                     401  422  403  404  404  404  404  404  404  404
POST /situations/:answered/reponse                 401  302  403  404  404  404  404  404  404  404
GET  /situations/:draft/pieces                     302  200  404  404  404  404  404  404  404  404
POST /situations/:draft/pieces                     401  422  404  404  404  404  404  404  404  404
GET  /situations/:draft/pieces/:waiting            302  200  404  404  404  404  404  404  404  404
POST /situations/:draft/pieces/:waiting/retirer    401  302  404  404  404  404  404  404  404  404
GET  /situations/:illustrated/pieces               302  302  302  404  404  404  404  404  404  404
POST /situations/:illustrated/pieces               401  403  403  404  404  404  404  404  404  404
GET  /situations/:illustrated/pieces/:attached     302  200  200  404  404  404  404  404  404  404
POST /situations/:illustrated/pieces/:attached/retirer  401  302  403  404  404  404  404  404  404  404
GET  /deontologie/engagements                      302  404  404  404  404  200  404  404  200  404
POST /deontologie/engagements/liste/csv            401  404  404  404  404  200  404  404  200  404
POST /deontologie/engagements/liste/classeur       401  404  404  404  404  200  404  404  200  404
GET  /deontologie/engagements/personnes/:person    302  404  404  404  404  200  404  404  200  404
POST /deontologie/engagements/personnes/:person/delai 401 404 404 404 404  403  404  404  422  404
POST /deontologie/engagements/delais/:extension/retirer 401 404 404 404 404 403 404  404  302  404
GET  /deontologie/engagements/preuve               302  200  200  200  200  200  200  200  200  200
GET  /deontologie/engagements/preuve?personne=:person 302 404 404 404 404  200  404  404  200  404
POST /deontologie/engagements/preuve/pdf?personne=:person 401 404 404 404 404 200 404 404 200  404
GET  /deontologie/levees                           302  404  404  404  404  404  404  404  200  404
GET  /deontologie/levees/demander                  302  404  404  404  404  404  404  404  200  404
POST /deontologie/levees/demander                  401  404  404  404  404  404  404  404  422  404
GET  /deontologie/levees/:glass                    302  404  404  404  404  404  404  404  200  404
POST /deontologie/levees/:glass/confirmer          401  404  404  404  404  404  404  404  302  404
POST /deontologie/levees/:glass/refuser            401  404  404  404  404  404  404  404  302  404
POST /deontologie/levees/:broken/confirmer         401  404  404  404  404  404  404  404  403  404
POST /deontologie/levees/:broken/terminer          401  404  404  404  404  404  404  404  302  404
POST /deontologie/levees/:glass/terminer           401  404  404  404  404  404  404  404  403  404
POST /deontologie/levees/:broken/garder            401  404  404  404  404  404  404  404  422  404
POST /deontologie/levees/:broken/ne-plus-garder    401  404  404  404  404  404  404  404  302  404
GET  /deontologie/saisines                         302  200  200  200  200  200  200  200  200  200
GET  /deontologie/saisines/comite                  302  404  404  404  404  404  404  404  200  404
GET  /deontologie/saisines/poser-une-question      302  200  200  200  200  200  200  200  200  200
POST /deontologie/saisines/poser-une-question      401  422  422  422  422  422  422  422  422  422
GET  /deontologie/saisines/saisir-le-comite        302  200  200  200  200  200  200  200  200  200
POST /deontologie/saisines/saisir-le-comite        401  422  422  422  422  422  422  422  422  422
GET  /deontologie/saisines/:referral               302  200  404  404  404  404  404  404  200  404
POST /deontologie/saisines/:referral/mot           401  422  404  404  404  404  404  404  422  404
POST /deontologie/saisines/:referral/etape         401  403  404  404  404  404  404  404  422  404
POST /deontologie/saisines/:referral/note          401  403  404  404  404  404  404  404  422  404
POST /deontologie/saisines/:referral/conclure      401  403  404  404  404  404  404  404  422  404
POST /deontologie/saisines/:referral/rouvrir       401  422  404  404  404  404  404  404  422  404
POST /deontologie/saisines/:referral/recuser       401  422  404  404  404  404  404  404  403  404
POST /deontologie/saisines/:referral/me-recuser    401  403  404  404  404  404  404  404  302  404
GET  /a-lire/:referral                             302  302  302  302  302  302  302  302  302  302
POST /situations/:closed/garder                    401  422  403  404  404  404  404  404  403  404
POST /situations/:closed/ne-plus-garder            401  302  403  404  404  404  404  404  403  404
GET  /situations/:closed/exporter/markdown         302  200  403  404  404  404  404  404  403  404
GET  /situations/:closed/exporter/pdf              302  200  403  404  404  404  404  404  403  404
GET  /situations/:draft/exporter/markdown          302  403  404  404  404  404  404  404  404  404
"""


def rows_of_table() -> list[tuple[str, list[int]]]:
    lines = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return [(" ".join(line[:2]), [int(status) for status in line[2:]]) for line in lines if line]


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date) -> dict[str, Any]:
    """Something behind every door, and one person for each office."""
    at = now - timedelta(days=3)
    answered = desk.bring(cast.ana, cast.sam, keyring, at)
    desk.respond(cast.sam, answered, keyring, at + timedelta(days=1))
    made = agreements.propose(
        actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    officers = {office: _officer(office, now) for office in OFFICES}
    proposal = people.grant_role(actor=cast.ada, person=cast.zoe, role="treasurer", now=now)
    newcomer = people.add_person(
        actor=None, email="mira@rives.example", display_name="Mira", language="fr", zone="Europe/Paris", now=now
    )
    outbox.put(key="failed", kind="reset", person_id=cast.zoe.id, subject_id=new_id(), now=now)
    db.session.execute(update(OutboxMail).where(OutboxMail.key == "failed").values(failed_at=now))
    mail = db.session.scalars(select(OutboxMail.id).where(OutboxMail.key == "failed")).one()
    session = UserSession(id=new_id(), token_hash="x", person_id=cast.zoe.id, device="", began_at=now, seen_at=now)
    db.session.add(session)
    group = a_session(cast.sam, now + timedelta(days=1), [cast.ana])
    authoring.begin(actor=cast.paul, kind="deontologie", content=begun_from(authoring.sample_code()), now=now)
    found = {
        "group": group.id,
        "seat": db.session.scalars(select(Seat.id).where(Seat.session_id == group.id)).one(),
        "draft": desk.draft(cast.ana, keyring, now),
        "case": desk.bring(cast.ana, cast.sam, keyring, at),
        "answered": answered,
        "agreement": made.id,
        "person": cast.zoe.id,
        "newcomer": newcomer.id,
        "grant": db.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == cast.zoe.id)).first(),
        "proposal": proposal.id,
        "mail": mail,
        "session": session.id,
        "text": "deontologie",
        "extension": _extension(cast, now, today),
        "nobody": new_id(),
        "article": "responsabilite",
        "code": one(select(Acknowledgement.code).where(Acknowledgement.number == 1)),
        **_exceptions(cast, officers["committee"], keyring, at, now),
        "referral": _referral(cast, keyring, at),
    }
    found |= _with_files(found["draft"], cast, keyring, at)
    db.session.commit()
    return found | {"officers": officers}


def _extension(cast: SimpleNamespace, now: datetime, today: date) -> UUID:
    """More time for Zoé."""
    version = one(select(TextVersion))
    given = {"person": cast.zoe, "version": version, "until_on": today + timedelta(days=9), "reason": "Un congé."}
    return coverage.extend(actor=cast.paul, **given, now=now, today=today).id


def _with_files(draft: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> dict[str, UUID]:
    """A file that waits with a draft, and one that went with a situation."""
    db.session.execute(update(Association).values(accepts_attachments=True))
    illustrated, plan = desk.draft(cast.ana, keyring, at), Cleaned(b"%PDF-", "application/pdf", "pdf")
    waiting, attached = (
        attachments.add(file=desk.opened(case), cleaned=plan, name="plan.pdf", most=1, keyring=keyring, now=at)
        for case in (draft, illustrated)
    )
    fields, file = desk.situation_fields(cast.sam), desk.opened(illustrated)
    cases.submit(author=cast.ana, supervisor=cast.sam, file=file, fields=fields, revision=1, keyring=keyring, now=at)
    return {"waiting": waiting, "illustrated": illustrated, "attached": attached}


def _referral(cast: SimpleNamespace, keyring: Keyring, at: datetime) -> UUID:
    """What Ana asked of the committee."""
    opening = Opening(kind="question", title="Enregistrer", fields={"account": "Puis-je enregistrer ?"})
    return referrals.open_referral(author=cast.ana, opening=opening, press=new_id(), keyring=keyring, now=at)


def _exceptions(cast: SimpleNamespace, member: Person, keyring: Keyring, at: datetime, now: datetime) -> dict[str, Any]:
    """A request that waits for a second word of the committee, and a closed situation that two of it may read."""
    asked, closed = (desk.bring(cast.ana, cast.sam, keyring, at) for _ in range(2))
    desk.respond(cast.sam, closed, keyring, at + timedelta(days=1))
    lifecycle.close(actor=cast.ana, file=desk.opened(closed), now=now)
    made = {}
    for name, case_id in (("glass", asked), ("broken", closed)):
        asking = {"actor": cast.paul, "file": desk.opened(case_id), "reason": "Une plainte.", "hours": 24}
        made[name] = break_glass.ask(**asking, press=new_id(), keyring=keyring, now=now)
    break_glass.confirm(actor=member, glass=db.session.get_one(BreakGlass, made["broken"]), now=now)
    return {"closed": closed, **made}


def _officer(office: str, now: datetime) -> Person:
    person = people.add_person(
        actor=None, email=f"{office}@rives.example", display_name=office, language="fr", zone="Europe/Paris", now=now
    )
    people.grant_role(actor=None, person=person, role=office, now=now)
    return person


def form_for(door: str, cast: SimpleNamespace) -> dict[str, Any]:
    """What makes each act succeed for whoever may do it."""
    forms: dict[str, dict[str, Any]] = {
        "/deontologie/atelier/commencer": {"depuis": "vide"},
        "/deontologie/atelier/changer": {"up": "supervision", "revision": 1},
        "/situations/:case/visibilite": {"visibility": "supervisor"},
        "/situations/retrouver": {"words": "silence"},
        "/situations/recues/retrouver": {"words": "silence"},
        "/situations/:case/proposer": {"supervisor": str(cast.noor.id)},
        "/situations/nouvelle": {"creation_key": str(new_id())},
        "/personnes/:person/roles": {"role": "trainee"},
        "/reglages/formulaire/changer": {"retire": "effects", "revision": 0},
        "/reglages/formulaire/champ": {"key": "effects"},
        "/reglages/formulaire/partie": {"key": "recit"},
        "/situations/:draft/brouillon": desk.situation_form(cast.sam, 1),
        "/situations/:draft/relecture": {"revision": 1},
        "/situations/:case/retour": desk.FEEDBACK | {"revision": 0},
        "/situations/:answered/reponse": desk.ANSWER,
    }
    return forms.get(door, {})


@pytest.mark.slow
def test_every_door_answers_each_person_as_the_law_says(
    app: Flask, as_: As, visitor: FreshClient, cast: SimpleNamespace, world: dict[str, Any]
) -> None:
    def answer(door: str, who: str) -> int:
        method, _, path = door.partition(" ")
        address = path
        for name, found in world.items():
            address = address.replace(f":{name}", str(found))
        data = form_for(path, cast) if method == "POST" else None
        with undone(app):
            return browsers[who].again().open(address, method=method, data=data).status_code

    persons = {who: world["officers"].get(who) or getattr(cast, who) for who in WHO if who != "stranger"}
    browsers = {"stranger": visitor, **{who: as_(person) for who, person in persons.items()}}
    answers = {door: [answer(door, who) for who in WHO] for door, _ in rows_of_table()}
    assert answers == dict(rows_of_table())


def test_the_table_holds_every_door(app: Flask) -> None:
    def shape(path: str) -> str:
        path = re.sub("^/textes/<kind>", "/deontologie", path)  # the same view, of another text
        path = path.replace("<int(max=999999999):number>", "1").replace("-<int(max=9999):since>", "-1")
        parts = path.partition("?")[0].split("/")
        return "/".join("*" if part[:1] in {":", "<"} else part for part in parts)

    tried = {(door.split()[0], shape(door.split()[1])) for door, _ in rows_of_table()}
    doors = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST"}:
            doors.add((method, shape(rule.rule.replace("version-<int(max=9999):number>", "version-1"))))
    assert doors - tried == set()


def test_each_office_is_held_alone(cast: SimpleNamespace, world: dict[str, Any], now: datetime) -> None:
    for office, person in world["officers"].items():
        held = select(RoleGrant.role).where(RoleGrant.person_id == person.id)
        assert one(held) == office
