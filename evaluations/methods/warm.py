"""Importing this imports what nearly every run needs; a warm sandbox does it before there is a job."""

from __future__ import annotations

from importlib import import_module

from evaluations.methods import fitting, parameters, registry, results
from evaluations.readers import bundle

__all__ = ["bundle", "fitting", "parameters", "registry", "results"]

# SciPy loads its parts at their first use, which takes longer than many a whole run.
for part in ("scipy.ndimage", "scipy.special", "scipy.stats", "PIL.Image"):
    import_module(part)

# Methods are modules found by name, others' by entry point; one that is broken is told by the run that asks for it.
registry.all_methods()
