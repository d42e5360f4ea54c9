from decimal import Decimal

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service


class TestCatalog(PluginContract):
    plugin = "catalog"
    lists = ("/catalog", "/catalog/services/search?query=Услуга")

    async def ids(self, clinic: TestClinic, name: str) -> dict[str, object]:
        async with clinic.ctx_as("director") as ctx:
            category = await add_category(ctx, CategoryForm(name=name))
            form = ServiceForm(category_id=category, name=name, code="X1", price=Decimal("100.00"), is_active=True)
            return {"category_id": category, "service_id": await add_service(ctx, form)}

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
