"""Diagnocat's partner API as a server of its own, oddities included."""

from prikus_integrations_diagnocat.fake.app import HOST, HOSTS, build

__all__ = ["HOST", "HOSTS", "build"]
