"""Letters about the account itself: somebody reads at once that their password or second factor has changed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# By the template that allauth would take.
SUBJECTS: dict[str, Any] = {
    "account/email/password_changed": _("Your password was changed"),
    "account/email/password_set": _("Your password was set"),
    "account/email/password_reset": _("Your password was set anew"),
    "account/email/email_changed": _("The e-mail address of your account was changed"),
    "account/email/email_confirm": _("An e-mail address of your account was confirmed"),
    "account/email/email_deleted": _("An e-mail address was removed from your account"),
    "mfa/email/totp_activated": _("An authenticator app was set up"),
    "mfa/email/totp_deactivated": _("The authenticator app was removed"),
    "mfa/email/totp_code_reused": _("A code of your authenticator app was used a second time, and refused"),
    "mfa/email/webauthn_added": _("A security key was added"),
    "mfa/email/webauthn_removed": _("A security key was removed"),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made"),
    "socialaccount/email/account_connected": _("Single sign-on was connected with your account"),
    "socialaccount/email/account_disconnected": _("Single sign-on was disconnected from your account"),
}
