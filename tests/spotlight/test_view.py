"""The Spotlight without a browser: its table, its notes, its refusals."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from spotlight import figures
from spotlight.view import AMBER, show_attention

UNEVEN = np.array([[0.25, 0.75, 0.0], [0.5, 0.125, 0.375]])  # (seq_q, seq_k) = (2, 3)


class _Page(HTMLParser):
    """What a browser makes of the HTML: tags with their attributes, and the text of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, text):
        if self.tags and self.tags[-1][0] in ("td", "th"):
            self.cells[-1] += text.strip()


def _html(*arguments, **options):
    return show_attention(*arguments, **options)._repr_html_()


def test_the_table_holds_every_word_and_every_weight_in_order():
    page = _Page(_html(UNEVEN, "le chat", "the cat sat"))
    top = ["", "the", "cat", "sat"]
    assert page.cells == [*top, "le", "0.25", "0.75", "0.00", "chat", "0.50", "0.12", "0.38"]


def test_headers_say_whether_they_name_a_row_or_a_column():
    page = _Page(_html(UNEVEN, "le chat", "the cat sat"))
    scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
    assert scopes == ["col", "col", "col", "row", "row"]
    assert [tag for tag, _ in page.tags].count("caption") == 1


def test_the_table_is_unfolded_until_a_script_folds_it():
    assert ("details", {"open": None}) in _Page(_html(UNEVEN)).tags


def test_a_cell_is_as_opaque_as_its_weight_without_any_script():
    page = _Page(_html(UNEVEN))
    styles = [attributes.get("style", "") for tag, attributes in page.tags if tag == "td"][1:]
    opacities = [float(style.split(",")[3].split(")")[0]) if style else 0.0 for style in styles]
    np.testing.assert_allclose(opacities, UNEVEN.ravel(), atol=0.0051)


def test_the_amber_of_the_cells_is_the_palettes_orange():
    assert "#{:02X}{:02X}{:02X}".format(*AMBER) == figures.OKABE_ITO["orange"]


def test_words_are_text_never_markup():
    nasty = "<img src=x onerror=alert(1)>"
    html = _html(UNEVEN, [nasty, "b"], [nasty, "</script>", '"'], title=nasty)
    page = _Page(html)
    assert "img" not in [tag for tag, _ in page.tags]
    assert html.count("</script>") == 1
    assert nasty in page.cells and "</script>" in page.cells and '"' in page.cells
    two = _Page(_html(np.stack([UNEVEN, UNEVEN]), heads=['"><img src=x>', "b"]))
    assert "img" not in [tag for tag, _ in two.tags]


