"""What a holder puts on a web page or a package: open to everybody, as it shows nothing but the public status."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import badge, ornament
from .showing import STANDINGS, TONES, either
from .views import published

SECONDS = 300  # how long a picture may be kept: after a suspension it is true again within five minutes


@require_safe
def picture(request: HttpRequest, number: str) -> HttpResponse:
    """The status today as a small picture; `?lang=zh-hans` for Chinese."""
    language = request.GET.get("lang", "en")
    drawn = badge.picture(published(number), language if language in badge.LANGUAGES else "en")
    return _file(drawn.encode(), "image/svg+xml", SECONDS)


@require_safe
def qr_svg(request: HttpRequest, number: str) -> HttpResponse:
    code = ornament.qr_code(badge.address(published(number)), quiet_zone=4)
    return _file(code.encode(), "image/svg+xml", SECONDS)


@require_safe
def qr_png(request: HttpRequest, number: str) -> HttpResponse:
    return _file(badge.qr_png(published(number)), "image/png", SECONDS)


def _file(content: bytes, kind: str, seconds: int) -> HttpResponse:
    """A picture that other sites may show, and in which nothing runs when it is opened by itself."""
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = f"public, max-age={seconds}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def badge_page(request: HttpRequest, number: str) -> HttpResponse:
    """Texts, badge and QR code to copy, with the rules of their use."""
    certificate = published(number)
    standing = certificate.standing()
    context = {
        "certificate": certificate,
        "standing": standing,
        "standing_word": STANDINGS[standing],
        "standing_tone": TONES[standing],
        "system": f"{either(certificate.snapshot['system']['name'])} {certificate.snapshot['system']['version']}",
        "address": badge.address(certificate),
        "offers": [
            {
                "language": code,
                "name": name,
                "text": badge.reference(certificate, badge.LANGUAGES[code]),
                "html": badge.embedding(certificate, code),
            }
            for code, name in (("en", "English"), ("zh-hans", "简体中文"))
        ],
        "width": badge.WIDTH,
        "height": badge.HEIGHT,
    }
    return render(request, "certificates/badge.html", context)
