"""Does a criterion apply to an object? A predicate (data of the standard) over the profile that the plan froze.

A predicate is one of
    {}                                          always
    {fact: NAME, is: VALUE}                     the fact has that value
    {fact: NAME, in: [VALUE, ...]}              the fact has one of these values
    {all: [PREDICATE, ...]} · {any: [...]} · {not: PREDICATE}

A fact that the profile does not state never removes a criterion: whoever leaves a question open gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Predicate = Mapping[str, Any]


def evaluate(predicate: Predicate, profile: Mapping[str, Any]) -> bool | None:
    """True, False, or None when the facts stated do not settle it (Kleene's three-valued logic).

    Raises ValueError when the predicate has none of the forms above.
    """
    if not predicate:
        return True
    if "fact" in predicate:
        return _compare(predicate, profile)
    if "not" in predicate:
        inner = evaluate(predicate["not"], profile)
        return None if inner is None else not inner
    if "all" in predicate:
        return _join([evaluate(part, profile) for part in predicate["all"]], decisive=False)
    if "any" in predicate:
        return _join([evaluate(part, profile) for part in predicate["any"]], decisive=True)
    raise ValueError(f"not a predicate: {dict(predicate)!r}")


def applies(predicate: Predicate, profile: Mapping[str, Any]) -> bool:
    """Whether the criterion stays in the computation; it leaves only when the profile says so."""
    return evaluate(predicate, profile) is not False


def conditions(predicate: Predicate) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every (fact, values compared with) of a predicate, so that a standard can be checked against its facts."""
    if "fact" in predicate:
        yield predicate["fact"], _values(predicate)
    for part in (*predicate.get("all", ()), *predicate.get("any", ())):
        yield from conditions(part)
    if "not" in predicate:
        yield from conditions(predicate["not"])


def open_facts(predicates: list[Predicate], profile: Mapping[str, Any]) -> list[str]:
    """Facts that the profile does not state although some predicate still depends on them, sorted."""
    return sorted(
        {
            fact
            for predicate in predicates
            if evaluate(predicate, profile) is None
            for fact, _ in conditions(predicate)
            if profile.get(fact) is None
        }
    )


def _values(predicate: Predicate) -> tuple[Any, ...]:
    if "is" in predicate:
        return (predicate["is"],)
    return tuple(predicate["in"])


def _compare(predicate: Predicate, profile: Mapping[str, Any]) -> bool | None:
    stated = profile.get(predicate["fact"])
    if stated is None:
        return None
    # In Python True == 1; a profile that says 1 has not said "yes".
    return any(type(stated) is type(value) and stated == value for value in _values(predicate))


def _join(parts: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive
