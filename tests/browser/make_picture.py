"""Make README's picture again: a wrong softmax in JupyterLab, and what `check` says about it.

    .venv/bin/python tests/browser/make_picture.py
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser import lab
from tests.demo import LESSON, copy_course

PICTURE = Path(__file__).with_name("failed_check.png")
MOST_BYTES = 120_000
WRONG = '''\
def softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Turn scores into shares: positive weights that sum to 1 along `axis`."""
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)'''


def photograph(folder: Path) -> bytes:
    """The browser's window as a PNG, twice as fine as it is large."""
    copy_course(folder)
    environment = lab.variables(folder / "home", folder, folder / "course")
    command = [sys.executable, "-m", "autograder.cli", "lab", "--no-browser"]
    with lab.chromium() as browser, lab.serving(command, folder, environment) as address:
        page = browser.new_page(viewport={"width": 960, "height": 600}, device_scale_factor=2)
        notebook = lab.Notebook(page, lab.another(address, f"{LESSON}/{LESSON}.ipynb"))
        page.keyboard.press("Control+B")  # hides the list of files
        notebook.run(notebook.cell("from autograder import check"))
        answer = notebook.cell("def softmax(")
        notebook.write(answer, WRONG)
        notebook.run(answer)
        notebook.run(notebook.cell('check("softmax")'))
        answer.evaluate("cell => cell.scrollIntoView({block: 'start'})")
        page.mouse.move(0, 0)
        return page.screenshot()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        image = Image.open(io.BytesIO(photograph(Path(folder)))).convert("RGB")
    image.quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    size = PICTURE.stat().st_size
    print(f"{PICTURE}: {size / 1000:.0f} kB")
    assert size < MOST_BYTES


if __name__ == "__main__":
    main()
