"""What the contract of pages finds out about buttons."""

from __future__ import annotations

import pytest

from prikus.testing.contract.pages import broken_values


@pytest.mark.parametrize("whole", ['hx-vals="{&#34;a&#34;: 1}"', "hx-vals='{\"a\": 1}'", 'hx-vals="{}"', "hx-post=/x"])
def test_whole_words_of_buttons_pass(whole: str) -> None:
    assert broken_values(f"<p><button {whole}>Да</button></p>") == []


@pytest.mark.parametrize("broken", ['hx-vals="{"a": 1}"', 'hx-vals="a=1"', 'hx-vals="[1]"', "hx-vals"])
def test_words_that_end_at_an_inner_quote_are_found(broken: str) -> None:
    assert len(broken_values(f"<p><button {broken}>Да</button></p>")) == 1
