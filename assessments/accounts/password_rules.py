"""What a new password must be like, beside what Django's own rules ask."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class MaximumLengthValidator:
    """Refuses what no sentence to be remembered is as long as: hashing it costs the server, not the guesser.

    The bound is that of ASVS 4.0.3, 2.1.2.
    """

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("A password has at most %(number)d characters.") % {"number": self.max_length}
