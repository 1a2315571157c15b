from typing import Any


def board(request: Any, **kwargs: Any) -> Any: ...


def overview(request: Any, **kwargs: Any) -> Any: ...