def test_it_loads_nothing_from_anywhere():
    html = _html(UNEVEN, title="t")
    addresses = set(re.findall(r"https?://[^\"' ]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of SVG, which nobody fetches
    assert not any(tag in ("link", "img", "iframe") or "src" in got for tag, got in _Page(html).tags)


def test_eight_words_take_under_20_kB():
    html = _html(np.full((8, 8), 1 / 8), "The bank by the river was peaceful today")
    assert len(html.encode()) < 20_000


def test_the_same_view_is_the_same_bytes_and_another_has_another_name():
    names = {_Page(_html(weights)).tags[0][1]["id"] for weights in (UNEVEN, UNEVEN, UNEVEN[::-1])}
    assert len(names) == 2
    assert _html(UNEVEN, "a b", "c d e") == _html(UNEVEN, "a b", "c d e")


@pytest.mark.parametrize(("queries", "start", "lit"), [(2, None, 1), (9, None, 7), (2, 0, 0), (9, 8, 8)])
def test_the_last_query_in_sight_is_lit_first_or_the_one_asked_for(queries, start, lit):
    page = _Page(_html(np.full((queries, 3), 1 / 3), start=start))
    assert page.tags[0][1]["data-start"] == str(lit)


def test_views_that_start_elsewhere_have_other_names():
    assert len({_Page(_html(UNEVEN, start=start)).tags[0][1]["id"] for start in (0, 1)}) == 2


def test_a_terminal_shows_an_aligned_table():
    assert repr(show_attention(UNEVEN, "le chat", "the cat sat", title="Two languages")) == (
        "Two languages\n       the   cat   sat\nle    0.25  0.75  0.00\nchat  0.50  0.12  0.38"
    )


def test_heads_have_a_table_each_with_their_names():
    stack = np.stack([UNEVEN, UNEVEN[::-1]])
    page = _Page(_html(stack, heads=["near", "far"]))
    assert [got["data-head"] for tag, got in page.tags if tag == "table"] == ["near", "far"]
    text = repr(show_attention(stack, heads=["near", "far"]))
    assert text.index("head near") < text.index("0.75") < text.index("head far")


def test_masked_pairs_are_dashes_not_zeros():
    causal = np.tril(np.ones((2, 2), dtype=bool))
    view = show_attention([[1.0, 0.0], [0.0, 1.0]], "a b", attention_mask=causal)
    assert repr(view) == "      a     b\na  1.00     –\nb  0.00  1.00"
    masked = [got for tag, got in _Page(view._repr_html_()).tags if got.get("class") == "masked"]
    assert [got["aria-label"] for got in masked] == ["masked"]


def test_a_mask_over_keys_serves_all_heads_and_queries():
    stack = np.array([[[0.5, 0.5, 0], [1, 0, 0]], [[0, 1, 0], [0.5, 0.5, 0]]])
    text = repr(show_attention(stack, attention_mask=[True, True, False]))
    assert text.count("–") == 4 and "Note" not in text


@pytest.mark.parametrize(
    ("row", "allowed", "note"),
    [
        ([0.1, 0.3], [True, True], "row 1 (“b”) sums to 0.4"),
        ([np.nan, 1.0], [True, True], "row 1 (“b”) holds NaN"),
        ([np.inf, 1.0], [True, True], "row 1 (“b”) holds an infinite weight"),
        ([-0.2, 1.2], [True, True], "row 1 (“b”) holds a negative weight, -0.2"),
        ([0.7, 0.3], [True, False], "row 1 (“b”) gives 0.3 of its weight to masked keys"),
        ([0.0, 0.0], [True, True], "row 1 (“b”) sums to 0"),
    ],
)
def test_weights_that_are_no_shares_are_shown_with_a_note(row, allowed, note):
    view = show_attention([[0.5, 0.5], row], "a b", attention_mask=[[True, True], allowed])
    assert repr(view).splitlines()[3:] == [f"Note: {note}"]
    assert f"<li>{note}</li>" in view._repr_html_()
    assert f"{row[1]:.2f}" in _Page(view._repr_html_()).cells


def test_a_query_that_may_attend_to_nothing_has_zeros_and_no_note():
    view = show_attention([[0.0, 0.0], [0.5, 0.5]], attention_mask=[[False, False], [True, True]])
    assert "Note" not in repr(view)


def test_shares_get_no_note_even_in_half_precision():
    weights = np.random.RandomState(0).dirichlet(np.ones(40), size=40).astype(np.float16)
    assert "Note" not in repr(show_attention(weights))


def test_many_faulty_rows_are_counted_not_listed():
    notes = [line for line in repr(show_attention(np.ones((9, 9)))).splitlines() if "Note" in line]
    assert len(notes) == 4 and "6 more rows" in notes[-1]


def test_torch_tensors_are_read_whatever_their_precision():
    torch = pytest.importorskip("torch")
    weights = torch.tensor(UNEVEN, dtype=torch.bfloat16, requires_grad=True)
    mask = torch.ones(2, 3, dtype=torch.bool)
    assert repr(show_attention(weights, attention_mask=mask)) == repr(show_attention(UNEVEN))


def test_the_view_keeps_its_numbers_when_the_array_changes_later():
    weights = UNEVEN.copy()
    view = show_attention(weights)
    weights[:] = 9
    assert "9.00" not in repr(view)


def test_spaces_and_line_breaks_are_visible_tokens():
    assert repr(show_attention(np.eye(3), [" ", "\n", "x"])).splitlines()[0].split() == ["␣", "⏎", "x"]


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (
            [np.zeros((1, 2, 3, 3))],
            {},
            "weights has shape (1, 2, 3, 3), with a batch axis: pick one sentence",
        ),
        ([np.zeros(3)], {}, "weights has shape (3,): it must be (seq_q, seq_k)"),
        ([np.zeros((0, 3))], {}, "weights has shape (0, 3)"),
        ([np.zeros((200, 200))], {}, "weights has shape (200, 200), too many to read"),
        ([[[1.0], [1.0, 2.0]]], {}, "rows of equal length"),
        ([UNEVEN, "one two three"], {}, "queries holds 3 names, but weights has shape (2, 3): it needs 2"),
        ([UNEVEN, "one two"], {}, "weights has shape (2, 3), more or fewer keys than queries: give keys="),
        ([UNEVEN, "one two", "a b"], {}, "keys holds 2 names, but weights has shape (2, 3): it needs 3"),
        ([UNEVEN], {"heads": ["a", "b"]}, "heads holds 2 names, but weights has shape (2, 3): it needs 1"),
        ([UNEVEN], {"start": 2}, "start=2, but weights has shape (2, 3): its queries are 0 to 1"),
        ([UNEVEN], {"start": -1}, "start=-1, but weights has shape (2, 3): its queries are 0 to 1"),
        (
            [UNEVEN],
            {"attention_mask": np.ones((2, 3))},
            "must be boolean, True = may attend, but its dtype is float64",
        ),
        (
            [UNEVEN],
            {"attention_mask": np.ones((3, 2), bool)},
            "attention_mask has shape (3, 2) and weights (2, 3)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence_with_its_shapes(arguments, options, said):
    with pytest.raises(ValueError) as refusal:
        show_attention(*arguments, **options)
    assert said in str(refusal.value) and "\n" not in str(refusal.value)


def test_keys_alone_leave_the_queries_numbered():
    assert [line.split()[0] for line in repr(show_attention(UNEVEN, keys="a b c")).splitlines()[1:]] == [
        "0",
        "1",
    ]


def test_the_printed_figure_has_one_labelled_heatmap_a_head():
    figure = show_attention(
        np.stack([UNEVEN, UNEVEN]), "le chat", "the cat sat", heads=["near", "far"]
    ).figure()
    maps = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in maps] == ["head near", "head far"]
    assert {(axes.get_ylabel(), axes.get_xlabel()) for axes in maps} == {("query", "key")}
    assert [tick.get_text() for tick in maps[0].get_yticklabels()] == ["le", "chat"]
    assert [text.get_text() for text in maps[0].texts] == ["0.25", "0.75", "0.00", "0.50", "0.12", "0.38"]


def test_importing_the_view_loads_neither_matplotlib_nor_torch():
    code = "import sys, spotlight.view; print(sorted({'matplotlib', 'torch', 'IPython'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
