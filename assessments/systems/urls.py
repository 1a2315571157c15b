from typing import Any

app_name = "systems"
urlpatterns: list[Any] = []
