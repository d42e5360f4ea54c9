"""A plugin that keeps pictures of patients, for tests of files."""

from prikus.toolkit import Plugin

plugin = Plugin(id="album", title="Альбом", summary="Снимки пациентов", version="1.0.0")
