"""How kinds of passages are called on the screen, and what is suggested for each. Nothing is ever required."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KINDS = {
    "email": _l("Adresse électronique"),
    "link": _l("Lien"),
    "phone": _l("Numéro de téléphone"),
    "address": _l("Adresse postale"),
    "postcode": _l("Code postal"),
    "date": _l("Date exacte"),
    "titled": _l("Titre et nom"),
    "organisation": _l("Nom d’un établissement"),
    "place": _l("Nom d’un lieu"),
    "town": _l("Nom d’une ville"),
    "name": _l("Nom propre, peut-être"),
    "combination": _l("Une fonction, un lieu et une date"),
}
SUGGESTIONS = {
    "email": _l("Retirez l’adresse ; au besoin, dites seulement qu’il y a eu un échange écrit."),
    "link": _l("Retirez le lien et dites en quelques mots ce qui s’y trouve."),
    "phone": _l("Retirez le numéro."),
    "address": _l("Remplacez l’adresse par un lieu quelconque : « dans une salle prêtée »."),
    "postcode": _l("Retirez le code et la commune ; au besoin, écrivez « une ville moyenne » ou « un village »."),
    "date": _l("Remplacez par le mois ou la saison : « en mars », « au printemps »."),
    "titled": _l("Remplacez par une fonction (« une cadre », « un élu ») ou par un prénom inventé."),
    "name": _l("Si c’est une personne, choisissez un prénom inventé et dites-le ; sinon, écrivez un mot commun."),
    "acronym": _l("Ce sigle désigne peut-être une structure précise : dites plutôt à quoi elle sert."),
    "school": _l("Écrivez « une école », « un collège » ou « une crèche », sans son nom."),
    "care": _l("Écrivez « un hôpital » ou « un foyer », sans son nom ni sa spécialité."),
    "association": _l("Écrivez « une association » ou « une structure du quartier », sans son nom."),
    "company": _l("Écrivez « une entreprise », sans son nom ; changez le secteur s’il est rare."),
    "project": _l("Écrivez « un dispositif » ou « un projet commun », sans son nom."),
    "organisation": _l("Écrivez de quel genre d’établissement il s’agit, sans son nom."),
    "quarter": _l("Écrivez « un quartier », « une résidence » ou « un village », sans son nom."),
    "region": _l("Si le groupe est petit, écrivez « une région rurale » ou « une grande agglomération »."),
    "town": _l("Écrivez « une grande ville », « une petite ville » ou « un village »."),
    "combination": _l(
        "Ensemble, ces trois détails peuvent suffire à reconnaître quelqu’un : changez-en un, ou restez plus vague."
    ),
    "combination-known": _l(
        "Avec ce que disent déjà le titre ou la période, ce passage peut suffire à reconnaître quelqu’un : "
        "restez plus vague sur la fonction, le lieu ou la date."
    ),
}
REASONS = {
    "invented": _l("c’est un nom inventé"),
    "common-word": _l("c’est un mot de tous les jours"),
    "public-place": _l("c’est un lieu public, sans lien avec le groupe"),
    "changed": _l("c’est déjà changé"),
    "other": _l("une autre raison"),
}
