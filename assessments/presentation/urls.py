from typing import Any

app_name = "presentation"
urlpatterns: list[Any] = []
