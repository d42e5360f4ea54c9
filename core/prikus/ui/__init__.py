"""Shared parts of pages: shell, macros, assets, live channel. `docs/ui.md` is the author's guide."""
