"""Training that was stopped goes on to the same result, or says in one sentence why it starts afresh."""

import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from spotlight import checkpoints, memory, training

STEPS = 60


class Killed(BaseException):
    """What ends the run at once: nothing gets to tidy up."""


class Run:
    """What a notebook's cells make: dropout, Adam, a schedule, and randomness of four kinds."""

    def __init__(self, seed=0, width=8, lr=0.05, killed_at=None):
        training.seed(seed)
        self.model = torch.nn.Sequential(
            torch.nn.Linear(3, width),
            torch.nn.Dropout(0.3),
            torch.nn.BatchNorm1d(width),
            torch.nn.Linear(width, 1),
        )
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=0.01)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimiser, max_lr=lr, total_steps=STEPS)
        self.killed_at, self.interrupted_at, self.called = killed_at, (), []

    def step(self, number):
        self.called.append(number)
        x = torch.randn(5, 3) + torch.from_numpy(np.random.rand(5, 3)).float() * random.random()
        loss = ((self.model(x) - x.sum(1, keepdim=True)) ** 2).mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        if number == self.killed_at:
            raise Killed
        for _ in range(self.interrupted_at.count(number)):
            os.kill(os.getpid(), signal.SIGINT)
        self.schedule.step()
        return loss

    def train(self, checkpoint, steps=STEPS, settings=None):
        state = (self.model, self.optimiser, self.schedule)
        return training.train(self.step, steps, "t", checkpoint, state, settings)

    def ends_as(self, other):
        """Bit by bit: parameters, what the optimiser keeps, the schedule, the next random numbers."""
        ends = [
            checkpoints.fingerprint(
                [
                    each.model.state_dict(),
                    each.optimiser.state_dict(),
                    each.schedule.state_dict(),
                    each.next_random,
                ]
            )
            for each in (self, other)
        ]
        return ends[0] == ends[1]

    def look_ahead(self):
        self.next_random = [random.random(), float(np.random.rand()), torch.rand(1).item()]
        return self


@pytest.fixture
def often(monkeypatch):
    """Save after every third step, so that most kills lose some."""
    monkeypatch.setattr(checkpoints, "SAVE_SECONDS", 0)
    monkeypatch.setattr(checkpoints, "SAVE_SHARE", 0)
    save, calls = checkpoints.Checkpoint.save_when_due, []

    def every_third(self, losses):
        calls.append(1)
        return save(self, losses) if len(calls) % 3 == 0 else ""

    monkeypatch.setattr(checkpoints.Checkpoint, "save_when_due", every_third)


@pytest.fixture(scope="module")
def undisturbed():
    run = Run()
    run.losses = run.train(None)
    return run.look_ahead()


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "deep" / "run.pt"


@pytest.fixture
def stopped(kept, often):
    """The file of a run that was killed at step 20."""
    with pytest.raises(Killed):
        Run(killed_at=20).train(kept)
    return kept


def same(one, other):
    return one.tobytes() == other.tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_killed_at_random_steps_and_run_again_it_ends_as_if_undisturbed(seed, kept, often, undisturbed):
    kills = sorted(random.Random(seed).sample(range(STEPS), 3))
    for killed_at in kills:
        run = Run(killed_at=killed_at)
        with pytest.raises(Killed):
            run.train(kept)
        assert len(run.called) <= STEPS
        torch.rand(7)  # the next kernel starts anew; what this one draws must not matter
    run = Run()
    losses = run.train(kept)
    assert same(losses, undisturbed.losses) and run.look_ahead().ends_as(undisturbed)
    assert run.called[0] > 0 or kills[-1] < 3


def test_the_comparison_itself_sees_a_difference(undisturbed):
    other = Run()
    other.losses = other.train(None)
    assert other.look_ahead().ends_as(undisturbed)
    other.next_random[2] += 1e-9
    assert not other.ends_as(undisturbed)


def test_without_the_random_states_it_would_not_end_alike(stopped, undisturbed, monkeypatch):
    monkeypatch.setattr(checkpoints, "_put_random_states", lambda states: None)
    run = Run()
    assert not same(run.train(stopped), undisturbed.losses) and run.called[0] == 18


@pytest.mark.parametrize("moment", ["write", "replace"])
def test_a_kill_while_it_saves_leaves_the_file_before(moment, kept, often, undisturbed, monkeypatch):
    def dies(*arguments):
        raise Killed

    with pytest.raises(Killed):
        Run(killed_at=20).train(kept)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(checkpoints.os, "fsync" if moment == "write" else "replace", dies)
        Run().train(kept)
    run = Run()
    assert same(run.train(kept), undisturbed.losses) and run.called[0] == 18


