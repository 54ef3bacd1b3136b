"""No answer makes a tensor on the wrong device: found without a GPU.

Every check's calls are repeated with parameters and inputs on torch's `meta` device, which holds shapes and no
numbers, under a mode that stops when one operation is given tensors of two devices.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402  (after the skip)
from torch.utils._pytree import tree_flatten, tree_map  # noqa: E402

from autograder import keys  # noqa: E402
from autograder.exercise import Exercise, Puzzle, Quiz  # noqa: E402

# Exercises whose code must see numbers, not only shapes: on `meta` there are none. Each with its reason.
NEEDS_NUMBERS: dict[str, str] = {}


class Mixed(Exception):
    """One operation was given tensors of two devices."""


class OneDevice(TorchDispatchMode):
    """Stops at the first operation that mixes devices, as a GPU would."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, torch.Tensor)]
        # A single number on the CPU may meet a tensor anywhere; copy_ is how a tensor travels.
        devices = {each.device.type for each in given if each.dim() or each.device.type != "cpu"}
        if len(devices) > 1 and func is not torch.ops.aten.copy_.default:
            raise Mixed(f"{func} was given tensors on {' and '.join(sorted(devices))}")
        return func(*args, **(kwargs or {}))


@dataclass
class Repeated:
    """Code that repeats each of its calls on `meta`, and what came of that."""

    code: Any
    calls: int = 0
    faults: list[str] = field(default_factory=list)
    excused: bool = False
    busy: bool = False

    def __call__(self, *given: Any, **named: Any) -> Any:
        made = self.code(*given, **named)
        if isinstance(made, torch.nn.Module):
            made.register_forward_hook(self._after_forward, with_kwargs=True)
        elif any(callable(each) and not isinstance(each, torch.nn.Module) for each in given):
            self.excused = True  # given functions hold tensors of their own, which nobody can move: no forward pass
        elif not any(isinstance(each, (torch.Tensor, torch.nn.Module)) for each in tree_flatten((given, named))[0]):
            self.excused = True  # given sizes alone, there is no device to keep to
        else:
            self._again(self.code, given, named)
        return made

    def __deepcopy__(self, memo: dict) -> "Repeated":
        return self  # a copied module keeps its hook, which is a method of this

    def _after_forward(self, module: Any, given: tuple, named: dict, output: Any) -> None:
        if not self.busy:
            self._again(copy.deepcopy(module).to("meta"), given, named)

    def _again(self, code: Callable, given: tuple, named: dict) -> None:
        self.busy = True
        try:
            with OneDevice():
                made = code(*tree_map(on_meta, given), **tree_map(on_meta, named))
            tensors = [each for each in tree_flatten(made)[0] if isinstance(each, torch.Tensor)]
            self.calls += bool(tensors)
            if any(each.device.type != "meta" for each in tensors):
                self.faults.append("it returned a tensor on the CPU")
        except Mixed as mixed:
            self.faults.append(str(mixed))
        except (NotImplementedError, RuntimeError) as error:
            if "meta" not in str(error) and "data-dependent" not in str(error).lower():
                raise
        finally:
            self.busy = False


def on_meta(given: Any) -> Any:
    if isinstance(given, torch.nn.Module):
        return copy.deepcopy(given).to("meta")
    return given.to("meta") if isinstance(given, torch.Tensor) else given


def repeated(exercise: Exercise, code: Any) -> Repeated:
    found = Repeated(code)
    for check in exercise.checks:
        check.question(found, np.random.RandomState(check.public_seed(0)))
    return found


def of_torch() -> list[tuple[str, str]]:
    """(stem, exercise) of every answer in a solution module that imports torch."""
    stems = [stem for stem in keys.stems() if hasattr(keys.load_solutions(stem), "torch")]
    return [
        (stem, name)
        for stem in stems
        for name, exercise in keys.exercises(stem).items()
        if not isinstance(exercise, (Quiz, Puzzle))
    ]


@pytest.mark.parametrize(("stem", "name"), of_torch())
def test_an_answer_keeps_to_the_device_of_its_inputs(stem: str, name: str) -> None:
    found = repeated(keys.exercises(stem)[name], getattr(keys.load_solutions(stem), name))
    assert found.faults == []
    excused = found.excused or name in NEEDS_NUMBERS
    assert bool(found.calls) != excused, "it ran on `meta`" if found.calls else "it never ran there"


def shift_by_a_new_tensor(x: Any) -> Any:
    return x + torch.arange(x.shape[-1])


def start_from_nothing(x: Any) -> Any:
    return torch.zeros(x.shape)


class WithALooseTensor(torch.nn.Module):
    """Its mask is neither a parameter nor a buffer, so `.to(device)` leaves it behind."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))
        self.loose = torch.ones(3)

    def forward(self, x: Any) -> Any:
        return x * self.weight * self.loose


class WithABuffer(WithALooseTensor):
    def __init__(self) -> None:
        super().__init__()
        del self.loose
        self.register_buffer("loose", torch.ones(3))


@pytest.mark.parametrize(
    ("code", "faulty"),
    [
        (shift_by_a_new_tensor, True),
        (start_from_nothing, True),
        (WithALooseTensor, True),
        (WithABuffer, False),
        (lambda x: x * torch.tensor(2.0), False),
        (lambda x: x + torch.arange(x.shape[-1], device=x.device), False),
    ],
)
def test_a_tensor_on_the_wrong_device_is_found(code: Any, faulty: bool) -> None:
    exercise = Exercise("tried", points=1)

    @exercise.check
    def asked(tried: Any, rng: np.random.RandomState) -> Any:
        """Asked.

        Next.
        """
        x = torch.ones(2, 3)
        return tried()(x) if isinstance(getattr(tried, "code", None), type) else tried(x)

    found = repeated(exercise, code)
    assert bool(found.faults) == faulty and found.calls == (not faulty or code is start_from_nothing)
