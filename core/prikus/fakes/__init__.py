"""Fake providers, for the room `fake` of plugins: a page from which a person or a test makes them act and misbehave."""

from prikus.fakes.control import ControlPage
from prikus.fakes.dropping import Dropped

__all__ = ["ControlPage", "Dropped"]
