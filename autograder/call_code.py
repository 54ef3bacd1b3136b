"""A call as code that makes it again: written out where small, else one line that fetches its arguments."""

import math
from types import FunctionType
from typing import Any

import numpy as np

from autograder.asking import Call
from autograder.wire import canonical

MOST_NUMBERS = 40  # an array with more is described, not printed
WIDTH = 100


def call_code(name: str, call: Call | None, check: str, seed_number: int, number: int = 0) -> str:
    """Code that makes the same call again: written out where small, else one line that fetches the inputs.

    A module's weights are never written out: a line below the call fetches the module that has them.
    """
    if call is None:
        return ""
    asked = f'"{name}", "{check}", {seed_number}' + (f", call={number}" if number else "")
    maker = _call(name, call.made_with, ()) if call.made is not None else name
    text = _call(maker, call.arguments, call.keywords) if maker else None
    if call.made is not None:
        fetch = f"# with the check's weights: import autograder; module, inputs = autograder.example({asked})"
        return f"{text or f'module(**inputs)  # {shapes_of(call)}'}\n{fetch}"
    shapes = shapes_of(call)
    fetch = f"import autograder; {name}(**autograder.example({asked}))"
    return text or (f"{fetch}\n# {shapes}" if shapes else fetch)


def _call(name: str, arguments: dict[str, Any], keywords: tuple[str, ...]) -> str | None:
    """`name(…)` on one line or on several, or None if an argument is too large to write out."""
    written = {key: _argument(value) for key, value in arguments.items()}
    texts = {key: text for key, text in written.items() if text is not None}
    if len(texts) < len(written):
        return None
    inside = ", ".join(f"{key}={text}" if key in keywords else text for key, text in texts.items())
    one_line = f"{name}({inside})"
    if "\n" not in one_line and len(one_line) <= WIDTH:
        return one_line
    if len(texts) == 1:
        return _hang(one_line, one_line.index(next(iter(texts.values()))))
    named = all(key.isidentifier() for key in texts)
    leads = {key: f"{key}=" if named else "" for key in texts}
    lines = [f"    {leads[key]}{_hang(text, 4 + len(leads[key]))},\n" for key, text in texts.items()]
    return f"{name}(\n{''.join(lines)})"


def shapes_of(call: Call) -> str:
    """The shapes of a call's arguments; of one that is a function, the name of what made it."""
    shapes = {key: tuple(value.shape) for key, value in call.arguments.items() if hasattr(value, "shape")}
    named = {
        key: value.__qualname__.partition(".")[0]
        for key, value in call.arguments.items()
        if isinstance(value, FunctionType) and not value.__qualname__.startswith("<")
    }
    parts = ["shapes: " + ", ".join(f"{key} {shape}" for key, shape in shapes.items())] if shapes else []
    return "; ".join([*parts, *(f"{key} is `{name}`" for key, name in named.items())])


def _argument(value: Any) -> str | None:
    """Code that makes an equal value, or None if that is too long or not known how."""
    if hasattr(value, "detach"):
        plain = canonical(value)
        if not isinstance(plain, np.ndarray) or plain.size > MOST_NUMBERS:
            return None
        usual = str(value.dtype) in ("torch.float32", "torch.int64", "torch.bool") and plain.size
        return _array("torch.tensor", plain, "" if usual else f", dtype={value.dtype}")
    if isinstance(value, np.ndarray):
        if value.size > MOST_NUMBERS or value.dtype.kind not in "biufc":
            return None
        usual = value.dtype in (np.float64, np.int64, np.bool_)
        return _array("np.array", value, "" if usual else f", dtype=np.{value.dtype.name}")
    if isinstance(value, np.generic):
        usual = value.dtype in (np.float64, np.int64, np.bool_)
        return _argument(value.item()) if usual else f"np.{value.dtype.name}({_argument(value.item())})"
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    if isinstance(value, (list, tuple, dict)):
        return _collection(value)
    return repr(value) if isinstance(value, (bool, int, float, str, type(None))) else None


def _collection(value: list | tuple | dict) -> str | None:
    if len(value) > MOST_NUMBERS:
        return None
    parts = [_argument(item) for item in (value.values() if isinstance(value, dict) else value)]
    texts = [part for part in parts if part is not None]
    if len(texts) < len(parts) or sum(map(len, texts)) > 40 * MOST_NUMBERS:
        return None
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {text}" for key, text in zip(value, texts, strict=True)) + "}"
    inside = ", ".join(texts)
    return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(texts) == 1 else ''})"


def _array(maker: str, value: np.ndarray, dtype: str) -> str:
    if not value.size:
        return f"{maker.split('.')[0]}.zeros({value.shape}{dtype})"
    return _hang(f"{maker}({_exact(value)}{dtype})", len(maker) + 1)


def _exact(value: np.ndarray) -> str:
    plain = False
    if value.dtype.kind == "f":
        value = value + 0.0  # no "-0."
        sizes = np.abs(value[np.isfinite(value) & (value != 0)])
        plain = bool(np.all((sizes >= 1e-3) & (sizes < 1e4)))  # 1000.8 beside 0.1, without exponents
    with np.printoptions(nanstr="np.nan", infstr="np.inf"):
        return np.array2string(
            value,
            suppress_small=plain,
            separator=", ",
            floatmode="unique",
            threshold=1000,
            max_line_width=WIDTH,
        )


def _hang(text: str, by: int) -> str:
    """Indent every line but the first."""
    return text.replace("\n", "\n" + " " * by)
