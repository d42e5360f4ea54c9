"""The paths of the bare server."""

from django.urls import path

from tests.bench.peer import changes, views

urlpatterns = [
    path("list", views.patients),
    path("list.json", views.patients_json),
    path("card/<int:patient_id>", views.card),
    path("prefix", views.prefix),
    path("inside", views.inside),
    path("week/<str:first>/<str:last>", views.week),
    path("create", changes.create),
    path("issue", changes.issue),
    path("pay", changes.pay),
]
