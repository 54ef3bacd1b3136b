"""The course's figures: arrows, heatmaps, bars and curves, with labelled axes and a text for who cannot see.

Colours are Okabe and Ito's (2008), told apart with any colour vision; lines differ by dash and marker too.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

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
_DOTS_PER_INCH = 100
_MOST_NUMBERS = 144  # in more cells than these, numbers would be too small to read


class _Picture(Figure):
    """A Figure that a notebook shows with a text made from its titles, whatever the plotting backend."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(_with_some_alt(self))


class PictureWithAlt:
    """A picture with its text alternative; made by `with_alt`. In a terminal it is the text."""

    def __init__(self, png: bytes, alt: str) -> None:
        self.png = png
        self.alt = alt

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        source = "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")
        return (
            f'<img alt="{escape(self.alt)}" src="{source}" style="max-width: 100%; background-color: #fff">'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.alt}


def with_alt(figure: Figure, alt: str) -> PictureWithAlt:
    """Give a figure the text that a screen reader reads, and that stands where the picture cannot.

    Args:
        figure: any matplotlib Figure.
        alt: one or two sentences: what is drawn, and what it shows.

    Returns:
        An object that a notebook, also an exported one, shows as an image with that text.

    Raises:
        ValueError: `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence what the figure shows.")
    png = io.BytesIO()
    # Without the version of matplotlib in it, the same figure gives the same bytes for longer.
    figure.savefig(png, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return PictureWithAlt(png.getvalue(), alt)


def arrows(
    query: np.ndarray,
    keys: np.ndarray,
    scores: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
    title: str = "",
) -> Figure:
    """Draw a query and keys as arrows from the origin; dashes show how far each key reaches along the query.

    Args:
        query: (2,) or (1, 2).
        keys: (seq_k, 2).
        scores: (seq_k,) or (1, seq_k), written beside the keys. Default: the dot products.
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
    length = float(np.linalg.norm(query))
    reach = 1.3 * max([length, *np.linalg.norm(keys, axis=1)]) or 1.0

    figure, axes = _figure(6.0, 5.4, title)
    axes.set(
        xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="feature 0", ylabel="feature 1"
    )
    axes.axhline(0, color="0.85", zorder=0)
    axes.axvline(0, color="0.85", zorder=0)
    if length:
        along = query / length
        axes.axline((0, 0), slope=None, xy2=tuple(along), color="0.6", linewidth=1, zorder=1)
        for key in keys:
            foot = key @ along * along
            axes.plot(*np.stack([key, foot]).T, color="0.4", linestyle="--", linewidth=1, zorder=1)
            axes.plot(*foot, marker="o", markersize=4, color="0.4", zorder=2)
    colours = [colour for name, colour in OKABE_ITO.items() if name not in ("orange", "yellow")]
    for index, (key, name, score) in enumerate(zip(keys, names, scores.ravel(), strict=True)):
        _arrow(axes, key, f"{name}  {score:.2f}", colours[index % len(colours)], reach, bold=False)
    _arrow(axes, query, "query", OKABE_ITO["orange"], reach, bold=True)
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
    figure = _Picture(figsize=(across * width + 0.9, down * height), layout="constrained")
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
    figure = _Picture(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _arrow(axes: Axes, tip: np.ndarray, text: str, colour: str, reach: float, bold: bool) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 4 if bold else 2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=(tip[0], tip[1]), xytext=(0, 0), arrowprops=style, zorder=4 if bold else 3)
    at = tip * (1 + 0.05 * reach / (float(np.linalg.norm(tip)) or 1.0))
    right, up = tip[0] >= 0, tip[1] >= 0
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1}
    label = axes.text(at[0], at[1], text, fontweight="bold" if bold else "normal", bbox=box, zorder=5)
    label.set(ha="left" if right else "right", va="bottom" if up else "top")


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


def _with_some_alt(figure: Figure) -> PictureWithAlt:
    """`figure` with the best text that its titles and axes can make."""
    parts = [figure.get_suptitle()]
    for axes in figure.axes:
        if axes.get_xlabel():
            title = axes.get_title()
            parts.append(f"{title + ': ' if title else ''}{axes.get_ylabel()} by {axes.get_xlabel()}")
    return with_alt(figure, ". ".join(part for part in parts if part) or "A figure")


def slider(function: Callable[..., Any], **ranges: tuple[float, float, float, float]) -> None:
    """Show `function(**values)` with one slider a value; without a live notebook, only the picture.

        slider(draw, angle=(-180, 180, 5, 30))

    A notebook reopened without its kernel, or exported, shows the picture at the start values.

    Args:
        function: takes the values by name; returns a Figure, or what `with_alt` returns.
        ranges: name=(low, high, step, start). Four integers give an integer slider.

    Raises:
        ValueError: a range does not have four numbers, or its start is not between low and high.
    """
    from IPython.display import HTML, display

    for name, given in ranges.items():
        if len(given) != 4 or not given[0] <= given[3] <= given[1]:
            raise ValueError(
                f"{name}={given}: a range is (low, high, step, start), with low <= start <= high."
            )
    picture = _shown(function(**{name: given[3] for name, given in ranges.items()}))
    widgets = _live_widgets()
    if widgets is None:
        display(picture)
        return
    # JupyterLab prefers a widget to any other form of an output, and if the widget's kernel is gone says only
    # "Error displaying widget". So the picture is an output of its own, out of sight while a widget lives.
    display(HTML(_WITHOUT_KERNEL.replace("PICTURE", picture._repr_html_())))
    controls = {}
    for name, (low, high, step, start) in ranges.items():
        whole = all(isinstance(number, int) for number in ranges[name])
        kind = widgets.IntSlider if whole else widgets.FloatSlider
        controls[name] = kind(value=start, min=low, max=high, step=step, description=name.replace("_", " "))
    canvas = widgets.HTML(picture._repr_html_())

    def redraw(_change: object) -> None:
        values = {name: control.value for name, control in controls.items()}
        try:
            canvas.value = _shown(function(**values))._repr_html_()
        except Exception as error:  # else Jupyter hides it in its log, and the picture silently stands still
            canvas.value = f"<pre>{escape(f'{values}: {type(error).__name__}: {error}')}</pre>"

    for control in controls.values():
        control.observe(redraw, names="value")
    live = widgets.VBox([*controls.values(), canvas], _dom_classes=("spotlight-live",))
    display({**live._repr_mimebundle_(), "text/plain": _RUN_ME}, raw=True)


def _shown(drawn: Any) -> PictureWithAlt:
    return drawn if isinstance(drawn, PictureWithAlt) else _with_some_alt(drawn)


def _live_widgets() -> Any:
    """ipywidgets, if a person at a notebook can move its sliders; else None."""
    # A kernel has imported IPython long ago; where nobody has, nobody is at a notebook.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    # nbconvert and nbclient run notebooks with nobody there to answer: they say so in each request.
    if kernel is None or not kernel.get_parent().get("content", {}).get("allow_stdin", False):
        return None
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets


_RUN_ME = "Run this cell to move the slider."
_WITHOUT_KERNEL = """<div class="spotlight-still">PICTURE<style>
.jp-OutputArea:has(.spotlight-live) .spotlight-still { display: none; }
.jp-OutputArea:has(.spotlight-still) .jp-OutputArea-output:not(:has(*)) { font-size: 0; }
.jp-OutputArea:has(.spotlight-still) .jp-OutputArea-output:not(:has(*))::after {
  content: "RUN_ME"; font-size: var(--jp-ui-font-size1, 13px); }
</style></div>""".replace("RUN_ME", _RUN_ME)
