"""`python -m portal.operations.probe URL`: whether the web server of this container answers, for its health check.

Asks as the proxy in front does: by the public host name, over what counts as HTTPS. Plain Python, because it runs every
few seconds. Ends with 0, or with a sentence and 1.
"""

from __future__ import annotations

import os
import sys
import urllib.request


def main(url: str) -> str | None:
    """None when the address answers 200 within 3 seconds, else what is wrong."""
    host = os.environ.get("PORTAL_HOSTS", "localhost").split(",")[0].strip()
    request = urllib.request.Request(url, headers={"Host": host, "X-Forwarded-Proto": "https"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310 - an address of this container
            return None if answer.status == 200 else f"{url} answers {answer.status}"
    except OSError as error:
        return f"{url}: {error}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
