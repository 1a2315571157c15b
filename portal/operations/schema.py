"""What the schema says of refusals: every operation may refuse, and says so in one shape each."""

from __future__ import annotations

from typing import Any

CHANGING = frozenset({"post", "put", "patch", "delete"})
REFUSAL = {
    "type": "object",
    "properties": {"detail": {"type": "string", "description": "The reason, in the reader's language."}},
    "required": ["detail"],
}
# By field, or under `detail` or `non_field_errors`; fields of fields are nested.
WRONG = {"type": "object", "additionalProperties": {}}
# A reason as `detail`, or the object as it stands now.
STANDING = {"type": "object", "additionalProperties": {}}
REASONS = {
    "400": "What was sent is wrong; the answer names the field.",
    "401": "No token, an unknown one, or one that has ended.",
    "403": "Not allowed to this token or in this state.",
    "404": "It does not exist, or you may not see it.",
    "406": "Another form of answer was asked for.",
    "409": "Somebody was faster: read it again.",
    "415": "The body is of another type.",
    "507": "No room for what was sent; try again later.",
    "429": "Too many requests; `Retry-After` says when to come back.",
}


def document_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Adds to each operation the refusals that it may answer (hook of drf-spectacular, after the schema is made)."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Refusal": REFUSAL, "Wrong": WRONG, "Standing": STANDING}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _refusals(path, method, operation):
                operation["responses"].setdefault(status, _answer(status))
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    """The statuses of refusals that an operation may answer with."""
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    asks = "requestBody" in operation
    found = {
        "400": asks or "query" in places or method in CHANGING,
        "401": {} not in operation.get("security", [{}]),
        "403": method in CHANGING,
        "404": "path" in places or "query" in places or asks or {} not in operation.get("security", [{}]),
        "406": True,
        "409": method in CHANGING,
        "415": asks,
        "429": True,
        "507": method in CHANGING,
    }
    return [status for status, may_be in found.items() if may_be]


def _answer(status: str) -> dict[str, Any]:
    shape = {"400": "Wrong", "409": "Standing"}.get(status, "Refusal")
    return {
        "description": REASONS[status],
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
    }
