"""A small workspace on which the tools of `tests/spec` are tried."""
