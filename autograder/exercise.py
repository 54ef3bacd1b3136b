"""What an exercise is: a name, points, and checks, each of which is a question put to the learner's code.

    softmax = Exercise("softmax", points=3)

    @softmax.check
    def large_scores_do_not_overflow(softmax, rng):
        \"\"\"Scores can be large, and exp(1000) is inf.

        Subtract each row's largest score before exponentiating. Open the hint "I get nan".
        \"\"\"
        return softmax(rng.normal(size=(2, 3)).round(1) + 1000)

A check holds no expected value. Asked of the reference it gives the answer to compare with; asked of a
misconception it gives that misconception's answer.
"""

import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

Question = Callable[[Any, np.random.RandomState], Any]
Acceptance = Callable[[Any, np.random.RandomState], str | None]
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

PUBLIC_SEEDS = 3


class AuthorError(Exception):
    """A mistake in a lesson, a solution, a misconception or an exercise; the message says where."""


def paragraphs(docstring: str | None) -> list[str]:
    """A docstring's paragraphs, each joined into one line."""
    blocks = inspect.cleandoc(docstring or "").split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip()]


@dataclass(frozen=True)
class Check:
    """One question: its name, what it asks, and what to do when the answer is wrong.

    `accepts`, on a puzzle, decides about an answer for which there is no single right one.
    """

    exercise: str
    name: str
    question: Question
    asks: str
    next_step: str
    accepts: Acceptance | None = None

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    def public_seed(self, number: int) -> int:
        """The seed of public example `number`: the same for everybody, on every machine."""
        return zlib.crc32(f"{self.exercise}/{self.name}/{number}".encode())


class Exercise:
    """Something a learner writes: a function or a class whose checks compare it with the reference.

    Args:
        name: what the learner defines; also the name in `solutions/` and in the lesson.
        points: shared equally over the checks; the first check must pass before any other earns.
        forbidden: torch operations (`softmax`, `scaled_dot_product_attention`) that would do the exercise
            instead of the learner; refused by name, with a message.
    """

    def __init__(self, name: str, points: float, *, forbidden: tuple[str, ...] = ()) -> None:
        self.name = name
        self.points = points
        self.forbidden = forbidden
        self.checks: list[Check] = []

    def check(self, question: AnyFunction) -> AnyFunction:
        """Decorator: `question(learners_code, rng)` draws inputs, calls, and returns raw outputs.

        The docstring's first paragraph says what is asked, its second the next step for who gets it wrong.
        """
        self._add(question.__name__, question, question.__doc__)
        return question

    def _add(
        self, name: str, question: Question, docstring: str | None, accepts: Acceptance | None = None
    ) -> None:
        words = paragraphs(docstring)
        if len(words) != 2:
            raise AuthorError(
                f"check {name} of {self.name}: its docstring needs two paragraphs, "
                f"what is asked and the next step (it has {len(words)})"
            )
        if any(check.name == name for check in self.checks):
            raise AuthorError(f"{self.name} has two checks named {name}")
        asks, next_step = words
        self.checks.append(Check(self.name, name, question, asks, next_step, accepts))


class Quiz(Exercise):
    """A question with lettered options; the learner's answer is one letter.

    Args:
        options: letter -> what to say to a learner who chose it, the right one included. The lesson's text
            holds the question and the options themselves.
    """

    def __init__(self, name: str, points: float, *, options: dict[str, str]) -> None:
        super().__init__(name, points)
        self.options = options
        letters = ", ".join(f'"{letter}"' for letter in options)
        self._add(
            "the_answer",
            lambda answer, rng: answer,
            f"Choose one of {letters}.\n\nRead the question again and choose another letter.",
        )


