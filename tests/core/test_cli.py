import pytest
from click.testing import CliRunner, Result

from prikus.cli import Commands
from prikus.errors import Conflict, Misconfigured


def run(error: Exception, environ: dict[str, str] | None = None) -> Result:
    """What a command line answers whose only command fails so."""
    commands = Commands()

    @commands.command()
    def fail() -> None:
        raise error

    return CliRunner().invoke(commands, ["fail"], env={"PRIKUS_DEBUG": None, **(environ or {})})


@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        (Conflict("Клиника с таким адресом уже есть."), "Клиника с таким адресом уже есть.", 1),
        (Misconfigured("Не задан DATABASE_URL."), "Не задан DATABASE_URL.", 2),
        (ConnectionRefusedError(111, "Connection refused"), "Система отказала: [Errno 111] Connection refused.", 1),
    ],
)
def test_a_refusal_is_one_sentence_and_an_exit_code(error: Exception, sentence: str, code: int) -> None:
    result = run(error)
    assert (result.output, result.exit_code) == (f"{sentence}\n", code)


def test_whoever_debugs_sees_the_traceback() -> None:
    assert isinstance(run(Conflict("Нет."), {"PRIKUS_DEBUG": "1"}).exception, Conflict)


def test_a_fault_of_ours_is_not_dressed_up() -> None:
    assert isinstance(run(ZeroDivisionError()).exception, ZeroDivisionError)
