"""The line that training shows: in a log file, a terminal, a notebook."""

import sys
import types

from spotlight import progress, training


def halving(number):
    return 1 / 2**number


def test_plain_output_gets_one_line_with_the_mean_of_the_last_losses(capsys):
    training.train(lambda number: float(number), 100, title="counting")
    assert capsys.readouterr().out == "counting: 100 steps in 0 s, loss 89.500\n"  # mean of 80 … 99


def test_a_terminal_gets_one_line_that_is_written_over(capsys, monkeypatch):
    monkeypatch.setattr(progress, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    training.train(halving, 4, title="halving")
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.endswith("\n")
    shown = [line.rstrip() for line in said.split("\r")[1:]]
    assert shown[0] == "halving: starting" and len(shown) == 6
    assert shown[2].startswith("halving: " + "█" * 12 + "░" * 12 + " 2 of 4, loss 0.750, ")
    assert shown[-1].startswith("halving: 4 steps in 0 s")


def test_a_notebook_gets_one_output_that_is_updated(monkeypatch):
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(("update", data["text/plain"]))

    def display(data, raw, display_id):
        shown.append(("new", data["text/plain"]))
        return Handle()

    stand_in = types.SimpleNamespace(get_ipython=object, display=types.SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython", stand_in)
    training.train(halving, 2)
    assert [how for how, _ in shown] == ["new", "update"]
    assert shown[-1][1].startswith("training: 2 steps in 0 s, loss 0.750")


def test_steps_of_an_earlier_run_do_not_make_this_one_look_faster(capsys, monkeypatch):
    monkeypatch.setattr(progress, "REFRESH_SECONDS", 0)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    seconds = iter([0.0, 10.0, 20.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    shown = progress.Progress("on", 100, done_before=80)
    shown.show([1.0] * 81)
    assert "81 of 100, loss 1.000, 190 s left" in capsys.readouterr().out  # 10 s a step


def test_a_sentence_stays_beside_the_line_and_none_says_nothing(capsys):
    shown = progress.Progress("copying", 3)
    shown.say("")
    shown.say("goes on")
    assert capsys.readouterr().out == "copying: goes on\n"
