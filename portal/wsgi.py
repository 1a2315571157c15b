"""The portal as a WSGI application."""

import os

import structlog
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
if not settings.REQUIRE_MFA:
    structlog.get_logger("portal").warning("second_factor_not_required", url=settings.SITE_URL)
