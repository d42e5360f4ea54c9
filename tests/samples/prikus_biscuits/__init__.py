"""A plugin that cannot do without the teahouse, and answers its questions well and badly."""

from prikus.toolkit import Plugin

plugin = Plugin(id="biscuits", title="Печенье", summary="К чаю", version="1.0.0", requires=("teahouse",))
