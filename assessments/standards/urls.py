"""Public addresses of the standards: `/standards/TAI/0.9/#RC-1` leads to one criterion and stays."""

from django.urls import path

from . import views, views_consultations, views_crosswalk, views_exchange

app_name = "standards"
urlpatterns = [
    path("", views.standard_list, name="list"),
    path("schemes/<str:code>/<str:edition>/", views.scheme_page, name="scheme"),
    path("<str:code>/<str:edition>/", views.edition_page, name="edition"),
    path("<str:code>/compare/<str:before>/<str:after>/", views_exchange.compare_page, name="compare"),
    path("<str:code>/<str:edition>/download/<slug:name>/", views_exchange.download, name="download"),
    path("<str:code>/<str:edition>/crosswalk/", views_crosswalk.matrix, name="crosswalk"),
    path("<str:code>/<str:edition>/crosswalk/<slug:framework>/", views_crosswalk.framework, name="framework"),
    path("<str:code>/<str:edition>/pdf/", views.edition_pdf, name="pdf"),
    path("<str:code>/<str:edition>/consultation/", views_consultations.consultation, name="consultation"),
    path("<str:code>/<str:edition>/consultation/comments.csv", views_consultations.comments_file, name="comments"),
]
