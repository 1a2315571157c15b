"""The one way in which a reader says no."""

from __future__ import annotations

from evaluations.readers.text import Text


class Refused(Exception):
    """An upload or a bundle cannot be used.

    `reason` says in both languages what is wrong and what to do about it; `place` names where
    (file, row, column, field of the manifest, tensor), never a path of this machine.
    """

    def __init__(self, reason: Text, place: str) -> None:
        super().__init__(f"{place}: {reason.en}")
        self.reason = reason
        self.place = place

    def as_json(self) -> dict[str, object]:
        return {"refused": self.reason.as_json(), "place": self.place}
