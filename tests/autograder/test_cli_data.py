"""`spotlight data tatoeba`: what it says when it has fetched, and when it could not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli
from spotlight import tatoeba


def test_the_place_and_the_licence_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tatoeba, "fetch", lambda: Path("/cache/fra-eng.zip"))
    done = CliRunner().invoke(cli.app, ["data", "tatoeba"])
    assert done.exit_code == 0 and done.stderr == ""
    assert "/cache/fra-eng.zip" in done.stdout and tatoeba.LICENCE in done.stdout


def test_why_it_could_not_be_fetched_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise tatoeba.NotFetched(
            "The sentences could not be fetched: x.org does not answer. [Is there a network?]"
        )

    monkeypatch.setattr(tatoeba, "fetch", fails)
    done = CliRunner().invoke(cli.app, ["data", "tatoeba"])
    assert done.exit_code == cli.NEEDS_HUMAN and done.stdout == ""
    assert done.stderr == "The sentences could not be fetched: x.org does not answer. [Is there a network?]\n"


def test_other_data_is_refused_with_what_there_is(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["spotlight", "data", "wikipedia"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.USAGE
    assert capsys.readouterr().err == "There is no data 'wikipedia'; there is: tatoeba\n"
