from typing import Any

app_name = "verification"
urlpatterns: list[Any] = []
