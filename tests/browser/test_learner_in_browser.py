"""A learner's way in a real browser: open the course, be wrong, read why, be right, come back tomorrow."""

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from autograder import keys
from autograder.course import lesson_names

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.browser import lab  # noqa: E402  (after the skip)
from tests.demo import cell_of, solved  # noqa: E402

expect = playwright.expect

DOWN_THE_COLUMNS = """\
def softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)"""
ALONG_THE_AXIS = DOWN_THE_COLUMNS.replace("axis=0", "axis=axis, keepdims=True")


@dataclass(frozen=True)
class Learner:
    """Somebody with an unpacked bundle, its wheel installed, and settings of their own."""

    folder: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return lab.variables(self.home, self.folder / "installed")

    def serves(self):
        return lab.serving(self._command("lab", "--no-browser"), self.folder, self.environment)

    def types(self, *words: str) -> str:
        """What `spotlight …` prints in the bundle's folder."""
        command, environment = self._command(*words), self.environment | {"COLUMNS": "200"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def has(self, notebook: nbformat.NotebookNode, path: str) -> None:
        place = self.folder / path
        place.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, place)

    def passed_all_before(self, lesson: str) -> None:
        stems = [name.split("_", 1)[1] for name in lesson_names() if name < lesson]
        names = [name for stem in stems if stem in keys.stems() for name in keys.exercises(stem)]
        attempts = json.dumps({name: {"tries": 1, "passed": True} for name in names})
        (self.folder / ".spotlight").mkdir(exist_ok=True)
        (self.folder / ".spotlight" / "attempts.json").write_text(attempts)

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "autograder.cli", *words]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The zip that learners get."""
    folder = tmp_path_factory.mktemp("bundle")
    subprocess.run([sys.executable, "-m", "autograder.cli", "bundle", "03", "--to", folder], check=True)
    return next(folder.glob("*.zip"))


def unpacked(bundle: Path, place: Path) -> Learner:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(place)
    folder = next(place.iterdir())
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:  # what pip does, without a network
        wheel.extractall(folder / "installed")
    return Learner(folder, place / "home")


@pytest.fixture
def learner(bundle, tmp_path) -> Learner:
    return unpacked(bundle, tmp_path)


@pytest.fixture
def page(browser):
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def classmate(bundle, tmp_path_factory):
    """A learner whose JupyterLab runs for all tests that bring a notebook of their own; and its address."""
    somebody = unpacked(bundle, tmp_path_factory.mktemp("classmate"))
    with somebody.serves() as address:
        yield somebody, address


@pytest.fixture
def opened(classmate, page, request):
    """Opens a notebook in the classmate's JupyterLab, in a folder that no other test has."""
    somebody, address = classmate
    own = re.sub(r"\W", "_", request.node.name)

    def opened(notebook) -> lab.Notebook:
        somebody.has(notebook, f"{own}/notebook.ipynb")
        return lab.Notebook(page, lab.another(address, f"{own}/notebook.ipynb"))

    return opened


def with_softmax(code):
    notebook = solved()
    cell_of(notebook, "softmax").source = code
    return notebook


# The first day


