"""A plugin that keeps all kinds of things about patients, for tests of merging, erasing, export and removal."""

from prikus.toolkit import Plugin

plugin = Plugin(id="samovar", title="Самовар", summary="Чай с пациентами", version="1.0.0")
