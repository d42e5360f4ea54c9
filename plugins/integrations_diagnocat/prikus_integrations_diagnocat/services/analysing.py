"""An image's way through the service, one thing that cannot be done twice in each step (DIAG-07, DIAG-08)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from prikus.toolkit import Context, OpenConnection
from prikus_imaging.public import ImageJob, ImageKind, Step
from prikus_integrations_diagnocat.schemas import Analysis, Diagnoses, Made
from prikus_integrations_diagnocat.services import uploading
from prikus_integrations_diagnocat.services.client import Diagnocat, Refused, diagnocat, words_of
from prikus_integrations_diagnocat.services.findings import findings_of
from prikus_integrations_diagnocat.services.known import UnknownShape, analyses_of, patient_of, study_of
from prikus_integrations_diagnocat.services.signs import known_signs
from prikus_integrations_diagnocat.settings import Settings

DICOM = "application/dicom"
STUDIES: dict[ImageKind, str] = {"panoramic": "PANORAMA", "cbct": "CBCT", "bitewing": "FMX", "periapical": "FMX"}
GENERAL = "GP"
"""The analysis of what is asked for whatever the image."""
FAILED = "Diagnocat не смог проанализировать снимок: {reason}."
NOT_TAKEN = (400, 422)
NOT_READ = "Diagnocat ответил непонятно: список не прочесть. Снимок не отправлен."


def accepts(kind: ImageKind, media_type: str) -> bool:
    """Whatever the kind; tomograms as DICOM only."""
    return kind != "cbct" or media_type == DICOM


async def advance(outside: Context, connection: OpenConnection[Settings], job: ImageJob) -> Step:
    """The patient, the study, the upload, the analysis, its findings. What may have been done is looked for first."""
    async with diagnocat(outside, connection) as service:
        try:
            return await _step(service, connection.settings, job)
        except Refused as refused:
            return Step(trouble=refused.trouble, sentence=refused.sentence)
        except UnknownShape:
            return Step(state="unclear") if job.is_doubtful else Step(trouble="data", sentence=NOT_READ)


async def _step(service: Diagnocat, settings: Settings, job: ImageJob) -> Step:
    refs = job.refs
    if refs.get("analysis"):
        return await _look(service, settings, refs["analysis"])
    if refs.get("uploaded"):
        return await _begin(service, job)
    if not refs.get("patient"):
        return await _patient(service, job)
    if not refs.get("study"):
        return await _study(service, job)
    session = refs.get("session")
    if not session:
        return await uploading.open_session(service, job)
    if refs.get("put") != session:
        return await uploading.put_file(service, job)
    if not refs.get("closing", "").startswith(f"{session} "):
        return await uploading.close_session(service, job)
    return await uploading.await_closed(service, job)


async def _patient(service: Diagnocat, job: ImageJob) -> Step:
    """Another image's patient is the same one, so that one always looks."""
    known = await patient_of(service, job.patient.key, must_know=job.is_doubtful)
    if known is None:
        birth = job.patient.birth_date
        said = {
            "name_part1": job.patient.last_name,
            "name_part2": job.patient.first_name,
            "patient_id": job.patient.key,
        }
        unsure = {"date_of_birth": birth.isoformat()} if birth else {}
        known = await _made(service, "/v2/patients", said, unsure)
    return Step(refs={"patient": known})


async def _study(service: Diagnocat, job: ImageJob) -> Step:
    """Its name is our number, by which it is found again."""
    patient, name = job.refs["patient"], f"Prikus {job.id}"
    known = await study_of(service, patient, name) if job.is_doubtful else None
    if known is None:
        said = {"study_name": name, "study_type": STUDIES[job.kind]}
        unsure = {"study_date": job.taken_on.isoformat()}
        known = await _made(service, f"/v2/patients/{quote(patient, safe='')}/studies", said, unsure)
    return Step(refs={"study": known})


async def _begin(service: Diagnocat, job: ImageJob) -> Step:
    """It may be paid for by this request."""
    study = job.refs["study"]
    known = await analyses_of(service, study) if job.is_doubtful else None
    if known is None:
        path = f"/v2/studies/{quote(study, safe='')}/analyses"
        known = (await service.post(path, Made, {"analysis_type": GENERAL})).uid
    return Step(state="processing", refs={"analysis": known})


async def _look(service: Diagnocat, settings: Settings, analysis: str) -> Step:
    path = f"/v2/analyses/{quote(analysis, safe='')}"
    said = await service.get(path, Analysis)
    report = said.webpage_url
    if said.error:
        reason = words_of(said.error) or "причина не названа"
        return Step(state="failed", report_url=report, sentence=FAILED.format(reason=reason))
    if not said.complete:
        return Step(state="processing", report_url=report)
    try:
        found = await service.get(f"{path}/diagnoses", Diagnoses)
    except Refused as refused:
        if refused.code != 404:
            raise
        return Step(state="processing", report_url=report)
    if not found.diagnoses:
        return Step(state="needs_teeth", report_url=report)
    return Step(state="ready", report_url=report, findings=findings_of(found, known_signs(settings.signs)))


async def _made(service: Diagnocat, path: str, said: dict[str, Any], unsure: dict[str, Any]) -> str:
    """The number of what was made. Fields whose form nobody knows for sure are left out when they are refused."""
    try:
        return (await service.post(path, Made, said | unsure)).uid
    except Refused as refused:
        if not unsure or refused.code not in NOT_TAKEN:
            raise
    return (await service.post(path, Made, said)).uid