def test_a_learner_is_wrong_reads_why_and_gets_it_right(learner, page):
    softmax = keys.exercises("softmax")["softmax"]
    mistake = {each.name: each.says for each in keys.load_misconceptions("softmax")["softmax"]}[
        "normalises_down_the_columns"
    ]
    count = len(softmax.checks)
    with learner.serves() as address:
        notebook = lab.Notebook(page, lab.another(address, "03_softmax/03_softmax.ipynb"))
        notebook.run(notebook.cell("from autograder import check"))
        answer, check = notebook.cell("def softmax("), notebook.cell('check("softmax")')
        assert "raise NotImplementedError" in answer.inner_text()
        notebook.run(answer)
        said = notebook.run(check)
        expect(said).to_contain_text("✗ softmax: not started yet")
        expect(said).to_contain_text("Replace the line raise NotImplementedError(...) by your answer")

        notebook.write(answer, DOWN_THE_COLUMNS)
        notebook.run(answer)
        said = notebook.run(check)
        expect(said).to_contain_text(
            re.compile(rf"✗ {softmax.checks[0].title} · softmax: \d of {count} checks to go")
        )
        expect(said.locator("caption")).to_have_text([re.compile(r"^yours \("), re.compile(r"^expected \(")])
        expect(said).to_contain_text(mistake.replace("`", ""))
        hint = re.search('Open the hint "(.+)"', said.inner_text()).group(1)
        expect(notebook.panel.locator("summary", has_text=f"Hint: {hint}")).to_be_visible()
        error = said.locator("[data-mime-type='application/vnd.jupyter.stderr']")
        assert error.inner_text().strip() == "softmax: not right yet"
        assert "Traceback" not in said.inner_text()

        notebook.write(answer, ALONG_THE_AXIS)
        notebook.run(answer)
        said = notebook.run(check)
        assert said.inner_text().strip() == f"✓ softmax: all {count} checks pass · {softmax.points:g} points"
    assert "✓ softmax" in learner.types("progress")


def test_tomorrow_the_next_lesson_opens_and_nothing_is_forgotten(learner, page):
    learner.has(solved("02_scores"), "02_scores/02_scores.ipynb")
    learner.passed_all_before("02_scores")
    names = list(keys.exercises("scores"))
    with learner.serves() as address:
        notebook = lab.Notebook(page, address)
        notebook.run_all()
        passed = notebook.panel.locator(".jp-Cell-outputArea strong", has_text="✓")
        expect(passed).to_have_count(len(names))
        page.keyboard.press("Control+S")
        expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    progress = learner.types("progress")
    assert all(f"✓ {name}" in progress for name in names) and f"{len(names)}/{len(names)}" in progress
    assert re.search(r"^Next: `\w+` in 03_softmax", progress, re.MULTILINE)
    with learner.serves() as address:
        assert "/lab/tree/03_softmax/03_softmax.ipynb?token=" in address
        notebook = lab.Notebook(page, address)
        notebook.run(notebook.cell("from autograder import check"))
        given = notebook.run(notebook.cell("def dot_product_scores("))
        expect(given).to_have_text("Using your own dot_product_scores.")
        notebook = lab.Notebook(page, lab.another(address, "02_scores/02_scores.ipynb"))
        panel = notebook.panel.locator("strong", has_text="✓").first.locator("xpath=../..")
        expect(panel).to_have_css("border-left-width", "4px")  # trusted: the panels look as they did


# What is on the screen


def test_the_first_lesson_opens_without_an_instructors_tool_or_an_advertisement(classmate, page):
    _, address = classmate
    assert "/lab/tree/00_start_here/00_start_here.ipynb?token=" in address
    asked = lab.elsewhere(page)
    notebook = lab.Notebook(page, address)
    expect(notebook.panel.get_by_role("heading", level=1)).to_contain_text("Start here")
    menus = page.locator(".jp-MenuBar, #jp-MainMenu").first.locator(".lm-MenuBar-itemLabel")
    assert menus.all_inner_texts() == ["File", "Edit", "View", "Run", "Kernel", "Tabs", "Settings", "Help"]
    toolbar = " ".join(notebook.panel.locator(".jp-Toolbar").first.locator("[title], [data-jp-item-name]").evaluate_all(
        "items => items.map(item => `${item.title} ${item.dataset.jpItemName}`)"
    ))  # fmt: skip
    shown = toolbar + page.locator("body").inner_text()
    assert not re.search("nbgrader|formgrader|jupytext|assignment|validate", shown, re.I)
    expect(page.locator(".jp-Dialog, .Toastify__toast")).to_have_count(0)
    assert asked == []


