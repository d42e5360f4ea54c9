"""How a command gets its servers."""

import os
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import click
import msgspec

from prikus.config import Config
from prikus.embedded import services


def pass_equipped_config(command: Callable[..., Any]) -> Callable[..., Any]:
    """Like `click.pass_obj`, with both URLs filled in: of the given servers, of those that run here, or started for it.

    They stand in the environment too, from which further processes read them.
    """

    @click.pass_obj
    def equipped(config: Config, *arguments: Any, **options: Any) -> Any:
        with services(config) as (database_url, redis_url):
            os.environ.update(DATABASE_URL=database_url, REDIS_URL=redis_url)
            complete = msgspec.structs.replace(config, database_url=database_url, redis_url=redis_url)
            return command(complete, *arguments, **options)

    return update_wrapper(equipped, command)
