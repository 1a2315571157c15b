from typing import Any

app_name = "standards"
urlpatterns: list[Any] = []
