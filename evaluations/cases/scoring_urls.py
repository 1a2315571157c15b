"""Addresses of scoring."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
