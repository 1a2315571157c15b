from typing import Any


def plan(request: Any, **kwargs: Any) -> Any: ...


def approve(request: Any, **kwargs: Any) -> Any: ...


def revise(request: Any, **kwargs: Any) -> Any: ...


def item(request: Any, **kwargs: Any) -> Any: ...


def revision(request: Any, **kwargs: Any) -> Any: ...


def offer(request: Any, **kwargs: Any) -> Any: ...


