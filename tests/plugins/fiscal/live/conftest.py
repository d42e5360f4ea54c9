"""The installation of live tests: the browser needs no register that answers."""

from prikus.testing.plugin import clinic, house

__all__ = ["clinic", "house"]
