"""The course's figures: what is on their axes, what their text says, what a slider falls back to."""

import base64
import io
import re
import subprocess
import sys
from types import SimpleNamespace

import ipywidgets
import matplotlib.image
import numpy as np
import pytest

from spotlight import figures

KEYS = np.array([[3.0, 4.0], [-2.0, 0.0]])


def _displayed(monkeypatch):
    """A list that collects everything displayed from now on."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *objects, **_: shown.extend(objects))
    return shown


def _texts(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_an_image_carries_its_text_and_its_pixels():
    html = figures.with_alt(figures.bars([1.0], ["a"]), 'a "tall" <bar>')._repr_html_()
    assert 'alt="a &quot;tall&quot; &lt;bar&gt;"' in html
    png = base64.b64decode(re.search(r"base64,([^\"]+)", html).group(1))
    pixels = matplotlib.image.imread(io.BytesIO(png))
    assert pixels.shape[0] > 100 and pixels[..., :3].std() > 0


def test_the_text_stands_in_where_pictures_cannot():
    picture = figures.with_alt(figures.bars([1.0], ["a"]), "one bar")
    assert repr(picture) == "one bar"
    assert set(picture._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_the_same_figure_is_the_same_bytes():
    first, second = (figures.with_alt(figures.bars([0.2, 0.8], ["a", "b"]), "x").png for _ in range(2))
    assert first == second


def test_a_text_is_required():
    with pytest.raises(ValueError, match="alt is empty"):
        figures.with_alt(figures.bars([1.0], ["a"]), " ")


def test_a_bare_figure_is_displayed_with_a_text_from_its_titles(monkeypatch):
    shown = _displayed(monkeypatch)
    figures.bars([1.0], ["a"], "Who wins", "score")._ipython_display_()
    assert [picture.alt for picture in shown] == ["Who wins: score by token"]


def test_the_palette_is_eight_colours_apart_in_brightness_or_hue():
    assert len(set(figures.OKABE_ITO.values())) == 8


def _listed(figure):
    return [text.get_text().split() for text in figure.legends[0].get_texts()]


def _dashes(figure):
    return [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]


def test_arrows_name_each_key_and_list_its_dot_product():
    # [1, 2]·[3, 4] = 11 and [1, 2]·[-2, 0] = -2
    figure = figures.arrows([1.0, 2.0], KEYS, labels=["river", "money"])
    assert sorted(_texts(figure)) == ["money", "query", "river"]
    assert _listed(figure) == [["11.00", "river"], ["-2.00", "money"]]


def test_arrows_list_the_learners_scores_if_given():
    assert _listed(figures.arrows([[1.0, 2.0]], KEYS, [[0.5, 0.25]])) == [
        ["0.50", "key", "0"],
        ["0.25", "key", "1"],
    ]


def test_a_score_of_zero_has_no_sign():
    assert _listed(figures.arrows([1.0, 2.0], KEYS, [-0.001, -0.0])) == [
        ["0.00", "key", "0"],
        ["0.00", "key", "1"],
    ]


def test_the_key_that_reaches_furthest_is_bold():
    # along [1, 0], [3, 4] reaches 3, [-2, 0] reaches -2 and [3, -1] ties at 3
    keys = np.array([*KEYS, [3.0, -1.0]])
    figure = figures.arrows([5.0, 0.0], keys)
    assert [dash.get_linewidth() > 1 for dash in _dashes(figure)] == [True, False, True]
    first, loser, last = (dot.get_markersize() for dot in figure.axes[0].lines if dot.get_marker() == "o")
    assert first > last > loser  # they stand on one spot: the first shows as a ring


def test_names_keep_away_from_the_querys_line():
    for angle in np.linspace(0, 2 * np.pi, 9):
        query = np.array([np.cos(angle), np.sin(angle)])
        figure = figures.arrows(query, KEYS, labels=["river", "money"])
        for text in figure.axes[0].texts:
            if text.get_text() in ("river", "money"):
                across = np.cross([*query, 0], [*text.xy, 0])[2]
                assert across * np.cross([*query, 0], [*text.xyann, 0])[2] > -1e-9


def test_dashes_meet_the_query_at_a_right_angle():
    query = np.array([2.0, 1.0])
    dashes = _dashes(figures.arrows(query, KEYS))
    assert len(dashes) == 2
    for dash in dashes:
        start, foot = dash.get_xydata()
        assert (foot - start) @ query == pytest.approx(0)
        assert foot[0] * query[1] == pytest.approx(foot[1] * query[0])  # the foot lies along the query


def test_the_axes_stand_still_while_the_query_turns():
    turned = [figures.arrows(6 * np.array([np.cos(a), np.sin(a)]), KEYS).axes[0] for a in (0.1, 2.0)]
    assert turned[0].get_xlim() == pytest.approx(turned[1].get_xlim())
    assert turned[0].get_aspect() == 1.0


def test_a_query_of_zero_still_has_a_figure():
    assert _listed(figures.arrows([0.0, 0.0], KEYS))[0] == ["0.00", "key", "0"]


def test_a_heatmap_labels_its_cells_axes_and_colours():
    figure = figures.heatmap(np.array([[1.0, 2.0, 3.0]]), ["q"], ["a", "b", "c"], "T", colour_label="score")
    axes, bar = figure.axes
    assert _texts(figure) == ["1.00", "2.00", "3.00"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b", "c"]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("key", "query", "score")
    assert figure.get_suptitle() == "T"


def test_negative_numbers_get_a_map_that_is_neutral_at_zero():
    image = figures.heatmap(np.array([[-1.0, 3.0]]), ["q"], ["a", "b"]).axes[0].images[0]
    assert image.get_clim() == (-3.0, 3.0)
    assert np.ptp(image.cmap(image.norm(0.0))[:3]) < 0.03  # grey


def test_numbers_leave_the_cells_when_there_are_too_many():
    names = [str(number) for number in range(13)]
    assert _texts(figures.heatmap(np.ones((13, 13)), names, names)) == []


def test_hatched_cells_are_the_masked_ones():
    mask = np.array([[[True, False], [True, True]]])
    figure = figures.heatmaps(
        np.array([[[1.0, 0.0], [0.5, 0.5]]]), ["a", "b"], ["a", "b"], ("",), "", "w", mask
    )
    assert [patch.get_xy() for patch in figure.axes[0].patches if patch.get_hatch()] == [(0.5, -0.5)]
    assert _texts(figure) == ["1.00", "–", "0.50", "0.50"]


def test_bars_stand_as_high_as_their_values():
    axes = figures.bars([0.25, 0.75], ["cat", "mat"], "T", "share").axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.25, 0.75]
    assert [text.get_text() for text in axes.texts] == ["0.25", "0.75"]
    assert axes.get_ylabel() == "share" and axes.get_xlabel() == "token"


def test_curves_differ_in_dash_and_marker_not_only_in_colour():
    lines = {str(number): np.arange(3.0) + number for number in range(8)}
    axes = figures.curves(np.arange(3), lines, "length", "accuracy", "T", log_x=True).axes[0]
    for look in ("get_color", "get_marker"):
        assert len({getattr(line, look)() for line in axes.lines}) == 8
    assert len({line.get_linestyle() for line in axes.lines[:4]}) == 4
    assert [text.get_text() for text in axes.get_legend().texts] == list(lines)
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("length", "accuracy", "log")


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: figures.arrows([1, 2, 3], KEYS), "query has shape (3,) and keys (2, 2)"),
        (lambda: figures.arrows([1, 2], KEYS, [1.0]), "scores has shape (1,)"),
        (lambda: figures.arrows([1, 2], KEYS, labels=["a"]), "labels holds 1 names, but 2 are needed"),
        (lambda: figures.heatmap(np.ones((2, 3)), ["a"], ["b"]), "matrix has shape (2, 3), for 1 rows"),
        (lambda: figures.bars([1.0], ["a", "b"]), "values has shape (1,), but there are 2 labels"),
        (lambda: figures.curves([1, 2], {"f": [1]}, "", ""), "“f” has shape (1,), but x has shape (2,)"),
        (lambda: figures.slider(lambda a: None, a=(0, 1, 0.1, 2)), "a=(0, 1, 0.1, 2): a range is"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_shapes(draw, said):
    with pytest.raises(ValueError) as refusal:
        draw()
    assert said in str(refusal.value)


def _draw(turn):
    return figures.with_alt(figures.bars([turn], ["a"]), f"turn {turn}")


def _at_a_notebook(monkeypatch, allow_stdin):
    kernel = SimpleNamespace(get_parent=lambda: {"content": {"allow_stdin": allow_stdin}})
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=kernel))


def test_without_a_kernel_a_slider_is_the_picture_at_its_start(monkeypatch):
    shown = _displayed(monkeypatch)
    figures.slider(_draw, turn=(0, 9, 1, 4))
    assert [picture.alt for picture in shown] == ["turn 4"]


def test_a_notebook_executed_with_nobody_there_gets_the_picture(monkeypatch):
    _at_a_notebook(monkeypatch, allow_stdin=False)
    shown = _displayed(monkeypatch)
    figures.slider(_draw, turn=(0, 9, 1, 4))
    assert [picture.alt for picture in shown] == ["turn 4"]


def test_without_ipywidgets_a_notebook_gets_the_picture(monkeypatch):
    _at_a_notebook(monkeypatch, allow_stdin=True)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    shown = _displayed(monkeypatch)
    figures.slider(_draw, turn=(0, 9, 1, 4))
    assert [picture.alt for picture in shown] == ["turn 4"]


def _live_slider(monkeypatch, function, **ranges):
    """The still picture, the widget's bundle, its controls and its canvas, as in a live notebook."""
    boxes = []
    vertical = ipywidgets.VBox
    monkeypatch.setattr(
        ipywidgets, "VBox", lambda *args, **kw: boxes.append(vertical(*args, **kw)) or boxes[-1]
    )
    _at_a_notebook(monkeypatch, allow_stdin=True)
    shown = _displayed(monkeypatch)
    figures.slider(function, **ranges)
    *controls, canvas = boxes[0].children
    return shown[0].data, shown[1], controls, canvas


