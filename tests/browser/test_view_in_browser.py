"""The Spotlight in a real browser: mouse, keyboard, heads, and no JavaScript at all."""

import os
import shutil

import numpy as np
import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from spotlight import figures  # noqa: E402  (after the skip)
from spotlight.view import show_attention  # noqa: E402

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

CAUSAL = np.tril(np.ones((3, 3), dtype=bool))
NEAR = np.array([[1.0, 0.0, 0.0], [0.4, 0.6, 0.0], [0.1, 0.2, 0.7]])
FAR = np.array([[1.0, 0.0, 0.0], [0.9, 0.1, 0.0], [0.8, 0.15, 0.05]])


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        path = next(filter(None, map(shutil.which, _NAMES)), driver.chromium.executable_path)
        if not os.path.exists(path):
            pytest.skip("no Chromium found: install one, or run `playwright install chromium`")
        running = driver.chromium.launch(executable_path=path, args=_QUIET)
        yield running
        running.close()


@pytest.fixture
def show(browser):
    """Opens objects that have HTML on one page; the test fails if the page's script does."""
    contexts, faults = [], []

    def show(*objects, javascript=True, width=900):
        context = browser.new_context(
            java_script_enabled=javascript, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(fault))
        page.on("dialog", lambda dialog: faults.append("a dialog opened") or dialog.dismiss())
        page.on("request", lambda request: request.url.startswith("http") and faults.append(request.url))
        page.set_content("<!doctype html>" + "<hr>".join(item._repr_html_() for item in objects))
        return page

    yield show
    for context in contexts:
        context.close()
    assert faults == []


def _heads():
    return show_attention(np.stack([NEAR, FAR]), "the cat sat", heads=["near", "far"], attention_mask=CAUSAL)


def _numbers(page, view=0):
    return page.locator(".spotlight-view").nth(view).locator(".key small").all_inner_texts()


def _query(page, index, view=0):
    return page.locator(".spotlight-view").nth(view).locator("[aria-label=queries] button").nth(index)


def _lights(page):
    return page.eval_on_selector_all(
        ".key", "keys => keys.map(key => Number(getComputedStyle(key).getPropertyValue('--light')))"
    )


def _pinned(page):
    buttons = page.locator("[aria-label=queries] button").all()
    return [button.get_attribute("aria-pressed") for button in buttons]


def test_hovering_a_query_lights_the_keys_by_its_weights(show):
    page = show(show_attention(NEAR, "the cat sat"))
    _query(page, 1).hover()
    assert _numbers(page) == ["0.40", "0.60", "0.00"]
    assert _lights(page) == [0.4, 0.6, 0.0]
    _query(page, 2).hover()
    assert _lights(page) == [0.1, 0.2, 0.7]
    assert page.locator(".said").inner_text() == "sat → sat 0.70 · cat 0.20 · the 0.10"


def test_a_beam_is_as_wide_as_its_weight_and_ends_at_its_key(show):
    page = show(show_attention(NEAR, "the cat sat"))
    _query(page, 2).hover()
    ends = page.eval_on_selector_all(
        "polygon",
        "beams => beams.map(beam => [beam.points[2].x - beam.points[3].x, "
        "beam.getScreenCTM().e + (beam.points[2].x + beam.points[3].x) / 2])",
    )
    boxes = [key.bounding_box() for key in page.locator(".key").all()]
    widths, middles = zip(*ends, strict=True)
    np.testing.assert_allclose(np.array(widths) / sum(widths), NEAR[2], atol=1e-4)
    np.testing.assert_allclose(middles, [box["x"] + box["width"] / 2 for box in boxes], atol=1)


def test_a_weight_of_zero_has_no_beam(show):
    page = show(show_attention(NEAR, "the cat sat"))
    _query(page, 0).hover()
    assert page.locator("polygon").count() == 1


