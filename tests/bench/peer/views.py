"""What is read."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from tests.bench.peer.models import Appointment, AuditRecord, Patient, PatientEvent, Shift, StaffMember
from tests.bench.peer.settings import HERE

FOUND, PAGE, FEED, COUNTED = 10, 50, 20, 10_000
ZONE = ZoneInfo(HERE.zone)

may_view = permission_required("peer.view_patient", raise_exception=True)


def _people() -> QuerySet[Patient]:
    return Patient.objects.filter(clinic_id=HERE.clinic, deleted_at=None)


def _listed() -> QuerySet[Patient]:
    return _people().order_by("sort_name", "id")


@may_view
def patients(request: HttpRequest) -> HttpResponse:
    """The page counts as far as ours does."""
    total = _listed().values_list("id")[:COUNTED].count()
    return render(request, "list.html", {"rows": _listed()[:PAGE], "total": total})


@may_view
def patients_json(request: HttpRequest) -> HttpResponse:
    rows = [
        {"id": one.id, "number": one.number, "name": one.name, "phone": one.phone, "birth_date": one.birth_date,
         "is_active": one.is_active}
        for one in _listed()[:PAGE]
    ]  # fmt: skip
    return JsonResponse(rows, safe=False)


@may_view
def card(request: HttpRequest, patient_id: int) -> HttpResponse:
    found = get_object_or_404(_people(), id=patient_id)
    feed = PatientEvent.objects.filter(clinic_id=HERE.clinic, patient=found).select_related("actor")
    sentence = f"Открыта карточка № {found.number}."
    AuditRecord.objects.create(
        clinic_id=HERE.clinic, action="patient.opened", object_kind="patient", object_id=found.id, sentence=sentence
    )
    rows = feed.order_by("-happened_at", "-id")[: FEED + 1]
    return render(request, "card.html", {"card": found, "rows": list(rows)[:FEED], "zone": HERE.zone})


@may_view
def prefix(request: HttpRequest) -> HttpResponse:
    query = request.GET["q"]
    rows = _people().filter(search_name__istartswith=query).order_by("search_name")[:FOUND]
    return render(request, "prefix.html", {"q": query, "rows": rows})


@may_view
def inside(request: HttpRequest) -> HttpResponse:
    query = request.GET["q"]
    rows = _listed().filter(search_name__icontains=query)[:FOUND]
    return render(request, "inside.html", {"q": query, "rows": rows})


@may_view
def week(request: HttpRequest, first: str, last: str) -> HttpResponse:
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    here = {"clinic_id": HERE.clinic, "branch_id": HERE.branch, "business_date__range": days}
    shifts = Shift.objects.filter(**here).select_related("staff").order_by("starts_at", "id")
    booked = Appointment.objects.filter(**here).select_related("patient", "doctor", "status", "visit_type")
    return JsonResponse(
        {
            "branch_id": HERE.branch,
            "time_zone": HERE.zone,
            "shifts": [_shift(one) for one in shifts],
            "appointments": [_cell(one) for one in booked.order_by("starts_at", "id")],
        }
    )


def _short(one: Patient | StaffMember) -> str:
    return f"{one.last_name} {one.first_name[0]}." + (f" {one.patronymic[0]}." if one.patronymic else "")


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)


def _shift(one: Shift) -> dict[str, Any]:
    return {
        "id": one.id,
        "row_version": one.row_version,
        "chair_id": one.chair_id,
        "doctor_id": one.staff_id,
        "doctor": _short(one.staff),
        "profession": None,
        "date": one.business_date,
        "starts": _local(one.starts_at),
        "ends": _local(one.ends_at),
        "series_id": one.series_id,
    }


def _cell(one: Appointment) -> dict[str, Any]:
    return {
        "id": one.id,
        "row_version": one.row_version,
        "chair_id": one.chair_id,
        "doctor_id": one.doctor_id,
        "patient_id": one.patient_id,
        "status_id": one.status_id,
        "date": one.business_date,
        "starts": _local(one.starts_at),
        "ends": _local(one.ends_at),
        "patient": _short(one.patient),
        "phone": one.patient.phone,
        "doctor": _short(one.doctor),
        "visit_type": one.visit_type and one.visit_type.name,
        "status": one.status.name,
        "colour": one.status.colour,
        "meaning": one.status.meaning,
        "occupies": one.occupies,
        "comment": one.comment,
        "overlap_ok": one.overlap_ok,
    }
