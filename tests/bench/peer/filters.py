"""The filters of our pages, in Django's templates."""

from django.template import Library

from prikus.ui.filters import FILTERS

register = Library()
for name, shown in FILTERS.items():
    register.filter(name, shown)
