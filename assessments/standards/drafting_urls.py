"""Addresses of the scheme owner's pages, under `/drafts/`."""

from django.urls import path

from . import views_adoption, views_consultations, views_criteria, views_drafts, views_schemes

app_name = "drafts"
urlpatterns = [
    path("", views_drafts.listing, name="list"),
    path("begin/", views_drafts.begin, name="begin"),
    path("import/", views_drafts.take_file, name="import"),
    path("<int:pk>/", views_drafts.draft, name="draft"),
    path("<int:pk>/general/", views_drafts.general, name="general"),
    path("<int:pk>/discard/", views_drafts.discard, name="discard"),
    path("<int:pk>/criteria/add/", views_criteria.add, name="criterion-add"),
    path("<int:pk>/criteria/<str:code>/", views_criteria.criterion, name="criterion"),
    path("<int:pk>/criteria/<str:code>/move/", views_criteria.move, name="criterion-move"),
    path("<int:pk>/criteria/<str:code>/remove/", views_criteria.remove, name="criterion-remove"),
    path("<int:pk>/schemes/<int:scheme_pk>/", views_schemes.scheme, name="scheme"),
    path("<int:pk>/schemes/<int:scheme_pk>/thresholds/<str:method>/", views_schemes.thresholds, name="thresholds"),
    path("<int:pk>/consultation/", views_consultations.owners_page, name="consultation"),
    path("<int:pk>/consultation/end/", views_consultations.end, name="consultation-end"),
    path("<int:pk>/comments/<int:comment_pk>/", views_consultations.comment, name="comment"),
    path("<int:pk>/publish/", views_adoption.publish, name="publish"),
    path("<int:pk>/withdraw/", views_adoption.withdraw, name="withdraw"),
    path("<int:pk>/transition/", views_adoption.transition, name="transition"),
]