class Puzzle(Exercise):
    """A value with many right answers, which a pure function accepts or refuses.

        query_for_boat = Puzzle("query_for_boat", points=1)

        @query_for_boat.accepts
        def boat_wins(query, rng):
            \"\"\"What is asked.

            The next step.
            \"\"\"
            return None if ... else "a sentence that says what is wrong with this answer"

    The answer has the shape of the reference's before `accepts` sees it.
    """

    def accepts(self, acceptance: AnyFunction) -> AnyFunction:
        """Decorator: `acceptance(answer, rng)` returns None for a right answer, else one sentence."""
        self._add(acceptance.__name__, lambda answer, rng: answer, acceptance.__doc__, acceptance)
        return acceptance


def exercises_of(module: ModuleType) -> dict[str, Exercise]:
    """The exercises that a lesson's module defines, in order."""
    return {value.name: value for value in vars(module).values() if isinstance(value, Exercise)}


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer: its code (on the instructor's side only) and the words that mend it."""

    exercise: str
    name: str
    code: Any
    says: str
    produces_nan: bool


def misconception(exercise: str, *, produces_nan: bool = False) -> Callable[[AnyFunction], AnyFunction]:
    """Mark a function or class as a known wrong answer to `exercise`; its docstring speaks to the learner.

    Args:
        produces_nan: NaN in its answers is the very point, so a learner's NaN counts as a likeness.
    """

    def mark(code: AnyFunction) -> AnyFunction:
        says = " ".join(paragraphs(code.__doc__))
        if not says:
            raise AuthorError(f"misconception {code.__name__} of {exercise} has no docstring to show")
        code.misconception = Misconception(exercise, code.__name__, code, says, produces_nan)  # type: ignore[attr-defined]
        return code

    return mark


def misconceptions_of(module: ModuleType) -> list[Misconception]:
    """The misconceptions that a module defines, in order."""
    marked = (getattr(value, "misconception", None) for value in vars(module).values())
    return [found for found in marked if isinstance(found, Misconception)]


PARAMETERS = "parameters: "


def equal_parameters(module: Any, rng: np.random.RandomState) -> str:
    """Give a torch module parameters that depend only on `rng` and each parameter's name.

    Ask both the learner's module and the reference with the same `rng`, and their weights are equal, in
    whatever order they were created.

    Args:
        module: a `torch.nn.Module`, changed in place; its parameters keep shape and dtype.

    Returns:
        Name and shape of each parameter, sorted, as one text: return it first from the check, so that a
        renamed or missing layer is said before any number is compared.
    """
    import torch

    seed = int(rng.randint(2**31))
    parameters = sorted(module.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters:
            own = np.random.RandomState(zlib.crc32(f"{seed}/{name}".encode()))
            parameter.copy_(torch.tensor(own.normal(scale=0.5, size=tuple(parameter.shape)).round(1)))
    return PARAMETERS + ", ".join(f"{name} {tuple(parameter.shape)}" for name, parameter in parameters)


def numbers(rng: np.random.RandomState, *shape: int, scale: float = 1.0, dtype: Any = None) -> Any:
    """Random numbers with one decimal, as a torch tensor of a shape; float32 unless `dtype` says otherwise."""
    import torch

    return torch.tensor(rng.normal(scale=scale, size=shape).round(1), dtype=dtype or torch.float32)


def slopes(made: Any, tensors: list[Any]) -> list[Any] | None:
    """What `backward` gives each torch tensor, from the mean square of each thing that was made, added up.

    Args:
        made: a tensor, or several, as a learner's code returned them.
        tensors: leaves that require gradients; what they have is overwritten.

    Returns:
        One gradient for each tensor, 0 where no notes lead back to it. None if `made` holds anything but numbers.
    """
    import torch

    parts = made if isinstance(made, (tuple, list)) else [made]
    if not all(isinstance(part, (torch.Tensor, np.ndarray)) for part in parts):
        return None
    noted = [part for part in parts if isinstance(part, torch.Tensor) and part.requires_grad]
    for tensor in tensors:
        tensor.grad = torch.zeros_like(tensor)
    if noted:
        torch.stack([part.square().mean() for part in noted]).sum().backward()
    return [tensor.grad for tensor in tensors if tensor.grad is not None]
