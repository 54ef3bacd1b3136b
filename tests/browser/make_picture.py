"""Makes the README's picture, `failed_check.png`: a wrong softmax and what its check says, in JupyterLab.

Run it from the repository: `.venv/bin/python -m tests.browser.make_picture`
"""

import sys
import tempfile
from pathlib import Path

from autograder.course import ROOT, release_path
from tests.browser import lab

PICTURE = Path(__file__).parent / "failed_check.png"
WRONG = """\
def softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place, lab.chromium() as browser:
        work = Path(place, "03_softmax")
        work.mkdir()
        (work / "03_softmax.ipynb").write_bytes(release_path("03_softmax").read_bytes())
        view = ROOT / "autograder" / "learner_view"
        environment = lab.variables(Path(place, "home"), ROOT, ROOT / "course")
        environment |= {"JUPYTER_CONFIG_PATH": str(view)}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [
            f"--ServerApp.root_dir={place}",
            "--LabApp.default_url=/lab/tree/03_softmax/03_softmax.ipynb",
        ]
        with lab.serving(command, Path(place), environment) as address:
            page = browser.new_page(viewport={"width": 1100, "height": 1000}, device_scale_factor=1.5)
            notebook = lab.Notebook(page, lab.another(address, "03_softmax/03_softmax.ipynb"))
            notebook.run(notebook.cell("from autograder import check"))
            answer, check = notebook.cell("def softmax("), notebook.cell('check("softmax")')
            notebook.write(answer, WRONG)
            notebook.run(answer)
            notebook.run(check)
            check.scroll_into_view_if_needed()
            top, bottom = answer.bounding_box(), check.bounding_box()
            assert top is not None and bottom is not None
            clip = {
                "x": top["x"],
                "y": top["y"],
                "width": top["width"],
                "height": bottom["y"] + bottom["height"] - top["y"],
            }
            page.screenshot(path=PICTURE, clip=clip)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
