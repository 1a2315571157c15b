from typing import Any

app_name = "certificates"
urlpatterns: list[Any] = []
