"""Tokens that services give."""

from __future__ import annotations

from prikus.connections.services.tokens import Tokens

WORDS = ("7", "login", "password")


def test_a_token_is_kept_for_the_words_that_it_was_given_for() -> None:
    tokens = Tokens(60)
    tokens.keep("one", *WORDS)
    assert tokens.get(*WORDS) == "one"
    assert tokens.get("7", "login", "another") is None
    assert tokens.get("7", "loginpassword", "") is None


def test_a_token_whose_time_is_over_is_none() -> None:
    tokens = Tokens(0)
    tokens.keep("one", *WORDS)
    assert tokens.get(*WORDS) is None


def test_only_the_token_that_was_refused_is_forgotten() -> None:
    tokens = Tokens(60)
    tokens.keep("two", *WORDS)
    tokens.forget("one", *WORDS)
    assert tokens.get(*WORDS) == "two"
    tokens.forget("two", *WORDS)
    assert tokens.get(*WORDS) is None


def test_the_words_are_not_kept_in_clear() -> None:
    tokens = Tokens(60)
    tokens.keep("one", *WORDS)
    assert "password" not in repr(vars(tokens))
