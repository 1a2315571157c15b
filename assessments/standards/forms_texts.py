"""Fields that drafts are written in: texts in pairs of languages, and small mappings as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext

from .documents import DocumentRefused, parse_document
from .exchange.formats import in_one_line

LANGUAGES = ("en", "zh")
TITLE_AT_MOST = 200


class Bilingual:
    """Pairs of fields `name_en`, `name_zh` of a form, as content `{en, zh}` and back."""

    fields: dict[str, forms.Field]

    def add_pair(self, name: str, label: str, *, rows: int = 0) -> None:
        """`rows` 0 makes lines, more makes boxes of that height."""
        words = {"en": pgettext("language", "English"), "zh": pgettext("language", "Chinese")}
        for language in LANGUAGES:
            attrs = {"lang": "zh-Hans" if language == "zh" else "en", **({"rows": rows} if rows else {})}
            shown = pgettext("field and its language", "%(field)s (%(language)s)") % {
                "field": label,
                "language": words[language],
            }
            field = forms.CharField(
                label=shown,
                required=False,
                max_length=None if rows else TITLE_AT_MOST,
                widget=forms.Textarea(attrs) if rows else forms.TextInput(attrs),
            )
            field.asked = True  # type: ignore[attr-defined]  # may stay empty for now, and is not called optional
            self.fields[f"{name}_{language}"] = field


def is_text(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == set(LANGUAGES) and all(isinstance(v, str) for v in value.values())


def spread(name: str, text: Mapping[str, str] | None) -> dict[str, str]:
    """A text of two languages as initial values of a pair."""
    return {f"{name}_{language}": (text or {}).get(language, "") for language in LANGUAGES}


def gathered(data: Mapping[str, Any], name: str) -> dict[str, str]:
    """The pair as content; line ends as everywhere else."""
    return {lang: (data.get(f"{name}_{lang}") or "").replace("\r\n", "\n").strip() for lang in LANGUAGES}


class PlainData(forms.CharField):
    """A small mapping written as YAML on one line: `{fact: modality, is: image}`."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return in_one_line(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return {}
        try:
            return parse_document(text, "YAML").content
        except DocumentRefused as refusal:
            words = gettext("Not a mapping in YAML: %(problem)s") % {"problem": refusal.problems[0].text.en}
            raise ValidationError(words) from refusal
