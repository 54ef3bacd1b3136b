"""JupyterLab in a headless Chromium: how browser tests, and the README's picture, start it and drive it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 60  # for a cell to run
START_SECONDS = 180  # for a server to start, on a machine that does much else
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")


class NoChromium(Exception):
    """There is no Chromium on this machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser.

    Raises:
        NoChromium: none was found.
    """
    with sync_playwright() as driver:
        path = next(filter(None, map(shutil.which, CHROMIUM)), driver.chromium.executable_path)
        if not os.path.exists(path):
            raise NoChromium("no Chromium found: install one, or run `playwright install chromium`")
        running = driver.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


def variables(home: Path, *python_path: Path) -> dict[str, str]:
    """Environment for Jupyter processes that see nobody's settings, and Python code in `python_path` first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return kept | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PORT": "0",  # the system chooses a free one
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(map(str, python_path)),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


@contextmanager
def serving(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Run a command that starts JupyterLab; yields the address that it prints, and stops it in the end."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    too_late = threading.Timer(START_SECONDS, _stop, [process])
    too_late.start()
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line)
            address = ADDRESS.search(line)
            if address:
                break
        else:
            raise AssertionError("no address was printed:\n" + "".join(printed))
        _wait_until_it_listens(address.group(), process)
        too_late.cancel()
        threading.Thread(target=printed.extend, args=[process.stdout], daemon=True).start()  # else the pipe fills up
        yield address.group()
    except Exception as error:
        error.add_note(f"JupyterLab ended with {process.poll()}; it said:\n" + "".join(printed[-40:]))
        raise
    finally:
        too_late.cancel()
        _stop(process)


def _wait_until_it_listens(address: str, process: subprocess.Popen) -> None:
    """Jupyter prints its address first and binds the port later, when its event loop turns."""
    place = urlsplit(address)
    while process.poll() is None:
        with suppress(OSError), socket.create_connection((place.hostname, place.port), timeout=5):
            return
        time.sleep(0.05)


def _stop(process: subprocess.Popen) -> None:
    """Control-C, as in a terminal; whatever it leaves is ended by force."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def another(address: str, path: str) -> str:
    """The address of another notebook of the same server, in a workspace where no other one is open."""
    workspace = re.sub(r"\W", "_", path)
    return re.sub(r"/lab/tree/[^?]*", f"/lab/workspaces/{workspace}/tree/{path}", address)


def elsewhere(page: Page) -> list[str]:
    """A list that fills with every address that the page asks for on another machine."""
    asked: list[str] = []
    local = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:|about:|file:")
    page.on("request", lambda request: None if local.match(request.url) else asked.append(request.url))
    return asked


class Notebook:
    """A notebook in JupyterLab, on a page of its own, with its kernel ready."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(address)
        name = Path(urlsplit(address).path).name
        tab = page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current")
        expect(tab).to_contain_text(name, timeout=SECONDS * 1000)
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.panel.locator(".jp-Cell").first.wait_for(timeout=SECONDS * 1000)
        # Only the status bar tells an idle kernel from none; a cell run without one opens a dialog.
        ready = re.compile(r"Python 3.* \| Idle")
        expect(page.locator(".jp-StatusBar-Left")).to_contain_text(ready, timeout=SECONDS * 1000)

    def wait_until_idle(self) -> None:
        """Wait until the kernel has nothing more to do."""
        indicator = self.panel.locator(".jp-Notebook-ExecutionIndicator")
        expect(indicator).to_have_attribute("data-status", "idle", timeout=SECONDS * 1000)

    def cell(self, code: str) -> Locator:
        """The code cell whose input holds `code`."""
        editor = self.page.locator(".cm-content").filter(has_text=code)
        return self.panel.locator(".jp-CodeCell").filter(has=editor)

    def write(self, cell: Locator, code: str) -> None:
        """Replace what stands in a cell."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(code)

    def run(self, cell: Locator) -> Locator:
        """Run a cell; returns its outputs, once they are all there."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.text_content() or ""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=SECONDS * 1000)
        self.wait_until_idle()
        return cell.locator(".jp-Cell-outputArea")

    def run_all(self) -> None:
        """Run every cell, from the first to the last."""
        last = self.panel.locator(".jp-CodeCell").last
        self.choose("Run", "Run All Cells")
        expect(last.locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]"), timeout=2 * SECONDS * 1000
        )
        self.wait_until_idle()

    def dark(self) -> None:
        """Choose JupyterLab's dark theme."""
        self.choose("Settings", "Theme", "JupyterLab Dark")
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")

    def choose(self, menu: str, *entries: str) -> None:
        """Click through a menu."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        for entry in entries[:-1]:
            self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).hover()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entries[-1]}$")).click()