def test_a_process_that_is_really_killed_goes_on_in_the_next(tmp_path, undisturbed):
    script = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from spotlight import checkpoints
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_checkpoints import Run
        checkpoints.SAVE_SECONDS = checkpoints.SAVE_SHARE = 0
        run, step = Run(), Run.step
        def dying(number):
            if number == int(sys.argv[1]):
                os.kill(os.getpid(), signal.SIGKILL)
            return step(run, number)
        run.step = dying
        losses = run.train(Path("run.pt"))
        print("called", len(run.called))
        print(losses.tobytes().hex(), checkpoints.fingerprint(run.look_ahead().model.state_dict()))
        """
    )

    def process(killed_at):
        return subprocess.run(
            [sys.executable, "-c", script, str(killed_at)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    assert process(37).returncode == -signal.SIGKILL
    resumed = process(-1)
    parameters = checkpoints.fingerprint(undisturbed.model.state_dict())
    assert "called 23\n" in resumed.stdout and "t: 37 steps are taken from run.pt" in resumed.stdout, (
        resumed.stderr
    )
    assert resumed.stdout.endswith(f"\n{undisturbed.losses.tobytes().hex()} {parameters}\n")


def test_control_c_waits_for_the_end_of_the_step_and_saves(kept, undisturbed, capsys):
    run = Run()
    run.interrupted_at = (25,)
    losses = run.train(kept)
    assert run.called == list(range(26)) and same(losses, undisturbed.losses[:26])
    assert "t: stopped after 26 of 60 steps; what was learned so far is kept" in capsys.readouterr().out
    again = Run()  # in a new kernel
    assert same(again.train(kept), undisturbed.losses) and again.called[0] == 26
    assert again.look_ahead().ends_as(undisturbed)


def test_a_stopped_run_goes_on_in_the_same_kernel(kept, undisturbed, capsys):
    run = Run()
    run.interrupted_at = (25,)
    run.train(kept)
    torch.rand(3), np.random.rand(3)  # the learner looks at something in between
    run.interrupted_at = ()
    losses = run.train(kept)
    assert run.called == list(range(STEPS)) and same(losses, undisturbed.losses)
    assert run.look_ahead().ends_as(undisturbed)
    again = Run()  # and in a new kernel it is still known for what it started from
    assert same(again.train(kept), undisturbed.losses) and again.called == []
    assert f"t: 26 steps are taken from {kept}; delete it to start afresh." in capsys.readouterr().out


def test_a_second_control_c_does_not_wait_and_half_a_step_is_not_kept(kept, undisturbed, often):
    run = Run()
    run.interrupted_at = (25, 25)
    before = signal.getsignal(signal.SIGINT)
    assert len(run.train(kept)) == 25
    assert signal.getsignal(signal.SIGINT) is before
    again = Run()
    assert same(again.train(kept), undisturbed.losses) and again.called[0] == 24


def test_a_finished_run_is_not_run_again(kept, undisturbed, capsys):
    Run().train(kept)
    again = Run()
    assert same(again.train(kept), undisturbed.losses) and again.called == []
    assert again.look_ahead().ends_as(undisturbed)
    assert "t: 60 steps are taken from" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "how", "says"),
    [
        (Run, {"steps": 50}, "was kept with other settings"),
        (Run, {"settings": {"batch": 32}}, "was kept with other settings"),
        (lambda: Run(seed=1), {}, "is of a run that started from other numbers"),
        (lambda: Run(width=9), {}, "is of a run that started from other numbers"),
        (lambda: Run(lr=0.01), {}, "is of a run that started from other numbers"),
    ],
)
def test_another_run_starts_afresh_and_says_so_once(make, how, says, stopped, capsys):
    run, alone = make(), None
    losses = run.train(stopped, **how)
    said = capsys.readouterr().out
    assert said.count(f"t: {stopped} {says}, so training starts at step 0.") == 1
    alone = make().train(None, **{name: value for name, value in how.items() if name == "steps"})
    assert run.called[0] == 0 and same(losses, alone)


def test_another_optimiser_is_another_setting(stopped, capsys):
    run = Run()
    run.optimiser = torch.optim.SGD(run.model.parameters(), lr=0.01)
    run.schedule = torch.optim.lr_scheduler.OneCycleLR(run.optimiser, max_lr=0.05, total_steps=STEPS)
    run.train(stopped)
    assert run.called[0] == 0 and "other settings" in capsys.readouterr().out


class Hostile:
    def __reduce__(self):
        return (Path.touch, (Path("ran-something"),))


def flip(raw, at):
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:-1],
        lambda raw: raw + b"x" * 100_000,
        lambda raw: b"not a checkpoint",
        lambda raw: pickle.dumps({"losses": [1.0]}),
        lambda raw: pickle.dumps(Hostile()),
        lambda raw: flip(raw, len(raw) // 2),
    ],
)
def test_a_damaged_file_starts_afresh_with_a_sentence_and_runs_nothing(
    damage, stopped, undisturbed, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    stopped.write_bytes(damage(stopped.read_bytes()))
    run = Run()
    assert same(run.train(stopped), undisturbed.losses) and run.called[0] == 0
    assert capsys.readouterr().out.count(f"t: {stopped} is damaged, so training starts at step 0.") == 1
    assert not Path("ran-something").exists()
    assert same(Run().train(stopped), undisturbed.losses)  # and the file is whole again


def test_no_flipped_bit_is_ever_learned_from(stopped, undisturbed):
    """Either it is seen, or it lay where nothing is read: the result is the same either way."""
    raw, chance = stopped.read_bytes(), random.Random(0)
    for at in [chance.randrange(len(raw)) for _ in range(10)]:
        stopped.write_bytes(flip(raw, at))
        assert same(Run().train(stopped), undisturbed.losses), at


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_on_a_full_disk_training_goes_on_and_says_so_once(tmp_path, often, undisturbed, capsys):
    kept, new = tmp_path / "run.pt", tmp_path / "run.pt.new"

    class Full(Run):
        def step(self, number):
            if not new.is_symlink():
                new.symlink_to("/dev/full")
            return super().step(number)

    assert same(Full().train(kept), undisturbed.losses)
    said = capsys.readouterr().out
    assert said.count("could not be written (the disk is full); training goes on") == 1
    again = Run()  # there was room for the last one
    assert same(again.train(kept), undisturbed.losses) and again.called == []


def test_a_place_that_cannot_be_written_is_named(tmp_path, undisturbed, capsys):
    (tmp_path / "file").write_text("in the way")
    assert same(Run().train(tmp_path / "file" / "run.pt"), undisturbed.losses)
    assert "run.pt could not be written (" in capsys.readouterr().out


def test_a_name_is_kept_in_the_learners_memory(tmp_path, monkeypatch, undisturbed):
    folder = memory.start(tmp_path)
    (tmp_path / "11_lesson").mkdir()
    monkeypatch.chdir(tmp_path / "11_lesson")
    Run().train("a translator")
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["a translator.pt"]
    assert same(Run().train("a translator"), undisturbed.losses)


def test_where_nothing_is_remembered_a_name_keeps_nothing(tmp_path, monkeypatch, undisturbed):
    monkeypatch.chdir(tmp_path)
    assert same(Run().train("translator"), undisturbed.losses)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_generators_of_ones_own_go_on_too(engine, kept):
    def run(stop):
        own = (np.random.Generator(engine(3)), random.Random(3), torch.Generator().manual_seed(3))

        def step(number):
            if number == stop:
                os.kill(os.getpid(), signal.SIGINT)
            return own[0].random() + own[1].random() + torch.rand(1, generator=own[2]).item()

        return training.train(step, 9, checkpoint=kept, state=own)

    training.seed(0)
    assert len(run(4)) == 5
    training.seed(0)
    resumed = run(-1)
    kept.unlink()
    assert same(resumed, run(-1)) and len(resumed) == 9


def test_one_module_is_taken_as_the_state(kept):
    model = torch.nn.Sequential(torch.nn.Linear(1, 1))
    assert len(training.train(lambda number: 1.0, 2, checkpoint=kept, state=model)) == 2


def test_a_checkpoint_without_state_is_told_what_it_needs(kept):
    with pytest.raises(ValueError, match=r"state=\(model, optimiser\)"):
        training.train(lambda number: 1.0, 2, checkpoint="name")


def test_state_that_cannot_be_kept_is_named(kept):
    with pytest.raises(TypeError, match="state holds a int, which cannot be kept"):
        training.train(lambda number: 1.0, 2, checkpoint=kept, state=(3,))


def test_numbers_that_are_not_finite_are_not_kept(kept, often, undisturbed):
    run = Run()
    with pytest.raises(FloatingPointError):
        training.train(
            lambda number: run.step(number) * (np.nan if number == 10 else 1),
            STEPS,
            "t",
            kept,
            (run.model, run.optimiser, run.schedule),
        )
    again = Run()
    assert same(again.train(kept), undisturbed.losses) and again.called[0] == 9


def test_saving_takes_a_small_share_of_the_time(kept, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: clock[0])
    saves = []

    def slow(self, path):
        saves.append(clock[0])
        clock[0] += 2.0  # seconds to write

    monkeypatch.setattr(checkpoints.os, "fsync", lambda number: slow(None, None))

    def step(number):
        clock[0] += 1.0
        return 1.0

    training.train(step, 100, checkpoint=kept, state=(torch.nn.Linear(1, 1),))
    assert saves == [10.0, 52.0, 94.0, 106.0]  # after 10 s, then 40 s after the end of each; and at the end
