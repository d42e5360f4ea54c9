from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import count
from typing import ClassVar

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Filter, Id, Sample
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.contract.samples import RIGHTS, new_keys

CATEGORY = "/catalog/categories/{category_id:int}/"
SERVICE = "/catalog/services/{service_id:int}/"
API = "/api/v1/catalog"


class TestCatalog(PluginContract):
    plugin = "catalog"
    table = RIGHTS
    lists = (
        "/catalog",
        "/catalog/services/search?query=Услуга",
        API + "/services/changes",
        API + "/categories/changes",
    )

    kept: ClassVar = (
        "catalog.service_category.name",  # a price list says nothing about anybody
        "catalog.service.name",
        "catalog.service.code",
        "catalog.service.search_text",
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        number = count()

        async def category() -> Id:
            async with clinic.ctx_as("director") as ctx:
                return Id(await add_category(ctx, CategoryForm(name=f"{marker} {next(number)}")))

        def service(category: Id, **fields: object) -> dict[str, object]:
            name = f"{marker} {next(number)}"
            return {"category_id": category, "name": name, "code": name, "price": "100", "is_active": "1", **fields}

        async def added() -> Id:
            form = service(shown)
            async with clinic.ctx_as("director") as ctx:
                fields = {**form, "price": Decimal("100.00"), "is_active": True}
                return Id(await add_service(ctx, ServiceForm(**fields)))  # type: ignore[arg-type]

        shown, kept = await category(), await category()
        first = await added()
        return [
            Sample(method="GET", path="/catalog"),
            Sample(method="GET", path="/catalog", query={"category": Filter(shown)}),
            Sample(method="GET", path="/catalog", query={"q": marker}),
            Sample(method="GET", path="/catalog/categories/new", shows=False),
            Sample(method="POST", path="/catalog/categories/new", form={"name": f"{marker} новая"}),
            Sample(method="GET", path=CATEGORY + "edit", at={"category_id": shown}),
            Sample(
                method="POST",
                path=CATEGORY + "edit",
                at={"category_id": kept},
                form={"name": f"{marker} другая", "row_version": 1},
            ),
            Sample(method="POST", path=CATEGORY + "delete", at={"category_id": await category()}),
            Sample(method="GET", path="/catalog/services/new", query={"category": Filter(shown)}),
            Sample(method="POST", path="/catalog/services/new", form=service(shown)),
            Sample(method="GET", path="/catalog/services/search", query={"q": marker}),
            Sample(method="GET", path=SERVICE + "edit", at={"service_id": first}),
            Sample(
                method="POST",
                path=SERVICE + "edit",
                at={"service_id": await added()},
                form=service(shown, row_version=1),
            ),
            Sample(method="POST", path=SERVICE + "delete", at={"service_id": await added()}),
            *(await self.programs(clinic, f"{marker} {next(number)}", category, added)),
        ]

    async def programs(
        self, clinic: TestClinic, name: str, category: Callable[[], Awaitable[Id]], added: Callable[[], Awaitable[Id]]
    ) -> list[Sample]:
        """Lists that programs follow wait for transactions that are open elsewhere: they need not show the newest."""
        one, service = API + "/categories/{category_id:int}", API + "/services/{service_id:int}"
        shown, kept, first = await category(), await category(), await added()
        body = {"category_id": shown, "name": name, "price": "100.00"}
        keys = ({"Idempotency-Key": key} for key in new_keys(clinic))
        changed = body | {"name": f"{name} другая", "row_version": 1}
        return [
            Sample(method="GET", path=API + "/categories"),
            Sample(method="GET", path=API + "/categories/changes", shows=False),
            Sample(method="POST", path=API + "/categories", json={"name": name}, headers=next(keys)),
            Sample(method="POST", path=one, at={"category_id": kept}, json={"name": f"{name} иная", "row_version": 1}),
            Sample(method="POST", path=one + "/delete", at={"category_id": await category()}),
            Sample(method="GET", path=API + "/services/search", query={"q": name.split()[0]}),
            Sample(method="GET", path=API + "/services/changes", shows=False),
            Sample(method="GET", path=service, at={"service_id": first}),
            Sample(method="GET", path=service + "/prices", at={"service_id": first}, shows=False),
            Sample(method="POST", path=API + "/services", json=body, headers=next(keys)),
            Sample(method="POST", path=service, at={"service_id": await added()}, json=changed),
            Sample(method="POST", path=service + "/delete", at={"service_id": await added()}),
        ]

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        async with clinic.ctx_as("director") as ctx:
            category = await add_category(ctx, CategoryForm(name=f"Категория {number}"))
            form = ServiceForm(
                category_id=category,
                name=f"Услуга {number}",
                code=f"N{number}",
                price=Decimal("100.00"),
                is_active=True,
            )
            await add_service(ctx, form)
