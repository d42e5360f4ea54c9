"""Fake providers, for the room `fake` of plugins: a page from which a person or a test makes them act and misbehave."""

from prikus.fakes.control import ControlPage

__all__ = ["ControlPage"]
