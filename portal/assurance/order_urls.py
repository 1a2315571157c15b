from django.urls import path

from . import views_orders
from .wording import ORDER_WORDS

app_name = "orders"
urlpatterns = [
    path("", views_orders.orders, name="list"),
    path("new/<str:number>/", views_orders.order_new, name="new"),
    path("<uuid:pk>/", views_orders.order_page, name="order"),
    *(path(f"<uuid:pk>/{act}/", views_orders.order_step, {"act": act}, name=act) for act in ORDER_WORDS),
]
