"""A slider over a figure, and a still figure wherever nobody can move it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from html import escape
from typing import Any

from spotlight.picture import PictureWithAlt, with_some_alt


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
        whole_label = {"description_width": "initial"}  # else a long name is cut off
        label = name.replace("_", " ")
        controls[name] = kind(value=start, min=low, max=high, step=step, description=label, style=whole_label)
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
    return drawn if isinstance(drawn, PictureWithAlt) else with_some_alt(drawn)


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
