from django.urls import path

from . import views, views_holds

app_name = "privacy"
urlpatterns = [
    path("", views.own, name="own"),
    path("notice/", views.notice, name="notice"),
    path("export/", views.own_export, name="own-export"),
    path("erase/", views.own_erase, name="own-erase"),
    path("holds/", views_holds.hold_list, name="holds"),
    path("holds/<uuid:pk>/lift/", views_holds.hold_lift, name="hold-lift"),
    path("people/<uuid:pk>/export/", views.person_export, name="person-export"),
    path("people/<uuid:pk>/erase/", views.person_erase, name="person-erase"),
]
