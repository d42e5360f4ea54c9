"""The digital register of Evotor as a server of its own, faults included: for tests and the demo.

Login `kassa-x` with password `pass-x` opens group `group-x`; `kassa105-x` is a register of FFD 1.05.
"""

from prikus_integrations_evotor.fake.app import HOST, build

__all__ = ["HOST", "build"]