def test_moving_a_slider_redraws_the_picture(monkeypatch):
    still, bundle, (control,), canvas = _live_slider(monkeypatch, _draw, turn=(0, 9, 1, 4))
    assert 'alt="turn 4"' in canvas.value
    control.value = 7
    assert 'alt="turn 7"' in canvas.value
    assert 'alt="turn 4"' in still  # what stays when the kernel is gone
    assert bundle["text/plain"] == "Run this cell to move the slider."


def test_four_integers_make_an_integer_slider(monkeypatch):
    controls = _live_slider(monkeypatch, lambda a, b: _draw(a + b), a=(0, 9, 1, 4), b=(0, 1, 0.5, 0))[2]
    assert [type(control).__name__ for control in controls] == ["IntSlider", "FloatSlider"]


def test_a_drawing_that_fails_under_the_slider_says_so_in_its_place(monkeypatch):
    def draw(turn):
        return _draw(turn) if turn < 5 else 1 / 0

    _, _, (control,), canvas = _live_slider(monkeypatch, draw, turn=(0, 9, 1, 4))
    control.value = 5
    assert "turn" in canvas.value and "ZeroDivisionError" in canvas.value
    control.value = 3
    assert 'alt="turn 3"' in canvas.value


def test_a_figure_displays_itself_in_ipython_without_any_backend():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance();"
        "from spotlight.figures import bars; s.display_formatter.format(bars([1.0], ['a'], 'Title'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Title: weight by token" in done.stdout
