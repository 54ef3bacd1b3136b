"""The Spotlight: which keys each query looks at, as a picture that answers to mouse and keyboard.

The HTML is a plain table with shaded cells, readable without JavaScript. The script in
`assets/view.html` reads that table and builds the stage above it, so the numbers exist only once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AMBER = (230, 159, 0)  # the orange of spotlight.figures.OKABE_ITO, without importing matplotlib
_BLACK_TEXT_FROM = 0.63  # on a dark page, black on AMBER is readable from this opacity, white below it
_LATEST_START = 7  # a late word sees much, a very late one is out of sight
_MOST_CELLS = 20_000  # about 1.5 MB of HTML; beyond that nobody reads the numbers
_SUM_TOLERANCE = 0.005  # bfloat16 rounds a row's sum by up to this much
_WHITESPACE = {" ": "␣", "\n": "⏎", "\t": "⇥", "": "∅"}


@dataclass(frozen=True, eq=False, repr=False)
class AttentionView:
    """Attention weights on display; made by `show_attention`.

    As a notebook cell's value it is the interactive Spotlight, in a terminal a plain-text table.
    """

    weights: np.ndarray  # (heads, seq_q, seq_k), float64
    attention_mask: np.ndarray  # (heads, seq_q, seq_k), bool, True = may attend
    queries: tuple[str, ...]
    keys: tuple[str, ...]
    heads: tuple[str, ...]
    title: str
    start: int  # the query that is lit first

    def figure(self) -> Figure:
        """Draw the weights for print: one heatmap a head, with a common colour bar.

        Returns:
            A matplotlib Figure. Numbers stand in the cells where they fit.
        """
        from . import figures

        titles = self.heads if len(self.heads) > 1 else ("",)
        return figures.heatmaps(
            self.weights, self.queries, self.keys, titles, self.title, "weight", self.attention_mask
        )

    def __repr__(self) -> str:
        blocks = [self.title] if self.title else []
        for head in range(len(self.heads)):
            rows = [["", *self.keys]]
            for query, name in enumerate(self.queries):
                rows.append([name, *(self._text(head, query, key) for key in range(len(self.keys)))])
            widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
            lines = [f"head {self.heads[head]}"] if len(self.heads) > 1 else []
            for name, *cells in rows:
                aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
                lines.append("  ".join([name.ljust(widths[0]), *aligned]))
            blocks.append("\n".join(lines))
        blocks += [f"Note: {note}" for note in self._notes()]
        return "\n".join(blocks)

    def _repr_html_(self) -> str:
        tables = "\n".join(self._table(head) for head in range(len(self.heads)))
        title = f"<p><strong>{escape(self.title)}</strong></p>\n" if self.title else ""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        notes = f'<ul class="notes">{notes}</ul>\n' if notes else ""
        content = (
            f"{title}{notes}<details open><summary>The weights as a table</summary>\n{tables}\n</details>"
        )
        # Names the view for tests and links; the script never looks it up, so twins on a page do not clash.
        name = hashlib.sha256(f"{self.start}{content}".encode()).hexdigest()[:12]
        template = (Path(__file__).parent / "assets" / "view.html").read_text(encoding="utf-8")
        before, after = template.split("<!-- content -->")
        before = before.replace("NAME", f"spotlight-{name}").replace("START", str(self.start))
        return before + content + after

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def _text(self, head: int, query: int, key: int) -> str:
        weight = self.weights[head, query, key]
        if not self.attention_mask[head, query, key] and weight == 0:
            return "–"
        return f"{weight:.2f}"

    def _table(self, head: int) -> str:
        name = f", head {self.heads[head]}" if len(self.heads) > 1 else ""
        caption = f"{self.title or 'Attention'}{name}: each row is a query, each column a key"
        label = escape(self.heads[head], quote=True)
        columns = "".join(f'<th scope="col">{escape(key)}</th>' for key in self.keys)
        lines = [f'<table data-head="{label}"><caption>{escape(caption)}</caption>']
        lines.append(f"<thead><tr><td></td>{columns}</tr></thead><tbody>")
        for query, token in enumerate(self.queries):
            cells = "".join(self._cell(head, query, key) for key in range(len(self.keys)))
            lines.append(f'<tr><th scope="row">{escape(token)}</th>{cells}</tr>')
        lines.append("</tbody></table>")
        return "\n".join(lines)

    def _cell(self, head: int, query: int, key: int) -> str:
        text = self._text(head, query, key)
        if not self.attention_mask[head, query, key]:
            spoken = "masked" if text == "–" else f"masked, yet {text}"
            return f'<td class="masked" aria-label="{spoken}">{text}</td>'
        weight = self.weights[head, query, key]
        opacity = 0.0 if math.isnan(weight) else round(min(max(float(weight), 0.0), 1.0), 2)
        if opacity == 0:
            return f"<td>{text}</td>"
        # Written into the cell, because JupyterLab keeps a cell's colour but drops <style> and <script>
        # from a notebook that it does not trust.
        colour = f"background-color:rgba({AMBER[0]},{AMBER[1]},{AMBER[2]},{opacity:g})"
        black = ";color:#000" if opacity >= _BLACK_TEXT_FROM else ""
        return f'<td style="{colour}{black}">{text}</td>'

    def _notes(self) -> list[str]:
        """One line a row whose weights are no shares; at most four lines."""
        found = []
        for head in range(len(self.heads)):
            for query, token in enumerate(self.queries):
                row, allowed = self.weights[head, query], self.attention_mask[head, query]
                fault = _fault(row, allowed)
                if fault:
                    where = f"head {self.heads[head]}, " if len(self.heads) > 1 else ""
                    name = "" if token == str(query) else f" (“{token}”)"
                    found.append(f"{where}row {query}{name} {fault}")
        if len(found) > 4:
            found[3:] = [f"… and {len(found) - 3} more rows like these"]
        return found


def show_attention(
    weights: Any,
    queries: Sequence[str] | str | None = None,
    keys: Sequence[str] | str | None = None,
    *,
    title: str = "",
    heads: Sequence[str] | None = None,
    attention_mask: Any = None,
    start: int | None = None,
) -> AttentionView:
    """Show who attends to whom: point at a query, and the keys light up by their weight.

    Weights that are no shares (rows that do not sum to 1, NaN, negative) are shown as they are, with a note.

    Args:
        weights: (seq_q, seq_k) or (heads, seq_q, seq_k); array, tensor or nested lists of numbers.
        queries: seq_q words, or one string that is split on spaces. Default: "0", "1", ….
        keys: seq_k words, or one string that is split on spaces. Default: the queries, if given.
        title: shown above the picture.
        heads: one name a head. Default: "0", "1", ….
        attention_mask: boolean, True = may attend; any shape that broadcasts to that of `weights`.
            Masked pairs are hatched. Default: all True.
        start: index of the query that is lit first. Default: the last, or the eighth if there are more.

    Returns:
        An AttentionView, whose `.figure()` is the same for print.

    Raises:
        ValueError: the shapes do not fit together, `weights` are not numbers or too many to read,
            `attention_mask` is not boolean, or there is no query `start`.
    """
    array = _numbers(weights)
    shape = array.shape
    if array.ndim > 3:
        raise ValueError(f"weights has shape {shape}, with a batch axis: pick one sentence, weights[0].")
    if array.ndim < 2 or array.size == 0:
        raise ValueError(f"weights has shape {shape}: it must be (seq_q, seq_k) or (heads, seq_q, seq_k).")
    if array.size > _MOST_CELLS:
        raise ValueError(f"weights has shape {shape}, too many to read: show a part, weights[..., :20, :20].")
    allowed = _allowed(attention_mask, shape)
    array, allowed = array.reshape(-1, *shape[-2:]), allowed.reshape(-1, *shape[-2:])
    query_names = _names(queries, shape[-2], "queries", shape)
    if keys is None and queries is not None and shape[-1] != shape[-2]:
        raise ValueError(f"weights has shape {shape}, more or fewer keys than queries: give keys= too.")
    key_names = _names(queries if keys is None else keys, shape[-1], "keys", shape)
    head_names = _names(heads, len(array), "heads", shape)
    last = shape[-2] - 1
    first = min(last, _LATEST_START) if start is None else start
    if not 0 <= first <= last:
        raise ValueError(f"start={start}, but weights has shape {shape}: its queries are 0 to {last}.")
    return AttentionView(array, allowed, query_names, key_names, head_names, title, first)


def _fault(row: np.ndarray, allowed: np.ndarray) -> str:
    """What keeps one row of weights (seq_k,) from being shares; empty if nothing does."""
    if not np.isfinite(row).all():
        return "holds NaN" if np.isnan(row).any() else "holds an infinite weight"
    if row.min() < 0:
        return f"holds a negative weight, {row.min():.3g}"
    if (row[~allowed] != 0).any():
        return f"gives {row[~allowed].sum():.3g} of its weight to masked keys"
    # By the course's convention a query that may attend to nothing gets weights of zero.
    if abs(row.sum() - 1) > _SUM_TOLERANCE and allowed.any():
        return f"sums to {row.sum():.3g}"
    return ""


def _numbers(weights: Any) -> np.ndarray:
    """`weights` as a float64 copy, torch tensors included, without importing torch."""
    if hasattr(weights, "detach"):
        weights = weights.detach().cpu().double().numpy()  # numpy has no bfloat16
    try:
        return np.array(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("weights must be numbers in rows of equal length, (seq_q, seq_k).") from None


def _allowed(attention_mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    """`attention_mask` at the full `shape` of the weights; all True where it is None."""
    if attention_mask is None:
        return np.ones(shape, dtype=bool)
    if hasattr(attention_mask, "detach"):
        attention_mask = attention_mask.detach().cpu().numpy()
    given = np.asarray(attention_mask)
    if given.dtype != bool:
        raise ValueError(
            f"attention_mask must be boolean, True = may attend, but its dtype is {given.dtype}."
        )
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise ValueError(
            f"attention_mask has shape {given.shape} and weights {shape}: they don't fit."
        ) from None


def _names(
    given: Sequence[str] | str | None, count: int, what: str, shape: tuple[int, ...]
) -> tuple[str, ...]:
    """`count` names to show; numbers where none are given."""
    if given is None:
        return tuple(str(index) for index in range(count))
    names = [str(name) for name in (given.split() if isinstance(given, str) else given)]
    if len(names) != count:
        raise ValueError(f"{what} holds {len(names)} names, but weights has shape {shape}: it needs {count}.")
    # A space or a line break is a token too, in a model of characters: make it visible.
    return tuple(_WHITESPACE.get(name, name) for name in names)
