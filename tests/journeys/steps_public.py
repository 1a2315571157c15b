"""What anybody does: find a certificate, take it away, verify it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.journeys.steps import Product
from tests.journeys.visitor import Visitor


def find_certificate(visitor: Visitor, product: Product) -> str:
    """Search the public registry until the certificate stands there; gives its address."""
    for _ in range(120):
        visitor.visit(f"/registry/?q={product.name.replace(' ', '+')}")
        if visitor.has_link(f"{product.name} 1.0.0"):
            break
        visitor.portal.check()
        visitor.page.wait_for_timeout(1000)
    visitor.follow(f"{product.name} 1.0.0")
    return visitor.page.url


def download(visitor: Visitor, certificate: str, folder: Path) -> Path:
    """The signed PDF, as anybody gets it."""
    visitor.visit(certificate)
    with visitor.page.expect_download() as begun:
        visitor.act(visitor.page.get_by_role("link", name="Download the signed certificate"))
    path = folder / "certificate.pdf"
    begun.value.save_as(path)
    return path


def verify(visitor: Visitor, file: Path, *expected: str | re.Pattern[str]) -> None:
    """Drop the file on the page of verification and read the answer."""
    visitor.visit("/verify/").attach("Certificate as a file (PDF)", file)
    visitor.press("Check the file").sees(*expected, seconds=60)
    visitor.inspect()
