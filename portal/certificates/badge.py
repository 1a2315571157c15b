"""How a holder refers to a certificate: a text in both languages, a QR code, and a small picture of today’s status."""

from __future__ import annotations

import io
from html import escape

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from .models import Certificate, snapshot_text
from .showing import STANDINGS, TONES
from .wording import ATTESTATIONS

WIDTH, HEIGHT, PILL = 440, 56, 132
# White text keeps a contrast of 4.5 : 1 on each of them.
COLOURS = {"passed": "#1a6b3c", "attention": "#85560a", "failed": "#a1260d", "running": "#4a5560"}
LANGUAGES = {"en": "en", "zh-hans": "zh"}


def picture(certificate: Certificate, language: str) -> str:
    """The badge as SVG: what it attests, its number, its status as of today. `language` is en or zh-hans."""
    standing = certificate.standing()
    with translation.override(language):
        status = str(STANDINGS[standing])
    short = LANGUAGES[language]
    kind = ATTESTATIONS[certificate.snapshot["scheme"]["attestation"]].title
    heading = "AI evaluation" if short == "en" else "可信人工智能评估"
    if certificate.snapshot["scheme"]["attestation"] == "certification":
        heading = "AI certification" if short == "en" else "可信人工智能认证"
    level = snapshot_text(certificate.snapshot, "level_name", short)
    title = f"{kind.en if short == 'en' else kind.zh} {certificate.number}: {status}"
    middle, low = WIDTH - PILL / 2, HEIGHT / 2 + 4
    said = escape(f"{heading} · {level}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" lang="{language}" font-family="sans-serif"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#16212c"/>'
        f'<path d="M{WIDTH - PILL} 0h{PILL - 6}a6 6 0 0 1 6 6v{HEIGHT - 12}a6 6 0 0 1-6 6h-{PILL - 6}z" '
        f'fill="{COLOURS[TONES[standing]]}"/>'
        f'<g fill="#ffffff"><text x="12" y="23" font-size="13" font-weight="bold">{said}</text>'
        f'<text x="12" y="42" font-size="12">{escape(certificate.number)}</text>'
        f'<text x="{middle:g}" y="{low:g}" font-size="{_size(status)}" text-anchor="middle">{escape(status)}</text>'
        "</g></svg>"
    )


def _size(text: str) -> int:
    """The size at which a status fits into its field: a Chinese character is as wide as two letters."""
    letters = sum(1 if ord(character) < 0x2E80 else 2 for character in text)
    return 14 if letters <= 14 else 11 if letters <= 22 else 8


def address(certificate: Certificate) -> str:
    """The certificate's own page, whole."""
    return str(settings.SITE_URL) + reverse("certificates:certificate", args=[certificate.number])


def reference(certificate: Certificate, language: str) -> str:
    """The words in which a holder may name the certificate, in en or zh."""
    snapshot = certificate.snapshot
    chinese, certified = language == "zh", snapshot["scheme"]["attestation"] == "certification"
    words = {
        "system": f"{snapshot_text(snapshot['system'], 'name', language)} {snapshot['system']['version']}",
        "standard": f"{snapshot['standard']['code']} {snapshot['standard']['edition']}",
        "level": snapshot_text(snapshot, "level_name", language),
        "body": snapshot_text(snapshot["body"], "name", language),
        "verb": ("认证" if certified else "评估") if chinese else ("certified" if certified else "evaluated"),
        "number": certificate.number,
        "address": address(certificate),
    }
    if chinese:
        form = "{system}由{body}依据{standard}{verb}，等级为“{level}”。证书编号：{number}。状态与范围：{address}"
    else:
        form = (
            "{system} was {verb} against {standard} by {body}, level “{level}”. Certificate {number}. "
            "Status and scope: {address}"
        )
    return form.format(**words)


def embedding(certificate: Certificate, language: str) -> str:
    """The HTML by which a web page shows the badge of today, leading to the certificate."""
    image = settings.SITE_URL + reverse("badge", args=[certificate.number])
    text = escape(f"{'Certificate' if language == 'en' else '证书'} {certificate.number}", quote=True)
    return (
        f'<a href="{escape(address(certificate))}"><img src="{escape(image)}?lang={language}" width="{WIDTH}" '
        f'height="{HEIGHT}" alt="{text}"></a>'
    )


def qr_png(certificate: Certificate) -> bytes:
    """The QR code for print programs that take no SVG: 8 pixels a module, with its white border."""
    buffer = io.BytesIO()
    segno.make(address(certificate), error="q", micro=False).save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()
