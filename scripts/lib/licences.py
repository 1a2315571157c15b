"""Under which licence a locked package comes, as an SPDX expression, and whether this project may use it.

What a package says of itself is taken where it is plain. `REVIEWED` holds what was read in a package's own files: for
those that say nothing plain, that are not installed on every machine, or that are locked in two versions.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution

# Permissive, or weakly reciprocal: used as separate, unmodified packages, which is what LGPL and MPL ask for.
ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("PSF-2.0", "Unlicense", "Zlib"),
    *("LGPL-2.1-or-later", "LGPL-3.0-only", "MPL-1.1", "MPL-2.0"),
}
REVIEWED = {
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT AND MPL-2.0",  # brings axe-core along
    "brotlicffi": "MIT",
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "numpy": "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "pyphen": "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "skops": "MIT",
    "tzdata": "Apache-2.0",
}
PLAIN = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause or apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "3-clause bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
IDENTIFIERS = {name.lower(): name for name in ALLOWED}
NO_ENDORSEMENT = re.compile(r"neither\s+the\s+names?\b|names?\s+of\s+(?:its|the|any)\s+contributors", re.IGNORECASE)


def expression(name: str, distribution: Distribution | None) -> str | None:
    """The SPDX expression of one package; None when it is not known."""
    if name in REVIEWED:
        return REVIEWED[name]
    if distribution is None:
        return None
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [text.split(" :: ")[-1] for text in metadata.get_all("Classifier", []) if text.startswith("License")]
    for text in (*metadata.get_all("License", []), *classifiers):
        plain = text.strip().lower()
        if found := IDENTIFIERS.get(plain) or PLAIN.get(plain):
            return found
        if plain in {"bsd", "bsd license"}:
            return _which_bsd(distribution)
    return None


def is_allowed(licence: str) -> bool:
    """Whether every part of the expression may be used; of alternatives one is enough. No brackets, no exceptions."""
    return any(all(part in ALLOWED for part in choice.split(" AND ")) for choice in licence.split(" OR "))


def _which_bsd(distribution: Distribution) -> str | None:
    """BSD of three clauses forbids endorsement, that of two says nothing on it: the licence's own text decides."""
    texts = [
        text
        for file in distribution.files or ()
        if re.match(r"(licen[cs]e|copying)", file.name, re.IGNORECASE) and (text := file.read_text())
    ]
    texts = [text for text in texts if "redistribution" in text.lower()]
    if not texts:
        return None
    return "BSD-3-Clause" if any(NO_ENDORSEMENT.search(text) for text in texts) else "BSD-2-Clause"
