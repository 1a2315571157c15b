"""Importing this imports what nearly every run needs; a warm sandbox does it before there is a job."""

from __future__ import annotations

from evaluations.methods import fitting, parameters, registry, results
from evaluations.readers import bundle

__all__ = ["bundle", "fitting", "parameters", "registry", "results"]

# Methods are modules found by name, others' by entry point; one that is broken is told by the run that asks for it.
registry.all_methods()
