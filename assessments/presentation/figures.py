"""How numbers, times, sizes and lists are written on a page; one rule each, in both languages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.utils import formats, translation
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

BYTES_A_STEP = 1000
UNITS = ("kB", "MB", "GB", "TB")
FIRST_OF_CHINESE = "\u2e80"  # radicals, punctuation, ideographs and full-width forms follow


def tenths(value: int | None) -> str:
    """A score kept in integer tenths as it is read: 34 → "3.4"; nothing → an en dash."""
    if value is None:
        return "–"
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 10}.{abs(value) % 10}"


def number(value: float | None, digits: int = 3) -> str:
    """A measured value with at most `digits` decimals, no padding zeros beyond them; undefined → an en dash."""
    if value is None or not math.isfinite(value):
        return "–"
    if value != 0 and abs(value) < 10**-digits:
        return f"{value:.1e}"
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text and abs(value) >= 100 else text


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval as "0.912 – 0.958"; an unknown end is an en dash's place left open ("≥ 0.912", "≤ 0.958")."""
    if low is None and high is None:
        return "–"
    if high is None:
        return f"≥ {number(low, digits)}"
    if low is None:
        return f"≤ {number(high, digits)}"
    return f"{number(low, digits)} – {number(high, digits)}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share of 1 as a percentage: 0.4485 → "44.9 %"."""
    if share is None or not math.isfinite(share):
        return "–"
    return f"{share * 100:.{digits}f} %"


def size(count: int | None) -> str:
    """A number of bytes in decimal units: 26_312 → "26.3 kB"."""
    if count is None:
        return "–"
    if count < BYTES_A_STEP:
        return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}
    step = min(int(math.log(count, BYTES_A_STEP)), len(UNITS))
    amount = count / BYTES_A_STEP**step
    return f"{amount:.1f} {UNITS[step - 1]}" if amount < 100 else f"{amount:.0f} {UNITS[step - 1]}"


def duration(seconds: float | None) -> str:
    """A length of time in the two largest units that matter: 83 → "1 min 23 s"."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
    whole = round(seconds)
    if whole < 60:
        return _("%(seconds)s s") % {"seconds": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def digest(value: str, length: int = 12) -> SafeString:
    """The head of a SHA-256 in hexadecimal with the whole of it as its title."""
    short = value if len(value) <= length else f"{value[:length]}…"
    return format_html('<code class="digest" title="{}">{}</code>', value, short)


def moment(value: datetime | str | None) -> SafeString:
    """A point in time, or its ISO 8601 text, as `<time>`: UTC in the markup, by script in the reader's own zone."""
    if not value:
        return mark_safe("–")
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
    written = formats.date_format(at, "Y-m-d H:i")
    return format_html('<time datetime="{}" data-local>{} UTC</time>', at.strftime("%Y-%m-%dT%H:%M:%SZ"), written)


def day(value: date | None) -> SafeString:
    """A calendar day as `<time>`, in the reader's language: 24 November 2026, 2026年11月24日."""
    if value is None:
        return mark_safe("–")
    return format_html('<time datetime="{}">{}</time>', value.isoformat()[:10], written_day(value))


def written_day(value: date) -> str:
    """A calendar day in words of the active language."""
    if is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {formats.date_format(value, 'F')} {value.year}"


def spelled(value: object) -> str:
    """A parameter's value as one reads it: yes or no, the items of a list with commas, nothing as an en dash."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(spelled(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value) if value not in (None, "") else "–"


def joined(items: Iterable[Any]) -> SafeString:
    """A list as part of a sentence: "a, b and c"; in Chinese "甲、乙和丙", "TE 和 CR". Items are escaped."""
    parts = [conditional_escape(item) for item in items]
    if not parts:
        return mark_safe("")
    if len(parts) == 1:
        return parts[0]
    comma, last = ("、", _spaced(parts[-2], "和", parts[-1])) if is_chinese() else (", ", " and ")
    return mark_safe(comma.join(parts[:-1]) + last + parts[-1])  # noqa: S308  each part was escaped above


def _spaced(before: str, word: str, after: str) -> str:
    """A Chinese word between two texts, set off by a space from what is not Chinese, as Chinese is typeset."""
    left, right = strip_tags(before)[-1:], strip_tags(after)[:1]
    return f"{' ' if left < FIRST_OF_CHINESE else ''}{word}{' ' if right < FIRST_OF_CHINESE else ''}"


def sentences(items: Iterable[Any]) -> SafeString:
    """Sentences one after the other: a space between them in English, none in Chinese."""
    return mark_safe(("" if is_chinese() else " ").join(conditional_escape(item) for item in items))  # noqa: S308


def is_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (translation.get_language() or "").lower().startswith("zh")


def in_language(text: object) -> str:
    """One side of a bilingual value: an object with `en` and `zh`, a mapping with these keys, or a plain string."""
    key = "zh" if is_chinese() else "en"
    if isinstance(text, dict):
        return str(text.get(key) or text.get("en") or "")
    return str(getattr(text, key, text))
