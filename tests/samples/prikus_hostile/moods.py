"""What the plugin does next, by hook or page; the test of this process says so. Without a mood it behaves."""

from __future__ import annotations

moods: dict[str, str] = {}
SCRIPT = "<script>document.title='взломано'</script>"
