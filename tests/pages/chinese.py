"""What is still English on a page, in a letter or in an answer that is meant to be Chinese."""

from __future__ import annotations

import re

# Three or more Latin words in a row, whatever stands between them on one line.
SENTENCE = re.compile(r"[A-Za-z][A-Za-z’'-]+(?:[ ,;:]+[A-Za-z][A-Za-z’'-]+){2,}")
# What people typed, and proper names: of organisations, systems, standards and programs, in whatever language they are.
NAMES = (
    "Access A Ltd",
    "Access B Ltd",
    "Trust Assessment Portal",
    "Aurora Vision Ltd",
    "Borealis Analytics Ltd",
    "Alice Archer",
    "CAICT/JD White Paper",
    "NIST AI RMF",
    "Data Security Law",
)
# Texts that the world's people wrote.
TYPED = (
    "Reading forms",
    "Complete and within our competence",
    "A serious incident is being looked into",
    "The model was replaced by another one",
    "Seen in the records of the applicant; fictional",
    "The report holds",
    "My brother works there",
    "Donaudampf",
    "for the optical recognition of handwritten figures on forms in many languages and scripts",
    "Not shown",
    "See the policy",
    "Several users report wrong readings",
    "Looked at: all is well",
)


def english_in(texts: list[str]) -> list[str]:
    """The sentences that are English and nobody's own words."""
    found: dict[str, None] = {}
    for text in texts:
        shown = " ".join(text.split())
        for own in (*NAMES, *TYPED):
            shown = shown.replace(own, "…")
        found |= dict.fromkeys(match[0] for match in SENTENCE.finditer(shown))
    return list(found)
