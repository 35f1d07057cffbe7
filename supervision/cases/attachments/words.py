"""Why a file is not taken, and what helps, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from supervision.association.models import Association
from supervision.cases.attachments.rules import FileRefused, TooLarge, TooMany

REFUSED: dict[str, Any] = {
    "Empty": _l("Choisissez un fichier : aucun n’est arrivé, ou il est vide."),
    "NotAccepted": _l(
        "Ce fichier n’est pas accepté. Le sont les images JPEG, PNG ou WebP et les documents PDF, "
        "d’après leur contenu et non d’après leur nom."
    ),
    "Damaged": _l(
        "Ce fichier ne s’ouvre pas : il est abîmé ou incomplet. "
        "Ouvrez-le sur votre appareil, enregistrez-le de nouveau, puis réessayez."
    ),
    "TooManyPixels": _l("Cette image compte trop de points. Réduisez-la, ou n’en joignez qu’une partie."),
    "Animated": _l("Une image animée n’est pas acceptée. Joignez l’image fixe qui compte."),
    "Encrypted": _l("Ce PDF est protégé par un mot de passe ou des restrictions. Joignez une copie sans protection."),
    "HiddenLayers": _l(
        "Ce PDF a des calques cachés, qui seraient lus par d’autres. Imprimez-le en PDF et joignez ce nouveau fichier."
    ),
    "TooManyPages": _l("Ce PDF a plus de 200 pages. Joignez seulement celles qui comptent."),
    "TooComplex": _l(
        "Ce fichier est trop complexe pour être nettoyé sans risque. "
        "Imprimez-le en PDF, ou joignez une image de ce qui compte."
    ),
    "Busy": _l("Une autre pièce est en train d’être nettoyée. Réessayez dans un instant."),
}


def reason(refusal: FileRefused, association: Association) -> str:
    """The sentence at the field."""
    if isinstance(refusal, TooLarge):
        return gettext(
            "Cette pièce dépasse %(limit)s Mo, la taille admise. Réduisez l’image, ou divisez le document.",
            limit=association.attachment_max_mb,
        )
    if isinstance(refusal, TooMany):
        return ngettext(
            "Cette situation a sa pièce jointe, la seule admise. Retirez-la pour en joindre une autre.",
            "Cette situation a ses %(num)s pièces jointes, le nombre admis. Retirez-en une pour en joindre une autre.",
            association.attachment_max_count,
        )
    return str(REFUSED[type(refusal).__name__])