def test_a_pinned_query_stays_until_escape(show):
    page = show(show_attention(NEAR, "the cat sat"))
    _query(page, 1).click()
    assert _pinned(page) == ["false", "true", "false"]
    _query(page, 0).hover()
    assert _numbers(page) == ["0.40", "0.60", "0.00"]
    page.keyboard.press("Escape")
    assert _pinned(page) == ["false"] * 3
    _query(page, 2).hover()
    assert _numbers(page) == ["0.10", "0.20", "0.70"]


def test_a_second_click_unpins(show):
    page = show(show_attention(NEAR, "the cat sat"))
    _query(page, 1).click()
    _query(page, 1).click()
    assert _pinned(page) == ["false"] * 3


def test_the_keyboard_alone_does_it_all(show):
    page = show(_heads())
    page.mouse.move(0, 890)
    page.keyboard.press("Tab")  # the heads
    assert page.evaluate("document.activeElement.textContent") == "near"
    page.keyboard.press("ArrowRight")
    assert _numbers(page) == ["0.80", "0.15", "0.05"]
    page.keyboard.press("Tab")  # the queries: one stop, at the one that is shown
    assert page.evaluate("document.activeElement.textContent") == "sat"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("ArrowLeft")
    assert _numbers(page) == ["0.90", "0.10", "–"]
    page.keyboard.press("Enter")
    assert _pinned(page) == ["false", "true", "false"]
    page.keyboard.press("ArrowLeft")  # the pin moves along
    assert _pinned(page) == ["true", "false", "false"]
    page.keyboard.press("ArrowLeft")  # nothing before the first
    assert page.evaluate("document.activeElement.textContent") == "the"
    page.keyboard.press("End")
    assert _numbers(page) == ["0.80", "0.15", "0.05"]
    page.keyboard.press("Escape")
    assert _pinned(page) == ["false"] * 3


def test_keys_for_the_view_do_not_reach_the_notebook_around_it(show):
    page = show(show_attention(NEAR))
    page.evaluate("window.heard = []; document.addEventListener('keydown', event => heard.push(event.key))")
    _query(page, 1).focus()
    for key in ("ArrowLeft", "Enter", "Escape", "a"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["a"]


def test_heads_switch_the_weights_and_the_table(show):
    page = show(_heads())
    radios = page.get_by_role("radio")
    assert radios.all_inner_texts() == ["near", "far"]
    _query(page, 1).hover()
    assert _numbers(page) == ["0.40", "0.60", "–"]
    radios.nth(1).click()
    assert _numbers(page) == ["0.90", "0.10", "–"]
    assert [radio.get_attribute("aria-checked") for radio in radios.all()] == ["false", "true"]
    page.locator("summary").click()
    assert [table.is_visible() for table in page.locator("table").all()] == [False, True]


def test_masked_keys_are_hatched_and_have_no_number(show):
    page = show(_heads())
    _query(page, 0).hover()
    assert _numbers(page) == ["1.00", "–", "–"]
    backgrounds = page.eval_on_selector_all(
        ".key", "keys => keys.map(key => getComputedStyle(key).backgroundImage)"
    )
    assert ["repeating" in background for background in backgrounds] == [False, True, True]


def test_more_keys_than_queries(show):
    page = show(show_attention([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]], "le chat", "the cat sat down"))
    _query(page, 0).hover()
    assert _numbers(page) == ["0.10", "0.20", "0.30", "0.40"]


def test_weights_that_are_no_shares_do_not_break_the_stage(show):
    page = show(show_attention([[np.nan, 1.0], [-0.5, 1.5]], "a b"))
    _query(page, 0).hover()
    assert _numbers(page) == ["nan", "1.00"] and _lights(page) == [0, 1]
    _query(page, 1).hover()
    assert _numbers(page) == ["-0.50", "1.50"] and _lights(page) == [0, 1]
    assert page.get_by_text("row 0 (“a”) holds NaN").is_visible()


