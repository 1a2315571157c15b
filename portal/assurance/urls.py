from typing import Any

app_name = "assurance"
urlpatterns: list[Any] = []
