"""One request at least for each route of the core: patients, staff, settings, trash, account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text

from prikus.access.models import ApiKey, PermissionGroup, Profession, StaffGroup
from prikus.developers.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from prikus.files.models import StoredFile
from prikus.patients.models import Patient, PatientEvent
from prikus.patients.services.keeping import delete_patient
from prikus.patients.services.merging import merge_patients
from prikus.references.models import Gender, MarketingChannel, PatientGroup
from prikus.settings.services.places import delete_chair
from prikus.staff.services.groups import delete_group
from prikus.staff.services.members import delete_member
from prikus.testing.clinics import PASSWORD, TestClinic
from prikus.testing.contract.samples import Bound, Filter, Id, Sample
from tests.contract.samples import inserted, name_house, new_branch, new_chair, new_keys, new_patient, numbers

PATIENT = "/patients/{patient_id:int}"
MEMBER = "/staff/{staff_id:int}"
GROUP = "/staff/groups/{group_id:int}"
BRANCH = "/settings/branches/{branch_id:int}"
MODULE = "/settings/modules/{plugin_id:str}/"
LEAF = {"plugin_id": "integrations_tilda"}
"""Nothing depends on it."""
CHAIR = "/settings/chairs/{chair_id:int}"


def got(path: str, shows: bool = True, at: Mapping[str, Any] | None = None, **query: Any) -> Sample:
    return Sample(method="GET", path=path, at=at or {}, query=query, shows=shows)


class CoreSamples:
    """Makes the objects of one clinic."""

    def __init__(self, clinic: TestClinic, marker: str) -> None:
        self.clinic = clinic
        self.marker = marker

    async def all(self) -> list[Sample]:
        """Of pages."""
        return await self._of(
            self.patients,
            self.lifecycle,
            self.developers,
            self.webhooks,
            self.staff,
            self.groups,
            self.places,
            self.organization,
            self.trash,
            self.account,
        )

    async def _of(self, *parts: Callable[[], Awaitable[list[Sample]]]) -> list[Sample]:
        await self.clinic.drain()
        return [sample for part in parts for sample in await part()]

    async def new_member(self, group: Id | None = None) -> Id:
        person = await self.clinic.staff(None, last_name=self.marker)
        if group is not None:
            await inserted(self.clinic, StaffGroup, staff_id=person.staff_id, group_id=int(group))
        return Id(person.staff_id)

    async def new_group(self) -> Id:
        return await inserted(self.clinic, PermissionGroup, title=f"{self.marker} {next(numbers)}", position=50)

    async def patients(self) -> list[Sample]:
        clinic, marker = self.clinic, self.marker
        first, second = await new_patient(clinic, f"{marker}а"), await new_patient(clinic, f"{marker}б")
        at = {"patient_id": second}
        for line in range(2):
            values = {"kind": "core.sample.1", "title": f"{marker} {line}", "icon": "user", "actor_kind": "system"}
            event = await inserted(clinic, PatientEvent, patient_id=second, happened_at=text("now()"), **values)
        plain = {
            "last_name": f"{marker}в",
            "first_name": "Анна",
            "phone": "+79123401290",
            "registration_city": marker,
            "gender_id": await inserted(clinic, Gender, name=marker),
            "marketing_channel_id": await inserted(clinic, MarketingChannel, name=marker),
            "patient_group_id": await inserted(clinic, PatientGroup, name=marker),
            "coordinator_id": await self.new_member(),
        }
        keys, new = new_keys(clinic), plain | {"despite_duplicate": "1"}
        edited, deleted = await new_patient(clinic, marker), await new_patient(clinic, marker)
        save = plain | {"row_version": 1, "is_active": "1"}
        return [
            got("/patients", q=marker),
            got("/patients", q=marker, after=Filter(first)),
            got("/patients", shows=False, q=marker, before=Filter(first)),
            got("/patients/search", q=marker),
            got("/patients/new", shows=True),
            Sample(method="POST", path="/patients/new", form=new | {"idempotency_key": next(keys)}),
            Sample(
                method="POST",
                path="/patients/new",
                form=new | {"passport_number": "123456", "idempotency_key": next(keys)},
                case="with a document",
            ),
            *(Sample(method="GET", path=PATIENT + tail, at=at) for tail in ("", "/head", "/profile", "/feed", "/edit")),
            Sample(method="GET", path=PATIENT + "/feed", at=at, query={"before": Filter(event)}),
            Sample(method="POST", path=PATIENT + "/edit", at={"patient_id": edited}, form=save),
            Sample(method="POST", path=PATIENT + "/delete", at={"patient_id": deleted}),
        ]

    async def lifecycle(self) -> list[Sample]:
        """Merging, export and erasing work as a role of their own, which no open policy of the application opens."""
        clinic, marker = self.clinic, self.marker
        kept, gone, other, erased, parted, joined = [await new_patient(clinic, marker) for _ in range(6)]
        async with clinic.ctx_as("director") as ctx:
            merged = await merge_patients(ctx, int(joined), int(parted))
            number = await ctx.db.scalar(select(Patient.card_number).where(Patient.id == int(erased)))
        at = {"patient_id": Bound(kept)}
        typed = {"reason": marker, "card_number": str(number)}
        undo = {"patient_id": int(parted), "merge_id": Bound(merged.merge_id)}
        return [
            got(PATIENT + "/merge", shows=False, at=at),
            got(PATIENT + "/merge/with", at={"patient_id": kept}, other_id=other),
            Sample(method="POST", path=PATIENT + "/merge", at=at, form={"other_id": Bound(gone)}),
            Sample(method="POST", path=PATIENT + "/merge/{merge_id:int}/undo", at=undo),
            got(PATIENT + "/export", shows=False, at=at),
            got(PATIENT + "/erase", shows=False, at=at),
            Sample(method="POST", path=PATIENT + "/erase", at={"patient_id": Bound(erased)}, form=typed),
        ]

    async def developers(self) -> list[Sample]:
        async def key() -> Id:
            values = {"scopes": ["patients.patient.view"], "secret_hash": b"x", "staff_id": self.clinic.head.staff_id}
            return await inserted(self.clinic, ApiKey, name=f"{self.marker} {next(numbers)}", **values)

        await key()
        one, form = "/developers/keys/{key_id:int}", {"name": self.marker, "scopes": ["patients.patient.view"]}
        return [
            got("/developers"),
            got("/developers/keys/new", shows=False),
            Sample(method="POST", path="/developers/keys/new", form=form),
            Sample(method="POST", path=one + "/rotate", at={"key_id": await key()}),
            Sample(method="POST", path=one + "/revoke", at={"key_id": await key()}),
        ]

    async def webhooks(self) -> list[Sample]:
        marker = self.marker
        fields = {"title": marker, "url": "https://hook.example/", "events": ["patient.created"]}
        one = "/developers/webhooks/{endpoint_id:int}"
        again = one + "/messages/{message_id:int}/again"

        shown, switched, off, doomed = (
            await self._endpoint(),
            await self._endpoint(),
            await self._endpoint("off"),
            await self._endpoint(),
        )
        logged, _ = await self._message(shown), await self._message(switched)
        await inserted(self.clinic, WebhookAttempt, message_id=logged, milliseconds=1)
        at = {"endpoint_id": shown}
        return [
            got("/developers/webhooks"),
            got("/developers/webhooks/new", shows=False),
            Sample(method="POST", path="/developers/webhooks/new", form=fields),
            got(one, at=at),
            Sample(method="POST", path=one, at=at, form=fields | {"title": f"{marker} {next(numbers)}"}),
            got(one + "/log", at=at),
            Sample(method="POST", path=one + "/secret", at=at),
            Sample(method="POST", path=one + "/ping", at=at),
            Sample(method="POST", path=again, at={"endpoint_id": Bound(shown), "message_id": logged}),
            Sample(method="POST", path=one + "/again", at={"endpoint_id": switched}),
            Sample(method="POST", path=one + "/off", at={"endpoint_id": await self._endpoint()}),
            Sample(method="POST", path=one + "/on", at={"endpoint_id": off}),
            Sample(method="POST", path=one + "/delete", at={"endpoint_id": doomed}),
        ]

    async def _endpoint(self, state: str = "on") -> Id:
        fields = {"title": self.marker, "url": "https://hook.example/", "events": ["patient.created"]}
        return await inserted(self.clinic, WebhookEndpoint, secret=bytes(40), state=state, **fields)

    async def _message(self, of: Id) -> Id:
        return await inserted(self.clinic, WebhookMessage, endpoint_id=of, event=self.marker, state="failed")

    async def staff(self) -> list[Sample]:
        clinic, marker = self.clinic, self.marker
        profession = await inserted(clinic, Profession, kind="doctor", name=marker)
        group, branch = await self.new_group(), await new_branch(clinic, marker)
        fields = {"kind": "doctor", "last_name": marker, "first_name": "Анна"}
        named = {"specialities": [profession], "groups": [group], "branches": [branch]}
        new = fields | named | {"email": f"{marker}-{next(numbers)}@example.ru"}
        shown, at = await self.new_member(group), {"staff_id": await self.new_member()}
        waiting = await self._invited()
        return [
            got("/staff", q=marker),
            got("/staff", shows=False, profession=Filter(profession), group=Filter(group)),
            got("/staff/new"),
            Sample(method="POST", path="/staff/new", form=new),
            Sample(method="GET", path=MEMBER, at={"staff_id": shown}),
            Sample(method="POST", path=MEMBER, at=at, form=fields | named | {"row_version": 1}),
            Sample(method="POST", path=MEMBER + "/link", at={"staff_id": waiting}),
            Sample(method="POST", path=MEMBER + "/delete", at={"staff_id": await self.new_member()}),
            Sample(method="GET", path=MEMBER + "/rights", at={"staff_id": shown}),
            Sample(
                method="POST",
                path=MEMBER + "/rights",
                at={"staff_id": await self.new_member()},
                form={"row_version": 1, "patients.patient.view": "allow"},
            ),
        ]

    async def _invited(self) -> Id:
        """A member who has not been here yet."""
        email = f"{self.marker}-{next(numbers)}@example.ru".lower()
        async with self.clinic.ctx_as("director") as ctx:
            query = text("select account_id from core.invite(:email, decode(md5(:email), 'hex'))")
            account = await ctx.db.scalar(query, {"email": email})
        person = await self.new_member()
        async with self.clinic.ctx_as("director") as ctx:
            query = text("update core.staff_member set account_id = :account, email = :email where id = :id")
            await ctx.db.execute(query, {"account": account, "email": email, "id": int(person)})
        return person

    async def groups(self) -> list[Sample]:
        shown, doomed, ticked = await self.new_group(), await self.new_group(), await self.new_group()
        titled = await self.new_group()
        title = {"title": f"{self.marker} {next(numbers)}"}
        rights = {"row_version": 1, "rights": ["patients.patient.view"]}
        other = {"title": f"{self.marker} {next(numbers)}"}
        return [
            got("/staff/groups", shows=False),
            got("/staff/groups/new"),
            Sample(method="POST", path="/staff/groups/new", form=title | {"like": shown}),
            Sample(method="GET", path=GROUP, at={"group_id": shown}),
            Sample(method="POST", path=GROUP, at={"group_id": ticked}, form=rights),
            Sample(method="GET", path=GROUP + "/title", at={"group_id": shown}),
            Sample(method="POST", path=GROUP + "/title", at={"group_id": titled}, form=other),
            Sample(method="POST", path=GROUP + "/delete", at={"group_id": doomed}),
        ]

    async def places(self) -> list[Sample]:
        clinic, marker = self.clinic, self.marker
        branch, other = await new_branch(clinic, marker), await new_branch(clinic, marker)
        chair, below = await new_chair(clinic, marker, branch), await new_chair(clinic, marker, branch)
        doomed = await new_chair(clinic, marker, branch)
        name, module = {"name": f"{marker} {next(numbers)}"}, LEAF
        return [
            got("/settings", shows=False),
            got("/settings/menu", shows=False),
            got("/settings/modules", shows=False),
            Sample(method="GET", path=MODULE + "off", at=module, shows=False),
            Sample(method="POST", path=MODULE + "off", at=module, form={}),
            Sample(method="POST", path=MODULE + "on", at=module),
            got("/settings/places"),
            Sample(method="POST", path="/settings/places/zone", form={"time_zone": "Asia/Yekaterinburg"}),
            Sample(method="GET", path=BRANCH, at={"branch_id": branch}),
            Sample(method="POST", path=BRANCH, at={"branch_id": other}, form={"row_version": 1, **name}),
            Sample(method="GET", path=BRANCH + "/chairs/new", at={"branch_id": branch}),
            Sample(method="POST", path=BRANCH + "/chairs/new", at={"branch_id": branch}, form=name),
            Sample(method="GET", path=CHAIR, at={"chair_id": chair}),
            Sample(method="POST", path=CHAIR, at={"chair_id": chair}, form={"name": f"{marker} {next(numbers)}"}),
            Sample(method="POST", path=CHAIR + "/move", at={"chair_id": below}, form={"step": -1}),
            Sample(method="POST", path=CHAIR + "/delete", at={"chair_id": doomed}),
        ]

    async def organization(self, start: str = "") -> list[Sample]:
        version, path = await name_house(self.clinic, self.marker), f"{start}/settings/organization"
        legal = {"row_version": version, "full_name": f"{self.marker} новая", "short_name": self.marker}
        values = {"media_type": "image/png", "size": 1, "sha256": "", "key": uuid4()}
        await inserted(self.clinic, StoredFile, name=self.marker, **values)
        disk = got(f"{start}/settings/disk" if start else "/settings/general", shows=False)
        return [disk, got(path), Sample(method="POST", path=path, **{"json" if start else "form": legal})]

    async def trash(self, start: str = "") -> list[Sample]:
        deleted, path = await self._deleted(), f"{start}/trash/{{section_id:str}}"
        restored = [
            Sample(method="POST", path=path + "/{id:int}/restore", at={"section_id": section, "id": id})
            for section, id in deleted
        ]
        sections = [got(path, at={"section_id": section}) for section, _ in deleted]
        return [got(f"{start}/trash", shows=False), *sections, *restored]

    async def _deleted(self) -> list[tuple[str, Id]]:
        """One thing of each section, in the trash."""
        made: list[tuple[str, Id, Callable[..., Awaitable[Any]]]] = [
            ("patients", await new_patient(self.clinic, self.marker), delete_patient),
            ("staff", await self.new_member(), delete_member),
            ("groups", await self.new_group(), delete_group),
            ("chairs", await new_chair(self.clinic, self.marker), delete_chair),
        ]
        for _, id, delete in made:
            async with self.clinic.ctx_as("director") as ctx:
                await delete(ctx, int(id))
        return [(section, id) for section, id, _ in made]

    async def account(self) -> list[Sample]:
        """The choice of a clinic ends the session: it comes last."""
        async with self.clinic.ctx_as("director") as ctx:
            branch = Filter(ctx.branch.id)
        clinic = Id(self.clinic.id)
        return [
            got("/", shows=False),
            got("/clinics-of-mine", shows=False),
            Sample(method="POST", path="/session/proof", form={"password": PASSWORD}, changes=False),
            Sample(method="POST", path="/session/branch", form={"branch_id": branch}, changes=False),
            Sample(method="POST", path="/clinics-of-mine", form={"clinic_id": clinic}, changes=False),
        ]
