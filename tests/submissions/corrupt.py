"""Files that are damaged, in another format, of another kind, or of another release."""

import gzip
import io
import json
import zipfile
from random import Random

from submissions.making import FULL, WITHOUT_TOKEN_MASK, Work, case

# ------------------------------------------------------------------------------------------ cut off or empty


@case(outcome="unreadable", score=0, says=["cut off", "hand in the notebook again"])
def cut_in_the_middle(work: Work) -> bytes:
    """An upload broke off halfway: no answer can be believed to be whole."""
    raw = work.saved()
    return raw[: len(raw) // 2]


@case(outcome="unreadable", score=0, says=["cut off"])
def cut_in_a_word(work: Work) -> bytes:
    """The upload broke off inside a cell's text, after a brace: it must not be called damaged there."""
    raw = work.saved()
    return raw[: raw.index(b"spotlight.toy")] + b" {}"


@case(outcome="unreadable", score=0, says=["cut off"])
def cut_between_two_cells(work: Work) -> bytes:
    """The upload broke off right after a cell."""
    raw = work.saved()
    return raw[: raw.rindex(b"  },") + 3]


@case(outcome="unreadable", score=0, says=["cut off"])
def cut_before_the_last_brace(work: Work) -> bytes:
    """One character is missing."""
    return work.saved().rstrip()[:-1]


@case(outcome="unreadable", score=0, says=["cut off"])
def cut_after_one_byte(work: Work) -> bytes:
    """Only the first brace arrived."""
    return work.saved()[:1]


@case(outcome="unreadable", score=0, says=["empty"])
def an_empty_file(work: Work) -> bytes:
    """The disk was full when it was saved: a file of no bytes, or of line ends."""
    return b"\n\n"


@case(outcome="unreadable", score=0, says=["empty"])
def zeros(work: Work) -> bytes:
    """A file system that crashed leaves zeros."""
    return bytes(5000)


@case(outcome="unreadable", score=0, says=["not text"])
def noise(work: Work) -> bytes:
    """Bytes that are no text in any encoding."""
    return Random(0).randbytes(5000)


@case(outcome="unreadable", score=0, says=["damaged at line"])
def a_lost_comma(work: Work) -> bytes:
    """Somebody edited the JSON by hand."""
    return work.saved().replace(b'"cell_type": "code",', b'"cell_type": "code"', 1)


@case(outcome="unreadable", score=0, says=["Git merge"])
def an_unfinished_merge(work: Work) -> bytes:
    """Git left the marks of a conflict."""
    raw = work.saved()
    line = b'   "source": "import numpy'
    return raw.replace(line, b"<<<<<<< HEAD\n" + line, 1)


@case(outcome="unreadable", score=0, says=["nested"])
def nested_without_end(work: Work) -> bytes:
    """JSON nested a hundred thousand deep, which stops Python's reader."""
    return b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@case(outcome="unreadable", score=0, says=["damaged"])
def a_number_without_end(work: Work) -> bytes:
    """A whole number of 5,000 digits, which Python refuses to read."""
    return work.saved().replace(b'"execution_count": null', b'"execution_count": ' + b"9" * 5000, 1)


# --------------------------------------------------------------------------------------------- encodings


@case(outcome="recovered", score=FULL, says=["UTF-16"])
def utf_16(work: Work) -> bytes:
    """Saved as "Unicode" by an old Windows editor. Every point stays."""
    return work.saved().decode().encode("utf-16")


@case(outcome="recovered", score=FULL, says=["UTF-16"])
def utf_16_without_a_mark(work: Work) -> bytes:
    """The same, without the mark that says so."""
    return work.saved().decode().encode("utf-16-le")


@case(outcome="recovered", score=FULL, says=["byte-order mark"])
def a_byte_order_mark(work: Work) -> bytes:
    """Notepad put a byte-order mark before the JSON. Every point stays."""
    return b"\xef\xbb\xbf" + work.saved()


@case(outcome="recovered", score=FULL, says=["not UTF-8"])
def latin_1(work: Work) -> bytes:
    """Saved in an old Western encoding, with accents in the text. Every point stays."""
    work.add("# déjà vu")
    return work.saved().decode().encode("latin-1", "replace")


@case(outcome="graded", score=FULL)
def a_lone_surrogate(work: Work) -> bytes:
    """JSON can name half a character, which no file can hold: the graded notebook must still be written."""
    work.add("half = '@@'\nprint(half)\n# @@")
    return work.saved().replace(b"@@", b"\\ud83d")


# ----------------------------------------------------------------------------------------- other versions


@case(outcome="recovered", score=FULL, says=["version 3"])
def format_3(work: Work) -> None:
    """The format of 2014: worksheets, `input` for `source`."""
    cells = [
        {**cell, "input": cell.pop("source")} if cell["cell_type"] == "code" else cell for cell in work.cells
    ]
    work.content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


@case(outcome="recovered", score=FULL, says=["version 2", "found by what they define"])
def format_2(work: Work) -> None:
    """The format of 2011, which has no metadata in cells: answers are found by what they define."""
    cells = [
        {"cell_type": "code", "language": "python", "input": cell["source"]}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"]}
        for cell in work.cells
    ]
    work.content = {"nbformat": 2, "metadata": {}, "worksheets": [{"cells": cells}]}


@case(outcome="recovered", score=FULL, says=["version 5"])
def format_5(work: Work) -> None:
    """A format that does not exist yet."""
    work.content |= {"nbformat": 5, "nbformat_minor": 0}


@case(outcome="recovered", score=FULL, says=["unknown version"])
def no_version(work: Work) -> None:
    """The number of the format is missing."""
    del work.content["nbformat"], work.content["nbformat_minor"]


# ------------------------------------------------------------------------------------------ missing parts


@case(outcome="graded", score=FULL)
def no_metadata(work: Work) -> None:
    """The notebook's own metadata (kernel, language) are gone; ours are used."""
    del work.content["metadata"]


@case(outcome="unreadable", score=0, says=["no list of cells"])
def no_cells(work: Work) -> None:
    """A notebook without cells is no notebook."""
    del work.content["cells"]


@case(outcome="unreadable", score=0, says=["no list of cells"])
def cells_are_null(work: Work) -> None:
    """`cells` is null."""
    work.content["cells"] = None


@case(outcome="unreadable", score=0, says=["no cells"])
def an_empty_list_of_cells(work: Work) -> None:
    """Everything was cut out."""
    work.content["cells"] = []


@case(outcome="recovered", score=WITHOUT_TOKEN_MASK, says=["no readable text", "`token_mask`"])
def a_source_that_is_an_object(work: Work) -> None:
    """One cell's source is no text: this one is lost, the others count."""
    work["token_mask"]["source"] = {"text": "def token_mask(): ..."}


@case(outcome="recovered", score=FULL, says=["2 cells hold no readable text"])
def cells_that_are_no_cells(work: Work) -> None:
    """Strings and numbers between the cells."""
    work.cells[2:2] = ["a string", 7]


@case(outcome="graded", score=FULL)
def a_grade_id_that_is_a_list(work: Work) -> None:
    """The name tag is a list: the cell is found by its id."""
    work["token_mask"]["metadata"]["nbgrader"]["grade_id"] = ["token_mask"]


@case(outcome="graded", score=FULL)
def metadata_that_are_no_metadata(work: Work) -> None:
    """Cells whose metadata are null, a list, or hold an nbgrader that is a number."""
    work["softmax"]["metadata"] = None
    work["token_mask"]["metadata"] = []
    work["masked_softmax"]["metadata"] = {"nbgrader": 3, "tags": "answer"}


@case(outcome="graded", score=FULL)
def one_id_for_all(work: Work) -> None:
    """Every cell has the same id: the name tags decide, and the graded notebook's ids are the release's."""
    for cell in work.cells:
        cell["id"] = "same"


@case(outcome="graded", score=FULL)
def unknown_kinds_of_cells(work: Work) -> None:
    """Cells of a kind that the format does not know, such as the headings of 2014, are kept as text."""
    work.add("A heading", cell_type="heading", level=2)
    work.add("?", cell_type="mystery")


# --------------------------------------------------------------------------------------------- too large


@case(
    outcome="unreadable",
    score=0,
    says=["too large", "Clear Outputs"],
    limits={"autograder.submission.MOST_BYTES": 9999},
)
def too_large(work: Work) -> None:
    """Larger than the limit (lowered for this case)."""


@case(outcome="unreadable", score=0, says=["too large", "52 MB"])
def fifty_two_megabytes(work: Work) -> bytes:
    """Larger than the real limit: an endless loop printed into the notebook."""
    return work.saved().ljust(52_430_000 + (1 << 16))


@case(
    outcome="recovered", score=FULL, says=["only the first"], limits={"autograder.submission.MOST_CELLS": 100}
)
def too_many_cells(work: Work) -> None:
    """More cells than the limit (lowered for this case)."""
    for _ in range(100):
        work.add("1 + 1")


# ----------------------------------------------------------------------------------- other kinds of files


@case(outcome="unreadable", score=0, says=["a PDF, not a notebook"])
def a_pdf(work: Work) -> bytes:
    """Printed to PDF and renamed."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


@case(outcome="unreadable", score=0, says=["a zip or an office document"])
def a_zip(work: Work) -> bytes:
    """The folder was zipped and the zip renamed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("03_softmax.ipynb", work.saved())
    return buffer.getvalue()


@case(outcome="unreadable", score=0, says=["compressed"])
def a_gzip(work: Work) -> bytes:
    """Compressed."""
    return gzip.compress(work.saved())


@case(outcome="unreadable", score=0, says=["a picture"])
def a_picture(work: Work) -> bytes:
    """A photograph of the screen."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@case(outcome="unreadable", score=0, says=["a web page"])
def a_web_page(work: Work) -> bytes:
    """Exported as HTML, or the learning platform's login page was saved."""
    return b"\n<!doctype html>\n<html><body>Please log in</body></html>"


@case(outcome="unreadable", score=0, says=["Python script"])
def a_script(work: Work) -> bytes:
    """Exported as a script."""
    return b"#!/usr/bin/env python\n# In[1]:\nimport numpy as np\n"


@case(outcome="unreadable", score=0, says=["JSON, but not a notebook"])
def other_json(work: Work) -> bytes:
    """A file of settings with the ending .ipynb."""
    return json.dumps([{"editor": "vim"}]).encode()


# ------------------------------------------------------------------------------- other releases and languages


@case(
    outcome="recovered",
    score=FULL,
    says=["check cell of `token_mask` had been edited", "check cell of `padded_keys` was"],
)
def an_older_release(work: Work) -> None:
    """Last year's notebook: other points, another check, one exercise more, a check less.

    Points and checks are this year's.
    """
    work["softmax-check"]["metadata"]["nbgrader"]["points"] = 99.0
    work["token_mask-check"]["source"] = "check('token_mask', strict=True)"
    work.delete("padded_keys-check")
    nbgrader = {
        "grade_id": "cosine",
        "solution": True,
        "grade": False,
        "schema_version": 3,
        "cell_type": "code",
    }
    work.add("def cosine(a, b):\n    return a @ b", metadata={"nbgrader": nbgrader}, id="cosine")


@case(outcome="recovered", score=0, says=["None of this lesson's answer cells", "right notebook"])
def the_notebook_of_another_lesson(work: Work) -> None:
    """Lesson 02 under the name of lesson 03."""
    from autograder.course import COURSE

    work.content = json.loads((COURSE / "release" / "02_scores" / "02_scores.ipynb").read_text("utf-8"))


@case(outcome="recovered", score=FULL, says=["language 'R'"])
def the_wrong_kernel(work: Work) -> None:
    """The notebook was opened with an R kernel: it is run as Python."""
    kernel = {"name": "ir", "display_name": "R", "language": "R"}
    work.content["metadata"] = {"kernelspec": kernel, "language_info": {"name": "R"}}


@case(outcome="recovered", score=0, says=["language '", "None of this lesson's answer cells"])
def a_notebook_in_another_language(work: Work) -> None:
    """Really written in R, and the language's name is a trap: it must not become HTML in the feedback."""
    work.content["metadata"] = {
        "kernelspec": {"name": "ir", "language": "<script src=//x.y></script>![](//x.y)"}
    }
    work.content["cells"] = []
    work.add("softmax <- function(x) exp(x) / sum(exp(x))")


@case(outcome="recovered", score=FULL, says=["older version of this lesson"])
def an_exercise_has_changed_since(work: Work) -> None:
    """The lesson was mended after it had been given out: the answers count as they are."""
    work["softmax"]["metadata"]["nbgrader"]["checksum"] = "0" * 32