def test_twins_on_one_page_answer_separately(show):
    page = show(show_attention(NEAR, "a b c"), show_attention(NEAR, "a b c"))
    assert page.locator(".stage").count() == 2
    _query(page, 1, view=1).hover()
    assert _numbers(page, view=0) == ["0.10", "0.20", "0.70"]
    assert _numbers(page, view=1) == ["0.40", "0.60", "0.00"]


def test_a_script_that_runs_later_and_twice_builds_one_stage(show):
    """JupyterLab inserts the HTML, then runs a copy of the script, where document.currentScript is null."""
    page = show()
    page.evaluate(
        """html => {
            document.body.innerHTML = html;
            const code = document.querySelector('script').textContent;
            new Function(code)(); new Function(code)();
        }""",
        show_attention(NEAR, "a b c")._repr_html_(),
    )
    _query(page, 1).hover()
    assert page.locator(".stage").count() == 1 and _numbers(page) == ["0.40", "0.60", "0.00"]
    _query(page, 1).click()
    page.evaluate("new Function(document.querySelector('script').textContent)()")  # another cell shows a view
    assert _pinned(page) == ["false", "true", "false"]


def test_words_that_look_like_markup_stay_words(show):
    nasty = "<img src=x onerror=alert(1)>"
    page = show(
        show_attention(np.stack([NEAR, FAR]), [nasty, "<script>alert(1)</script>", "c"], heads=[nasty, "b"])
    )
    _query(page, 0).hover()
    assert page.locator("img").count() == 0
    assert _query(page, 0).inner_text() == nasty


def test_without_javascript_the_table_is_there_to_read(show):
    page = show(_heads(), javascript=False)
    assert [table.is_visible() for table in page.locator("table").all()] == [True, True]
    assert page.locator("caption").first.inner_text().startswith("Attention, head near")
    assert page.locator("tbody tr").nth(1).inner_text().split() == ["cat", "0.40", "0.60", "–"]
    shades = [cell.evaluate("cell => getComputedStyle(cell).backgroundColor") for cell in
              page.locator("tbody tr").nth(1).locator("td").all()[:2]]  # fmt: skip
    assert shades == ["rgba(230, 159, 0, 0.4)", "rgba(230, 159, 0, 0.6)"]


def test_a_long_sentence_scrolls_inside_its_own_frame(show):
    page = show(show_attention(np.eye(30), [f"word{number}" for number in range(30)]), width=600)
    assert page.evaluate("document.documentElement.scrollWidth") <= 600
    _query(page, 29).focus()
    assert page.evaluate("document.querySelector('.stage').scrollLeft") > 0


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.4, 0.53, 0.54, 0.63, 1.0])
def test_a_lit_word_can_be_read_at_every_weight(show, weight):
    """Contrast of at least 4.5 to 1, the formula of WCAG 2."""
    page = show(show_attention([[weight, 1 - weight]], ["q"], ["a", "b"]))
    _query(page, 0).hover()
    page.wait_for_timeout(250)  # the light fades in
    colours = page.locator(".key").first.evaluate(
        """key => [key, key.closest('.stage')].map(at => getComputedStyle(at).backgroundColor)
            .concat(getComputedStyle(key).color)"""
    )
    key, stage, text = (_channels(colour) for colour in colours)
    behind = key[3] * key[:3] + (1 - key[3]) * stage[:3]
    bright, dark = sorted((_luminance(behind), _luminance(text[:3])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def _channels(colour):
    numbers = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")]
    return np.array([*numbers, 1.0][:4])


def _luminance(channels):
    share = channels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_a_figures_text_reaches_the_page(show):
    page = show(figures.with_alt(figures.bars([0.2, 0.8], ["a", "b"]), "b has most of the weight"))
    picture = page.get_by_role("img", name="b has most of the weight")
    assert picture.is_visible() and picture.evaluate("image => image.naturalWidth") > 100