def test_the_view_follows_the_mouse_and_sliders_move_figures(opened, page):
    notebook = opened(solved())
    notebook.run_all()
    view = notebook.panel.locator(".spotlight-view", has=page.get_by_role("button", name="bank"))
    said, lights = view.locator(".said"), view.locator(".key small")
    view.get_by_role("button", name="bank").hover()
    expect(said).to_have_text(re.compile(r"^bank → (bank|river) 0\.\d+ · (bank|river) 0\.\d+"))
    weights = lights.all_inner_texts()
    assert abs(sum(map(float, weights)) - 1) < 0.05
    view.get_by_role("button", name="The", exact=True).hover()
    expect(said).to_have_text(re.compile("^The → "))
    assert lights.all_inner_texts() != weights

    slider = notebook.panel.locator(".jp-CodeCell", has_text="spotlight.figures.slider(")
    figure = slider.get_by_role("img", name=re.compile("^temperature 1.00: entropy")).last
    expect(figure).to_be_visible()
    slider.get_by_role("slider").press("ArrowRight")
    moved = slider.get_by_role("img", name=re.compile("^temperature 1.05: entropy"))
    expect(moved).to_be_visible()
    assert moved.evaluate("image => image.naturalWidth") > 300


# Readable by everybody


CONTRASTS = """area => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number);
    const over = (top, below) => top.slice(0, 3).map((c, i) => c * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
    const light = colour => {
        const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        const own = channels(getComputedStyle(element).backgroundColor);
        return (own[3] ?? 1) === 1 || !element.parentElement ? own : over(own, behind(element.parentElement));
    };
    const found = [];
    for (const element of area.querySelectorAll('*')) {
        if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
        const back = behind(element), ink = over(channels(getComputedStyle(element).color), back);
        const [a, b] = [light(back), light(ink)].sort((x, y) => y - x);
        found.push([(a + 0.05) / (b + 0.05), element.textContent]);
    }
    return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_of_a_failed_check_can_be_read_and_none_is_cut_off(opened, theme):
    """Contrast of at least 4.5 to 1, the formula of WCAG 2."""
    notebook = opened(with_softmax(DOWN_THE_COLUMNS))
    if theme == "dark":
        notebook.dark()
    for code in ("from autograder import check", "def softmax("):
        notebook.run(notebook.cell(code))
    said = notebook.run(notebook.cell('check("softmax")'))
    contrasts = said.evaluate(CONTRASTS)
    assert len(contrasts) > 24
    assert [text for contrast, text in contrasts if contrast < 4.5] == []
    wider = "area => [...area.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert said.evaluate(wider) == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_exported_lesson_shows_panels_views_and_figures(exported, browser, javascript):
    with browser.new_context(java_script_enabled=javascript, offline=True) as context:
        page = context.new_page()
        page.goto(exported.as_uri(), wait_until="domcontentloaded")
        expect(page.get_by_text(f"✗ {keys.exercises('softmax')['softmax'].checks[0].title}")).to_be_visible()
        expect(page.locator("caption", has_text="expected (").first).to_be_visible()
        expect(page.get_by_text("✓ token_mask: all")).to_be_visible()
        figures = page.locator("img")
        assert figures.count() >= 4
        for figure in figures.all():
            assert len(figure.get_attribute("alt")) > 20
            assert figure.evaluate("image => image.naturalWidth") > 300
        expect(page.locator(".spotlight-view .stage")).to_have_count(2 if javascript else 0)
        table = page.locator(".spotlight-view table").last
        assert table.is_visible() != javascript  # the stage stands in for it


@pytest.fixture(scope="module")
def exported(classmate) -> Path:
    """Lesson 03 with one mistake, run and exported as HTML."""
    somebody, _ = classmate
    notebook = with_softmax(DOWN_THE_COLUMNS)
    somebody.has(notebook, "exported/notebook.ipynb")
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "html",
        "--execute",
        "--allow-errors",
        "notebook.ipynb",
    ]
    subprocess.run(
        command, cwd=somebody.folder / "exported", env=somebody.environment, check=True, capture_output=True
    )
    return somebody.folder / "exported" / "notebook.html"
