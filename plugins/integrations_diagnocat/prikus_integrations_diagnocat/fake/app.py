"""The API over HTTP. The account `clinic-…` has the password `pass-…` and the permanent key `key-…` of the same end.

Its page `/_control` has a button for each scenario, switches for faults, a line for each analysis that it begins.
"""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, Response, get, post

from prikus.fakes import Dropped
from prikus_integrations_diagnocat.fake.account import Account, new_uid
from prikus_integrations_diagnocat.fake.control import Service
from prikus_integrations_diagnocat.fake.uploads import upload_handlers

HOST = "app2.diagnocat.ru"
HOSTS = (HOST, "eu.diagnocat.com", "upload.diagnocat.ru")
BASE = "/partner-api"
Ask = Request[Any, Any, Any]


def build() -> Litestar:
    service = Service()
    handlers = [*_account_handlers(service), *_patient_handlers(service), *_analysis_handlers(service)]
    return service.control.around([*handlers, *upload_handlers(service, BASE)])


def _account_handlers(service: Service) -> list[Any]:
    @post(f"{BASE}/v2/auth/token", status_code=200)
    async def token(request: Ask) -> Response[Any]:
        said = await request.json()
        account = service.account(str(said.get("email", "")))
        if account is None or said.get("password") != account.login.replace("clinic-", "pass-", 1):
            return Response({"detail": "Incorrect email or password"}, status_code=401)
        if service.control.takes("password"):
            return Response({"detail": "Incorrect email or password"}, status_code=401)
        return Response({"token": account.log_in()})

    @get(f"{BASE}/v2/participants")
    async def participants(request: Ask) -> Response[Any]:
        account = service.mine(request)
        if service.control.takes("old"):
            return Response({"detail": "Not Found"}, status_code=404)
        return service.refusal() or Response([{"uid": "1", "email": account.login}])

    return [token, participants]


def _patient_handlers(service: Service) -> list[Any]:
    @get(f"{BASE}/v2/patients")
    async def patients(request: Ask, patient_id: str | None = None) -> Response[Any]:
        account = service.mine(request)
        if (refusal := service.refusal()) is not None:
            return refusal
        found = [one for one in account.patients.values() if patient_id in (None, one["patient_id"])]
        return Response(list(account.patients.values()) if service.control.takes("unfiltered") else found)

    @post(f"{BASE}/v2/patients")
    async def add_patient(request: Ask) -> Response[Any]:
        account, said = service.mine(request), await service.heard(request)
        if (refusal := service.refusal(makes=True) or service.unreadable(said, "date_of_birth", "gender")) is not None:
            return refusal
        one = {"patient_id": None, **said, "uid": new_uid()}
        account.patients[one["uid"]] = one
        return _taken(service, one)

    @get(f"{BASE}/v2/patients/{{uid:str}}/studies")
    async def studies(request: Ask, uid: str) -> Response[Any]:
        account = service.mine(request)
        found = account.studies_of(uid)
        if service.control.takes("nameless"):
            found = [{name: value for name, value in one.items() if name != "study_name"} for one in found]
        return service.refusal() or Response(found)

    @post(f"{BASE}/v2/patients/{{uid:str}}/studies")
    async def add_study(request: Ask, uid: str) -> Response[Any]:
        account, said = service.mine(request), await service.heard(request)
        if (refusal := service.refusal(makes=True) or service.unreadable(said, "study_date")) is not None:
            return refusal
        if uid not in account.patients or said.get("study_type") not in ("CBCT", "PANORAMA", "FMX", "STL"):
            return Response({"detail": [{"loc": ["body"], "msg": "no such patient or type"}]}, status_code=422)
        one = {**said, "uid": new_uid(), "id_v3": f"v3-{new_uid()}", "patient_uid": uid}
        account.studies[one["uid"]] = one
        return _taken(service, one)

    return [patients, add_patient, studies, add_study]


def _analysis_handlers(service: Service) -> list[Any]:
    @get(f"{BASE}/v2/studies/{{uid:str}}/analyses")
    async def analyses(request: Ask, uid: str) -> Response[Any]:
        account = service.mine(request)
        found = [{"uid": one.uid, "status": ""} for one in account.analyses.values() if one.study == uid]
        if service.control.takes("no_uids"):
            found = [{**one, "uid": ""} for one in found]
        return service.refusal() or Response(found)

    @post(f"{BASE}/v2/studies/{{uid:str}}/analyses")
    async def begin(request: Ask, uid: str) -> Response[Any]:
        account = service.mine(request)
        await service.heard(request)
        if (refusal := service.refusal(makes=True)) is not None:
            return refusal
        if not account.files.get(uid):
            return Response({"detail": "the study has no images"}, status_code=422)
        fault = next((name for name in ("error", "error_text", "never", "empty") if service.control.takes(name)), "")
        one = account.begin(uid, fault, plural=service.control.takes("plural"))
        service.control.did(f"анализ {one.uid}: файлов {len(account.files[uid])}")
        return _taken(service, {"uid": one.uid, "id_v3": f"v3-{one.uid}", "status": ""})

    @get(f"{BASE}/v2/analyses/{{uid:str}}")
    async def look(request: Ask, uid: str) -> Response[Any]:
        account = service.mine(request)
        if uid not in account.analyses:
            return Response({"detail": "Not Found"}, status_code=404)
        return service.refusal() or Response(account.analyses[uid].said())

    @get(f"{BASE}/v2/analyses/{{uid:str}}/diagnoses")
    async def found(request: Ask, uid: str) -> Response[Any]:
        account: Account = service.mine(request)
        if service.control.takes("diagnoses"):
            return Response({"detail": "Internal Server Error"}, status_code=500)
        if service.control.takes("no_diagnoses"):
            return Response({"detail": "Not Found"}, status_code=404)
        return service.refusal() or Response(account.analyses[uid].diagnoses())

    return [analyses, begin, look, found]


def _taken(service: Service, said: dict[str, Any]) -> Response[Any]:
    if service.control.takes("no_uid"):
        said = {**said, "uid": ""}
    return Dropped() if service.control.takes("lost") else Response(said, status_code=201)
