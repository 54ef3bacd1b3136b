"""The message as a panel in the notebook: HTML with a small picture of both matrices, or plain text."""

import html

import numpy as np

from autograder.message import Message

# Colours that a colour-blind reader can tell apart (Okabe and Ito): blues for values, vermilion for "differs".
STYLE = (
    "border-left:4px solid {edge};padding:.5em 1em;margin:.3em 0;max-width:60em;line-height:1.45;"
    "color:var(--jp-content-font-color1,#222);background:var(--jp-layout-color1,#fff)"
)
RIGHT_EDGE, WRONG_EDGE = "#0072B2", "#D55E00"
LARGEST = (86, 180, 233)  # sky blue: the largest number's cell; black on it has a contrast of 9 to 1
MOST_LINES = 12  # a longer call is folded
CODE = (
    "font-family:var(--jp-code-font-family,monospace);font-size:.92em;margin:.4em 0;overflow-x:auto;"
    "white-space:pre;background:transparent;color:inherit"
)


class Panel:
    """Displays as HTML where HTML is shown, as text in a terminal."""

    def __init__(self, message: Message) -> None:
        self.message = message

    def __repr__(self) -> str:
        return self.message.as_text()

    def _repr_html_(self) -> str:
        return as_html(self.message)


def as_html(message: Message) -> str:
    """Self-contained HTML without scripts; everything that came from a learner is escaped."""
    say = html.escape
    mark, edge = ("✓", RIGHT_EDGE) if message.passed else ("✗", WRONG_EDGE)
    parts = [f"<div><strong>{mark} {_code_spans(message.headline)}</strong></div>"]
    if message.asks:
        parts.append(f"<div>{_code_spans(message.asks)}</div>")
    if message.call:
        call = f'<pre style="{CODE}">{say(message.call)}</pre>'
        long = message.call.count("\n") > MOST_LINES
        folded = f"<details><summary>the call, {say(message.shapes)}</summary>{call}</details>"
        parts.append(folded if long else call)
    if message.pair is not None:
        parts.append(_pictures(*message.pair))
    elif message.yours:
        text = f"yours     {_hang(message.yours)}\nexpected  {_hang(message.expected)}"
        parts.append(f'<pre style="{CODE}">{say(text)}</pre>')
    if "\n" in message.note:  # a line of the learner's code and what it raised
        parts.append(f'<pre style="{CODE}">{say(message.note)}</pre>')
    elif message.note:
        parts.append(f"<div>{_code_spans(message.note)}</div>")
    if message.next_step:
        parts.append(f'<div style="margin-top:.4em">→ {_code_spans(message.next_step)}</div>')
    return f'<div style="{STYLE.format(edge=edge)}">{"".join(parts)}</div>'


def _hang(text: str) -> str:
    return text.replace("\n", "\n" + " " * 10)


def _code_spans(text: str) -> str:
    pieces = html.escape(text, quote=False).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))


def _pictures(yours: np.ndarray, expected: np.ndarray) -> str:
    with np.errstate(all="ignore"):
        finite = np.concatenate([a[np.isfinite(a)].astype(float).ravel() for a in (yours, expected)])
    largest = float(np.abs(finite).max()) if finite.size else 1.0
    wrong = np.zeros(yours.shape, bool)
    if yours.shape == expected.shape:
        with np.errstate(all="ignore"):
            wrong = ~np.isclose(yours.astype(float), expected.astype(float), 1e-4, 1e-6, equal_nan=True)
    right = np.zeros(expected.shape, bool)
    width = max(len(_number(value)) for array in (yours, expected) for value in array.flat)
    sides = (("yours", yours, wrong), ("expected", expected, right))
    columns = "".join(
        f'<div style="display:grid;gap:.5em;align-content:start">{_tables(*side, largest, width)}</div>'
        for side in sides
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.5em 2em;margin:.4em 0">{columns}</div>'


def _tables(label: str, array: np.ndarray, wrong: np.ndarray, largest: float, width: int) -> str:
    if array.ndim == 3:
        return "".join(
            _tables(f"{label}[{number}]", array[number], wrong[number], largest, width)
            for number in range(array.shape[0])
        )
    rows, marks = np.atleast_2d(array), np.atleast_2d(wrong)
    body = "".join(
        "<tr>"
        + "".join(_cell(value, bad, largest, width) for value, bad in zip(row, mark, strict=True))
        + "</tr>"
        for row, mark in zip(rows, marks, strict=True)
    )
    caption = f"{label} {array.shape}"
    return (
        '<table style="border-collapse:separate;border-spacing:2px;width:auto;margin:0">'
        f'<caption style="caption-side:top;text-align:left;white-space:nowrap;color:inherit">{caption}</caption>'
        f"<tbody>{body}</tbody></table>"
    )


def _cell(value: np.generic, bad: bool, largest: float, width: int) -> str:
    number = float(value)
    share = min(abs(number) / largest, 1.0) if np.isfinite(number) and largest else 0.0
    blue = tuple(round(255 + (end - 255) * share) for end in LARGEST)
    outline = f"outline:2px solid {WRONG_EDGE};font-weight:bold;" if bad else ""
    return (
        f'<td style="background:rgb{blue};color:#000;{outline}padding:1px 6px;text-align:right;'
        f'min-width:{width}ch;font-family:monospace">{_number(value)}</td>'
    )


def _number(value: np.generic) -> str:
    if value.dtype.kind == "b":
        return "True" if value else "False"
    if value.dtype.kind in "iu":
        return str(int(value))
    number = float(value)
    return f"{number:.3f}" if 0.0005 <= abs(number) < 1e4 or number == 0 else f"{number:.2g}"
