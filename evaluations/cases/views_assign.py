from typing import Any


def assign(request: Any, **kwargs: Any) -> Any: ...


def statement(request: Any, **kwargs: Any) -> Any: ...


def recuse(request: Any, **kwargs: Any) -> Any: ...


def end(request: Any, **kwargs: Any) -> Any: ...


