from typing import Any


def runs(request: Any, **kwargs: Any) -> Any: ...


def cancel(request: Any, **kwargs: Any) -> Any: ...


def again(request: Any, **kwargs: Any) -> Any: ...


