"""What the checks found in a draft, in words that name the place as a person knows it, with the way to its field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, gettext, pgettext

from .documents import Place, Problem, render_place
from .models import Edition
from .wording import FIELDS

# Parts of an edition that stand on the page of the edition as a whole, with the field there.
_LANGUAGES = ("en", "zh")
_LISTS = ("evidence", "methods", "references")


@dataclass(frozen=True)
class Found:
    """One problem: the criterion (empty: the edition as a whole), where in it, what, and the address of the field."""

    criterion: str
    where: str
    text: str
    url: str


def found_in(edition: Edition, problems: Iterable[Problem]) -> list[Found]:
    """Problems of an edition and its schemes, in the language of the request and the order of the text."""
    return [_found(edition, problem) for problem in sorted(problems, key=lambda item: _order(item.place))]


def _found(edition: Edition, problem: Problem) -> Found:
    chinese = (get_language() or "").startswith("zh")
    text = problem.text.zh if chinese else problem.text.en
    place = problem.place
    if problem.file != str(edition):
        return Found("", f"{problem.file}, {render_place(place)}", text, reverse("drafts:draft", args=[edition.pk]))
    criteria = edition.content["criteria"]
    if len(place) >= 2 and place[0] == "criteria" and isinstance(place[1], int) and place[1] < len(criteria):
        code = criteria[place[1]]["code"]
        url = reverse("drafts:criterion", args=[edition.pk, code])
        return Found(code, _where(place[2:]), text, f"{url}{_anchor(place[2:])}")
    return Found("", _where(place), text, reverse("drafts:general", args=[edition.pk]) + _anchor(place))


def _where(place: Place) -> str:
    """`Evidence 2 (Chinese)`; what has no name of its own is shown as it is written in the file."""
    if not place:
        return ""
    words = str(FIELDS.get(str(place[0]), place[0]))
    if len(place) > 1 and isinstance(place[1], int):
        # Scores begin at 0, items of a list are counted from 1.
        words = f"{words} {place[1] + (place[0] != 'anchors')}"
    if place[-1] in _LANGUAGES:
        names = {"en": pgettext("language", "English"), "zh": pgettext("language", "Chinese")}
        return gettext("%(field)s (%(language)s)") % {"field": words, "language": names[str(place[-1])]}
    return words


def _anchor(place: Sequence[str | int]) -> str:
    """The id of the field in the forms of `forms_draft`; a list's own heading where the field is not one of them."""
    if not place:
        return ""
    first, last = str(place[0]), place[-1]
    language = f"_{last}" if last in _LANGUAGES else "_en"
    if first == "anchors":
        return f"#id_anchor{place[1]}{language}" if len(place) > 1 else "#id_anchor0_en"
    if first in _LISTS:
        return f"#{first}"
    if first in ("characteristics", "facts"):
        return "#id_structure"
    if first in ("title", "statement", "rationale", "guidance", "summary", "scope", "status_note"):
        return f"#id_{first}{language}"
    return f"#id_{first}"


def _order(place: Place) -> tuple[int, int]:
    if len(place) >= 2 and place[0] == "criteria" and isinstance(place[1], int):
        return 1, place[1]
    return 0, 0
