"""One request at least for each route by which programs reach the core."""

from __future__ import annotations

from sqlalchemy import select

from prikus.access.models import Profession
from prikus.patients.models import Patient
from prikus.patients.services.merging import merge_patients
from prikus.references.models import Gender, MarketingChannel
from prikus.testing.contract.samples import Bound, Sample
from tests.contract.core_samples import BRANCH, CHAIR, GROUP, LEAF, MEMBER, MODULE, PATIENT, CoreSamples, got
from tests.contract.samples import inserted, new_branch, new_chair, new_keys, new_patient, numbers


class CoreApiSamples(CoreSamples):
    async def all(self) -> list[Sample]:
        return await self._of(
            self.patients_api,
            self.more_patients_api,
            self.webhooks_api,
            self.staff_api,
            self.groups_api,
            self.places_api,
            self.trash_api,
        )

    async def patients_api(self) -> list[Sample]:
        """Lists that programs follow wait for transactions that are open elsewhere: they need not show the newest."""
        clinic, marker = self.clinic, self.marker
        shown, edited, deleted, noted, kept, gone = [await new_patient(clinic, marker) for _ in range(6)]
        plain = {"last_name": marker, "first_name": "Анна", "phone": "+79123401290"}
        new = plain | {"despite_duplicate": True}
        for name, model in (("gender_id", Gender), ("marketing_channel_id", MarketingChannel)):
            new[name] = await inserted(clinic, model, name=f"{marker} {next(numbers)}")
        key = {"Idempotency-Key": next(new_keys(clinic))}
        api, one = f"/api/v1{PATIENT}", {"patient_id": shown}
        merge = {"at": {"patient_id": Bound(kept)}, "json": {"other_id": Bound(gone)}}
        words = {"metadata": {"crm": marker}}
        return [
            got("/api/v1/patients", shows=False),
            got("/api/v1/patients/search", q=marker),
            Sample(method="POST", path="/api/v1/patients", json=new, headers=key),
            *(Sample(method="GET", path=api + tail, at=one, shows=not tail) for tail in ("", "/feed", "/metadata")),
            Sample(method="POST", path=api, at={"patient_id": edited}, json=plain | {"row_version": 1}),
            Sample(method="POST", path=api + "/delete", at={"patient_id": deleted}),
            Sample(method="POST", path=api + "/metadata", at={"patient_id": noted}, json=words),
            Sample(method="POST", path=api + "/merge", **merge),
        ]

    async def more_patients_api(self) -> list[Sample]:
        clinic, marker = self.clinic, self.marker
        shown, erased, parted, joined = [await new_patient(clinic, marker) for _ in range(4)]
        async with clinic.ctx_as("director") as ctx:
            merged = await merge_patients(ctx, int(joined), int(parted))
            number = await ctx.db.scalar(select(Patient.card_number).where(Patient.id == int(erased)))
        api, act = f"/api/v1{PATIENT}", {"reason": marker, "card_number": number}
        return [
            got("/api/v1/patients/choices"),
            got(api + "/merges", shows=False, at={"patient_id": parted}),
            Sample(
                method="POST",
                path="/api/v1/patients/merges/{merge_id:int}/undo",
                at={"merge_id": Bound(merged.merge_id)},
            ),
            got(api + "/export", shows=False, at={"patient_id": Bound(shown)}),
            Sample(method="POST", path=api + "/erase", at={"patient_id": Bound(erased)}, json=act),
        ]

    async def webhooks_api(self) -> list[Sample]:
        one = "/api/v1/developers/webhooks/{endpoint_id:int}"
        fields = {"title": self.marker, "url": "https://hook.example/", "events": ["patient.created"]}
        key = {"Idempotency-Key": next(new_keys(self.clinic))}
        shown, switched, off = await self._endpoint(), await self._endpoint(), await self._endpoint("off")
        logged, _ = await self._message(shown), await self._message(switched)
        at, of = {"endpoint_id": shown}, {"endpoint_id": Bound(shown), "message_id": logged}
        return [
            got("/api/v1/developers/webhooks"),
            got("/api/v1/developers/webhooks/events", shows=False),
            Sample(method="POST", path="/api/v1/developers/webhooks", json=fields, headers=key),
            Sample(method="POST", path=one, at=at, json=fields | {"title": f"{self.marker} {next(numbers)}"}),
            got(one + "/messages", at=at),
            Sample(method="POST", path=one + "/secret", at=at),
            Sample(method="POST", path=one + "/ping", at=at),
            Sample(method="POST", path=one + "/messages/{message_id:int}/again", at=of),
            Sample(method="POST", path=one + "/again", at={"endpoint_id": switched}),
            Sample(method="POST", path=one + "/off", at={"endpoint_id": await self._endpoint()}),
            Sample(method="POST", path=one + "/on", at={"endpoint_id": off}),
            Sample(method="POST", path=one + "/delete", at={"endpoint_id": await self._endpoint()}),
        ]

    async def staff_api(self) -> list[Sample]:
        """Lists that programs follow wait for transactions that are open elsewhere: they need not show the newest."""
        clinic, marker = self.clinic, self.marker
        profession = await inserted(clinic, Profession, kind="doctor", name=f"{marker} {next(numbers)}")
        group, branch = await self.new_group(), await new_branch(clinic, marker)
        fields = {"kind": "doctor", "last_name": marker, "first_name": "Анна"}
        named = {"specialities": [profession], "groups": [group], "branches": [branch]}
        new = fields | named | {"email": f"{marker}-{next(numbers)}@example.ru"}
        shown, at = await self.new_member(group), {"staff_id": await self.new_member()}
        one, words = f"/api/v1{MEMBER}", {"row_version": 1, "rights": {"patients.patient.view": True}}
        return [
            got("/api/v1/staff", shows=False),
            got("/api/v1/staff/professions"),
            Sample(method="POST", path="/api/v1/staff", json=new, headers={"Idempotency-Key": next(new_keys(clinic))}),
            Sample(method="GET", path=one, at={"staff_id": shown}),
            Sample(method="POST", path=one, at=at, json=fields | named | {"row_version": 1}),
            Sample(method="POST", path=one + "/link", at={"staff_id": await self._invited()}),
            Sample(method="POST", path=one + "/delete", at={"staff_id": await self.new_member()}),
            Sample(method="GET", path=one + "/rights", at={"staff_id": shown}),
            Sample(method="POST", path=one + "/rights", at={"staff_id": await self.new_member()}, json=words),
        ]

    async def groups_api(self) -> list[Sample]:
        shown, doomed, ticked = await self.new_group(), await self.new_group(), await self.new_group()
        titled, one = await self.new_group(), f"/api/v1{GROUP}"
        title, other = ({"title": f"{self.marker} {next(numbers)}"} for _ in "12")
        rights = {"row_version": 1, "rights": ["patients.patient.view"]}
        key = {"Idempotency-Key": next(new_keys(self.clinic))}
        return [
            got("/api/v1/staff/groups"),
            Sample(method="POST", path="/api/v1/staff/groups", json=title | {"like": shown}, headers=key),
            Sample(method="GET", path=one, at={"group_id": shown}),
            Sample(method="POST", path=one, at={"group_id": ticked}, json=rights),
            Sample(method="POST", path=one + "/title", at={"group_id": titled}, json=other),
            Sample(method="POST", path=one + "/delete", at={"group_id": doomed}),
        ]

    async def places_api(self) -> list[Sample]:
        clinic, marker = self.clinic, self.marker
        branch, other = await new_branch(clinic, marker), await new_branch(clinic, marker)
        chair, below = await new_chair(clinic, marker, branch), await new_chair(clinic, marker, branch)
        doomed = await new_chair(clinic, marker, branch)
        names = ({"name": f"{marker} {next(numbers)}"} for _ in "123")
        key, module = {"Idempotency-Key": next(new_keys(clinic))}, LEAF
        api = "/api/v1"
        return [
            got(api + "/settings/modules", shows=False),
            Sample(method="POST", path=api + MODULE + "off", at=module, json={}),
            Sample(method="POST", path=api + MODULE + "on", at=module),
            got(api + "/settings/branches"),
            Sample(method="POST", path=api + BRANCH, at={"branch_id": other}, json={"row_version": 1, **next(names)}),
            Sample(
                method="POST", path=api + BRANCH + "/chairs", at={"branch_id": branch}, json=next(names), headers=key
            ),
            Sample(method="POST", path=api + CHAIR, at={"chair_id": chair}, json=next(names)),
            Sample(method="POST", path=api + CHAIR + "/move", at={"chair_id": below}, json={"step": -1}),
            Sample(method="POST", path=api + CHAIR + "/delete", at={"chair_id": doomed}),
            Sample(method="POST", path=api + "/settings/time-zone", json={"time_zone": "Asia/Omsk"}),
            *await self.organization(api),
        ]

    async def trash_api(self) -> list[Sample]:
        return await self.trash("/api/v1")
