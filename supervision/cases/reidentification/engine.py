"""What in a text may say who is meant. It shows and explains; it never blocks.

Pure: the same text gives the same passages, nothing is read but the word lists, nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from supervision.cases.reidentification import contacts, dates, organisations, people, places
from supervision.cases.reidentification.combination import PLACES, combinations
from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.reading import Reading

# In the order of KINDS: whoever comes first takes its characters.
FINDERS: tuple[Callable[[Reading], Iterable[Passage]], ...] = (
    contacts.emails,
    contacts.links,
    contacts.phones,
    places.addresses,
    places.postcodes,
    dates.days,
    people.titled,
    organisations.organisations,
    places.neighbourhoods,
    places.towns,
    people.names,
)
NOTHING: frozenset[str] = frozenset()


def examine(
    text: str, language: str, *, pseudonyms: frozenset[str] = NOTHING, known: frozenset[str] = NOTHING
) -> tuple[Passage, ...]:
    """The passages of a text in 'fr' or 'en', by place. Only a combination may lie over others.

    `pseudonyms`: names the author marked as invented; those the text declares are added. `known`: which of "place" and
    "date" the reader has from elsewhere.
    """
    reading = Reading(text, language)
    reading.pseudonyms = people.folded(pseudonyms) | people.declared(reading)
    found = list(_settled(reading))
    found += combinations(reading, found, known - {"role"})
    return tuple(sorted(found))


def _settled(reading: Reading) -> Iterator[Passage]:
    for find in FINDERS:
        for passage in list(find(reading)):
            if reading.is_free(passage.start, passage.end) and not people.is_invented(reading, passage):
                reading.take(passage)
                yield passage


def examine_form(
    fields: Mapping[str, str],
    language: str | Mapping[str, str],
    *,
    pseudonyms: frozenset[str] = NOTHING,
    setting: frozenset[str] = NOTHING,
) -> dict[str, tuple[Passage, ...]]:
    """The passages of several fields of one form, under the names of the fields; one without passages is left out.

    A name declared invented in one field is so in all. `language` is that of every field, or of each by its name.
    `setting` names the short fields that place the whole text (its title, its period): a place or a month that stands
    there counts in the combinations of every other field.
    """
    in_ = dict.fromkeys(fields, language) if isinstance(language, str) else language
    invented = pseudonyms.union(*(declared_pseudonyms([text], in_[name]) for name, text in fields.items()))
    known = NOTHING.union(*(_known(fields[name], in_[name]) for name in setting & fields.keys()))
    examined = {
        name: examine(text, in_[name], pseudonyms=invented, known=NOTHING if name in setting else known)
        for name, text in fields.items()
    }
    return {name: passages for name, passages in examined.items() if passages}


def declared_pseudonyms(texts: Iterable[str], language: str) -> frozenset[str]:
    """The names that the texts themselves say are invented, folded."""
    return NOTHING.union(*(people.declared(Reading(text, language)) for text in texts))


def _known(text: str, language: str) -> frozenset[str]:
    kinds = {passage.kind for passage in examine(text, language)}
    has_place, has_date = bool(kinds & PLACES), "date" in kinds or any(dates.months(Reading(text, language)))
    return frozenset(part for part, there in (("place", has_place), ("date", has_date)) if there)
