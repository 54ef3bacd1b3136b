"""Figures that carry a text for who cannot see them, all the way into a notebook's HTML."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from matplotlib.figure import Figure

_DOTS_PER_INCH = 100


class Picture(Figure):
    """A Figure that a notebook shows with a text made from its titles, whatever the plotting backend."""

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(with_some_alt(self))


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


def with_some_alt(figure: Figure) -> PictureWithAlt:
    """`figure` with the best text that its titles and axes can make."""
    parts = [figure.get_suptitle()]
    for axes in figure.axes:
        if axes.get_xlabel():
            title = axes.get_title()
            parts.append(f"{title + ': ' if title else ''}{axes.get_ylabel()} by {axes.get_xlabel()}")
    return with_alt(figure, ". ".join(part for part in parts if part) or "A figure")
