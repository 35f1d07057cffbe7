"""How a feedback and an answer call their parts on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

# In the order in which a feedback is written and read.
PARTS = {
    "acknowledgement": _l("Accusé de réception"),
    "heard": _l("Ce que j’entends de votre question"),
    "resources": _l("Les ressources que je vois"),
    "questions": _l("Questions à explorer"),
    "hypotheses": _l("Hypothèses, à prendre comme telles"),
    "resonances": _l("Résonances et processus parallèle"),
    "paths": _l("Pistes"),
    "experiment": _l("Une expérience à tenter"),
}
HELP = {
    "acknowledgement": _l("Un mot d’accueil : ce que vous avez lu, et comment."),
    "heard": _l("La question telle que vous l’entendez, pour qu’elle puisse être corrigée."),
    "resources": _l("Chez la personne, dans le groupe, dans le cadre."),
    "questions": _l("Une ligne qui commence par un tiret devient un point de liste."),
    "hypotheses": _l("Dites-les comme des hypothèses : elles peuvent être fausses."),
    "resonances": _l("Ce que ce récit a fait en vous, et ce qui s’y rejoue peut-être."),
    "paths": _l("Une piste ou deux, plutôt que cinq."),
    "experiment": _l("Assez petite pour être tentée une fois."),
}
LENSES = {
    "group": _l("le groupe"),
    "intervention": _l("l’intervention"),
    "relation": _l("la relation"),
    "practitioner": _l("l’intervenant·e"),
    "supervision": _l("la supervision"),
    "self": _l("moi"),
    "context": _l("le contexte"),
}
FRAME_ETHICS = {
    "nothing": _l("Rien à signaler"),
    "to-work-on": _l("À travailler en séance"),
    "to-handle": _l("À traiter ensemble sans attendre"),
}
OUTCOMES = {
    "as-proposed": _l("Je l’ai tentée comme proposée"),
    "otherwise": _l("Je l’ai tentée autrement, à ma façon"),
    "not-yet": _l("Pas encore"),
    "set-aside": _l("Je l’ai laissée de côté"),
}
USEFULNESS = {
    "much": _l("Beaucoup"),
    "partly": _l("En partie"),
    "not-this-time": _l("Pas cette fois"),
}
