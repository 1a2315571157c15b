"""Why this level, and what is missing for the next: the requirements of a scheme put into lines, in two languages."""

from __future__ import annotations

from collections.abc import Sequence

from evaluations.methods.frame import Text

from .outcome import Requirement
from .scheme import SchemeRules


def reasons(
    scheme: SchemeRules, level: str | None, granted: str | None, tier: str, requirements: Sequence[Requirement]
) -> list[Text]:
    """The first line names the level; then everything that its levels need and that holds, or what keeps the lowest."""
    lines = [_headline(scheme, level, tier)]
    if level is None:
        lines += [item.text for item in requirements if item.level == scheme.levels[0].code and not item.met]
    else:
        lines += [item.text for item in requirements if item.level == level]
    if granted != level:
        title = scheme.level_title(granted, tier)
        lines.append(
            Text(
                f"Granted is {title.en}: no more was applied for.",
                f"授予等级为“{title.zh}”：申请方未申请更高等级。",
            )
        )
    return lines


def missing(scheme: SchemeRules, level: str | None, requirements: Sequence[Requirement]) -> list[Text]:
    """Everything that the next level needs and that does not hold; empty at the highest level."""
    following = scheme.levels[scheme.rank(level) :]
    if not following:
        return []
    return list(dict.fromkeys(item.text for item in requirements if item.level == following[0].code and not item.met))


def _headline(scheme: SchemeRules, level: str | None, tier: str) -> Text:
    title = scheme.level_title(level, tier)
    if level is None:
        return Text(f"{title.en}.", f"{title.zh}。")
    return Text(f"Level achieved: {title.en}.", f"达到等级：{title.zh}。")
