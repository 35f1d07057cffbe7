"""The choices of one reading: for each finding « keep, because … », with a word of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField

from supervision.cases.forms import Revised
from supervision.cases.reidentification.decisions import REASONS, Decision, decided, reasons_for
from supervision.cases.reidentification.review import Finding
from supervision.cases.reidentification.words import REASONS as REASON_NAMES
from supervision.forms import line

WORDS = 200  # characters
UNDECIDED = _l("À décider")


class ChoicesForm(Revised):
    """Two fields for each finding, named after its identity, so that a choice never lands at another passage."""

    findings: tuple[Finding, ...] = ()

    def because(self, finding: Finding) -> Any:
        return self._fields[_names(finding)[0]]

    def words(self, finding: Finding) -> Any:
        return self._fields[_names(finding)[1]]

    def decisions(self) -> dict[str, Decision | None]:
        """What is chosen at each finding on the page."""
        return {finding.identity: self._decided(finding) for finding in self.findings}

    def _decided(self, finding: Finding) -> Decision | None:
        because, words = self.because(finding).data or "", self.words(finding).data or ""
        if finding.decision and not because and words == finding.decision.words:
            return None  # taken back: the words of then are no new reason
        return decided(finding.kind, finding.words, because, words)


def _names(finding: Finding) -> tuple[str, str]:
    """Within one text, the beginning of an identity tells passages apart well enough."""
    return f"because-{finding.identity[:12]}", f"words-{finding.identity[:12]}"


def choices_form(findings: Sequence[Finding], revision: int) -> ChoicesForm:
    """The form of these findings, with what is decided already; what was sent comes first."""
    asked = tuple(finding for finding in findings if not finding.settled_by)
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"revision": revision}
    offered = {reason: SelectChoice(value=reason, label=REASON_NAMES[reason]) for reason in REASONS}
    undecided = SelectChoice(value="", label=UNDECIDED)
    for finding in asked:
        because, words = _names(finding)
        choices = [undecided, *(offered[reason] for reason in reasons_for(finding.kind))]
        fields[because] = SelectField(_l("Garder, parce que …"), choices=choices)
        fields[words] = line(_l("En quelques mots"), limit=WORDS)
        made_before = finding.decision
        data |= {because: made_before.because if made_before else "", words: made_before.words if made_before else ""}
    made: ChoicesForm = type("ChoicesOfOneReading", (ChoicesForm,), {"findings": asked, **fields})(data=data)
    return made
