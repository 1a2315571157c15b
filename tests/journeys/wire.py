"""A vendor's own program at the REST interface: systems, uploads in pieces, self-tests; counts every byte sent."""

from __future__ import annotations

import http.client
import json
from typing import Any

from tests.journeys.stack import Portal


class Wire:
    """Speaks HTTP with a token. `sent` counts the bytes of pieces that were handed to the connection."""

    def __init__(self, portal: Portal, token: str) -> None:
        self.portal, self.token, self.sent = portal, token, 0

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("localhost", self.portal.port, timeout=60)

    def call(self, method: str, address: str, values: Any = None, *, expected: int = 200) -> Any:
        """One request with JSON, one answer with JSON."""
        body = None if values is None else json.dumps(values).encode()
        connection = self.connect()
        try:
            connection.request(method, address, body, self._headers("application/json"))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        assert answer.status == expected, f"{method} {address}: {answer.status} {content[:500]!r}"
        return json.loads(content)

    def piece(self, address: str, offset: int, content: bytes, *, block: int = 65536) -> Any:
        """Send a piece at its offset, block by block; raises OSError or HTTPException when the server goes."""
        connection = self.connect()
        try:
            connection.putrequest("PATCH", address)
            headers = self._headers("application/offset+octet-stream")
            for name, value in {**headers, "Upload-Offset": str(offset), "Content-Length": str(len(content))}.items():
                connection.putheader(name, value)
            connection.endheaders()
            for start in range(0, len(content), block):
                part = content[start : start + block]
                connection.send(part)
                self.sent += len(part)
            answer = connection.getresponse()
            return json.loads(answer.read())
        finally:
            connection.close()

    def version(self, name: str) -> str:
        """Describe a system of that name with one version; gives the version's id."""
        system = self.call("POST", "/api/systems/", {"name_en": name}, expected=201)
        return str(self.call("POST", f"/api/systems/{system['id']}/versions/", {"label": "1.0"}, expected=201)["id"])

    def upload(self, version: str, role: str, filename: str, content: bytes) -> Any:
        """Send a whole file in pieces; gives the artifact."""
        upload = self.begin(version, role, filename, len(content))
        offset = 0
        while offset < len(content):
            answer = self.piece(f"/api/uploads/{upload['id']}/", offset, content[offset : offset + upload["chunk"]])
            offset = answer["offset"]
        return self.call("POST", f"/api/uploads/{upload['id']}/finish/", expected=201)

    def begin(self, version: str, role: str, filename: str, size: int) -> Any:
        values = {"version": version, "role": role, "filename": filename, "size": size}
        return self.call("POST", "/api/uploads/", values, expected=201)

    def _headers(self, content_type: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
