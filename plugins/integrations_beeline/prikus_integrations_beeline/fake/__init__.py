"""The cloud exchange of Beeline as a server of its own, faults included: for tests and the demo.

Each token `00000000-0000-4000-8000-…` is an exchange of its own; others are refused.
"""

from prikus_integrations_beeline.fake.levers import build
from prikus_integrations_beeline.fake.portal import HOST, TOKEN

__all__ = ["HOST", "TOKEN", "build"]
