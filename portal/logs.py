"""Structured logs: one event a line, with the ids of the request, the run and the case that it belongs to."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses whose last part opens something to whoever has it: invitations, new passwords, calendars. Also in
# deploy/nginx.conf.template.
SECRET_PART = re.compile(
    r"(/(?:accounts/(?:password/reset/key|confirm-email)|account/invitation|inbox/deadlines)/)[^/\s\"?]+"
)


def hide_secrets(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Puts `…` in place of the secret part of addresses, in whatever is logged."""
    for key, value in event.items():
        if isinstance(value, str) and "/" in value:
            event[key] = SECRET_PART.sub(r"\1…", value)
    return event


def configuration(*, json: bool, level: str) -> None:
    """Set up structlog and the standard library's logging, as JSON for machines or as text for a person."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                # Each request has its line already, with its status.
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "WARNING"},
                "fontTools": {"level": "ERROR"},
                "weasyprint": {"level": "ERROR"},
                "pyhanko": {"level": "ERROR"},
            },
        }
    )
