"""The course's figures: arrows, heatmaps, bars and curves, with labelled axes and a text for who cannot see.

Colours are Okabe and Ito's (2008), told apart with any colour vision; lines differ by dash and marker too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from spotlight.picture import Picture, with_alt
from spotlight.slider import slider

__all__ = ["OKABE_ITO", "arrows", "bars", "curves", "heatmap", "heatmaps", "slider", "with_alt"]

OKABE_ITO = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",  # last: too pale for a line on white
}
_STYLES = tuple(zip(OKABE_ITO.values(), "osD^vPX*", ("-", "--", "-.", ":") * 2, strict=True))
_MOST_NUMBERS = 144  # in more cells than these, numbers would be too small to read


def arrows(
    query: np.ndarray,
    keys: np.ndarray,
    scores: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
    title: str = "",
) -> Figure:
    """Draw query and keys as arrows; dashes show how far each key reaches along the query, bold the furthest.

    Args:
        query: (2,) or (1, 2).
        keys: (seq_k, 2).
        scores: (seq_k,) or (1, seq_k), listed beside the picture. Default: the dot products.
        labels: seq_k names. Default: "key 0", "key 1", ….

    Returns:
        A Figure whose axes stay the same while the query turns.

    Raises:
        ValueError: the shapes do not fit together.
    """
    query, keys = np.asarray(query, dtype=float), np.asarray(keys, dtype=float)
    if query.shape not in ((2,), (1, 2)) or keys.ndim != 2 or keys.shape[1] != 2:
        raise ValueError(
            f"query has shape {query.shape} and keys {keys.shape}: they must be (2,) and (seq_k, 2)."
        )
    query = query.reshape(2)
    scores = keys @ query if scores is None else np.asarray(scores, dtype=float)
    if scores.shape not in ((len(keys),), (1, len(keys))):
        raise ValueError(f"scores has shape {scores.shape}: one score a key is ({len(keys)},).")
    names = _named(labels, len(keys), "labels", "key ")
    length, *others = np.linalg.norm([query, *keys], axis=1).tolist()
    edge, along = 1.5 * max(length, *others) or 1.0, query / (length or 1.0)

    figure, axes = _figure(7.4, 5.4, title)
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", xlabel="feature 0", ylabel="feature 1")
    axes.axhline(0, color="0.85", zorder=0)
    axes.axvline(0, color="0.85", zorder=0)
    if length:
        axes.axline((0, 0), xy2=tuple(along), color="0.6", linewidth=1, zorder=1)
        right, up = 0.88 * edge * along
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(right, up, "query", fontweight="bold", bbox=box, ha="center", va="center")
    _arrow(axes, query, OKABE_ITO["orange"], width=5)
    colours = [colour for name, colour in OKABE_ITO.items() if name not in ("orange", "yellow")]
    wins = np.isclose(keys @ along, max(keys @ along), atol=1e-9)
    for index, (key, name, score) in enumerate(zip(keys, names, scores.ravel().round(2) + 0.0, strict=True)):
        colour, foot = colours[index % len(colours)], key @ along * along
        (dashes,) = axes.plot(*np.stack([key, foot]).T, color=colour, linestyle="--", zorder=2)
        dashes.set(linewidth=2.5 if wins[index] else 1, label=f"{score:6.2f}  {name}")
        size = 7 + 5 * wins[index + 1 :].sum() if wins[index] else 4  # feet of a tie: rings
        axes.plot(*foot, marker="o", markersize=size, color=colour, zorder=5)
        _arrow(axes, key, colour, width=2)
        _name_tip(axes, key, name, along)
    figure.legend(loc="outside right upper", title="scores", prop={"family": "monospace"}, frameon=False)
    return figure


def heatmap(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str = "",
    *,
    xlabel: str = "key",
    ylabel: str = "query",
    colour_label: str = "weight",
) -> Figure:
    """Draw a matrix as coloured cells: yellow to brown, or purple to orange around 0 where it has negatives.

    Args:
        matrix: (len(rows), len(columns)).
        rows, columns: names beside and below the cells.
        colour_label: what the numbers are, the colour bar's title.

    Returns:
        A Figure, with the numbers in the cells if there are at most 144.

    Raises:
        ValueError: the names do not fit the matrix.
    """
    stack = np.asarray(matrix, dtype=float)[None]
    return heatmaps(stack, rows, columns, ("",), title, colour_label, None, xlabel, ylabel)


def heatmaps(
    stack: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    titles: Sequence[str],
    title: str = "",
    colour_label: str = "weight",
    attention_mask: np.ndarray | None = None,
    xlabel: str = "key",
    ylabel: str = "query",
) -> Figure:
    """Draw several matrices side by side with one colour bar, such as the heads of one attention.

    Args:
        stack: (len(titles), len(rows), len(columns)).
        attention_mask: boolean, same shape; cells where it is False are hatched.

    Returns:
        A Figure, four matrices a line.

    Raises:
        ValueError: the names do not fit the matrices.
    """
    if stack.shape != (len(titles), len(rows), len(columns)):
        shape = stack.shape[1:]
        raise ValueError(f"matrix has shape {shape}, for {len(rows)} rows and {len(columns)} columns.")
    across = min(len(titles), 4)
    down = -(-len(titles) // across)
    width = max(2.6, 0.52 * len(columns) + 1.0) if len(columns) <= 12 else 5.0
    height = max(2.0, 0.42 * len(rows) + 1.0) if len(rows) <= 12 else 4.6
    height += 0.07 * max(map(len, columns))  # their names stand below, aslant
    figure = Picture(figsize=(across * width + 0.9, down * height), layout="constrained")
    finite = stack[np.isfinite(stack)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    furthest = max(-low, high)
    colours, low, high = ("PuOr_r", -furthest, furthest) if low < 0 else ("YlOrBr", 0.0, high or 1.0)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat[len(titles) :]:
        axes.set_axis_off()
    for index, (axes, name) in enumerate(zip(grid.flat, titles, strict=False)):
        image = axes.imshow(stack[index], cmap=colours, vmin=low, vmax=high, aspect="auto")
        axes.set(title=f"head {name}" if name else "", xlabel=xlabel, ylabel=ylabel)
        axes.set_xticks(range(len(columns)), columns, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), rows)
        masked = None if attention_mask is None else ~attention_mask[index]
        _write_cells(axes, image, stack[index], masked)
    figure.colorbar(image, ax=grid, label=colour_label)
    figure.suptitle(title)
    return figure


def bars(values: np.ndarray, labels: Sequence[str], title: str = "", ylabel: str = "weight") -> Figure:
    """Draw one bar a token, with its number above.

    Args:
        values: (len(labels),).

    Raises:
        ValueError: there is not one label a value.
    """
    heights = np.asarray(values, dtype=float)
    if heights.shape != (len(labels),):
        raise ValueError(f"values has shape {heights.shape}, but there are {len(labels)} labels.")
    figure, axes = _figure(max(4.0, 0.75 * len(labels) + 1.2), 3.2, title)
    drawn = axes.bar(range(len(labels)), heights, color=OKABE_ITO["orange"], edgecolor="black", linewidth=0.6)
    axes.bar_label(drawn, fmt="%.2f", padding=2)
    axes.set_xticks(range(len(labels)), labels)
    axes.set(xlabel="token", ylabel=ylabel)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.margins(y=0.15)
    return figure


def curves(
    x: np.ndarray,
    lines: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    title: str = "",
    log_x: bool = False,
) -> Figure:
    """Draw named lines over one x; each has its own colour, dash and marker.

    Args:
        x: (points,).
        lines: name -> (points,). NaN leaves a gap. At most 8 lines.

    Raises:
        ValueError: a line is not as long as x, or there are more than 8.
    """
    x = np.asarray(x, dtype=float)
    if len(lines) > len(_STYLES):
        raise ValueError(f"lines holds {len(lines)} lines: more than {len(_STYLES)} cannot be told apart.")
    figure, axes = _figure(6.4, 4.0, title)
    for (name, y), (colour, marker, dash) in zip(lines.items(), _STYLES, strict=False):
        if np.shape(y) != x.shape:
            raise ValueError(f"“{name}” has shape {np.shape(y)}, but x has shape {x.shape}.")
        apart = max(1, len(x) // 12)
        axes.plot(x, y, color=colour, marker=marker, linestyle=dash, label=name, markevery=apart)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if log_x:
        axes.set_xscale("log")
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    if lines:
        axes.legend(frameon=False, handlelength=3)
    return figure


def _figure(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure = Picture(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _arrow(axes: Axes, tip: np.ndarray, colour: str, width: float) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (tip[0], tip[1]), (0, 0), arrowprops=style)


def _name_tip(axes: Axes, tip: np.ndarray, name: str, along: np.ndarray) -> None:
    sideways = np.array([-along[1], along[0]])  # the name stands on the side away from the query's line
    away = tip / (np.linalg.norm(tip) or 1.0) + (sideways if tip @ sideways > -1e-9 else -sideways)
    right, up = away * [19, 14] / (np.linalg.norm(away) or 1.0)
    axes.annotate(name, (tip[0], tip[1]), (right, up), textcoords="offset points", ha="center", va="center")


def _write_cells(axes: Axes, image: Any, matrix: np.ndarray, masked: np.ndarray | None) -> None:
    for (row, column), number in np.ndenumerate(matrix):
        hidden = masked is not None and bool(masked[row, column])
        if hidden:
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(
                Rectangle(corner, 1, 1, facecolor="0.93", edgecolor="0.6", hatch="////", linewidth=0)
            )
        if matrix.size > _MOST_NUMBERS:
            continue
        text = "–" if hidden and number == 0 else f"{number:.2f}"
        red, green, blue, _ = image.cmap(image.norm(number)) if np.isfinite(number) else (1, 1, 1, 1)
        dark = not hidden and 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.18
        axes.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if dark else "black")


def _named(names: Sequence[str] | None, count: int, what: str, prefix: str) -> list[str]:
    given = [f"{prefix}{index}" for index in range(count)] if names is None else list(names)
    if len(given) != count:
        raise ValueError(f"{what} holds {len(given)} names, but {count} are needed.")
    return given
