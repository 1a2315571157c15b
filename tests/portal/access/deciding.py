"""What is decided about one address, and the short words in which the table decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.portal.access.audiences import Audience
from tests.portal.access.world import Actor, Place

Data = Callable[[Actor, Place], dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    """What is decided about one address.

    `arguments` names kinds of objects in a place, or stands for itself when it begins with "="; a place without one of
    them is left out. `data` is what a POST or PATCH sends. `refuses` are stages at which even the rightful person is
    answered with a reason (400, 409, 422) instead of done.
    """

    methods: dict[str, Audience]
    arguments: tuple[str, ...] = ()
    data: Data = field(default=lambda actor, place: {})
    refuses: bool = False
    never: frozenset[str] = frozenset()  # methods that are refused with a reason wherever the world asks
    stages: tuple[str, ...] = ()  # the stages at which it is asked; all when none is named
    only: str = ""  # the kind of object in whose places the address is asked, when its arguments do not say

    @property
    def public(self) -> bool:
        return all(audience.public for audience in self.methods.values())

    def keys(self, place: Place) -> list[Any] | None:
        """The arguments of the address at this place; None where it has none."""
        if self.stages and place.stage not in (*self.stages, "nothing"):
            return None
        if self.only and place.get(self.only) is None:
            return None
        found = [name[1:] if name.startswith("=") else place.get(name) for name in self.arguments]
        return None if any(key is None for key in found) else found


def get(audience: Audience, *arguments: str, **more: Any) -> Rule:
    return Rule({"GET": audience}, arguments, **more)


def post(audience: Audience, *arguments: str, data: Data | None = None, refuses: bool = True, **more: Any) -> Rule:
    given = {} if data is None else {"data": data}
    return Rule({"POST": audience}, arguments, refuses=refuses, **given, **more)


def form(shown: Audience, *arguments: str, sent: Audience | None = None, data: Data | None = None, **more: Any) -> Rule:
    """A page with a form: GET shows it, POST sends it; `sent` where fewer people may send than see."""
    given = {} if data is None else {"data": data}
    return Rule({"GET": shown, "POST": sent or shown}, arguments, refuses=True, **given, **more)


def fields(**values: Any) -> Data:
    return lambda actor, place: dict(values)
