"""Real sentences: fetched from a server on this machine, with everything that goes wrong on the way; read; split.

Nothing is fetched from anywhere else: the file is a small one in the same format.
"""

import errno
import hashlib
import http.server
import io
import random
import socket
import threading
import time
import zipfile

import pooch
import pytest

import spotlight
from spotlight import tatoeba

BY = "CC-BY 2.0 (France) Attribution: tatoeba.org #{} (CM) & #{} (Wittydev)"
LINES = [
    f"Go.\tVa !\t{BY.format(2877272, 1158250)}",
    f"Hi.\tSalut !\t{BY.format(538123, 509819)}",
    f"Run!\tCours\u202f!\t{BY.format(906328, 906331)}",
    f"Give me the water.\tDonne-moi l’eau.\t{BY.format(1, 2)}",
    "I don't know.\tJe ne sais pas.",  # as packed before 2019: without attribution
]


def packed(lines, member="fra.txt", ends="\n"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_about.txt", "Tab-delimited Bilingual Sentence Pairs\n")
        archive.writestr(member, ends.join(lines) + ends)
    return buffer.getvalue()


GOOD = packed(LINES * 40)
INSIDE = GOOD.index(b"fra.txt") + 20
SUM = hashlib.sha256(GOOD).hexdigest()


class Mirror(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        what = self.path.strip("/")
        if what == "half-first":
            what = "half" if self.server.asked.count(self.path) == 1 else "good"
        if what == "silent":
            time.sleep(1.5)
            return
        if what.isdigit():
            self.send_error(int(what))
            return
        body = {"good": GOOD, "half": GOOD, "other": packed(LINES), "portal": b"<html>Please log in</html>"}[
            what
        ]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if what == "half" else body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def mirror(monkeypatch):
    """mirror("good", "404") are the addresses; mirror.asked is what was asked for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def addresses(*names):
        return [f"http://127.0.0.1:{server.server_port}/{name}" for name in names]

    addresses.asked = server.asked
    yield addresses
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def nobody():
    """The address of a port at which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    return f"http://127.0.0.1:{port}/good"


def refused(folder, mirrors):
    with pytest.raises(tatoeba.NotFetched) as error:
        tatoeba.fetch(folder, mirrors, SUM)
    assert (
        not folder.exists() or list(folder.iterdir()) == []
    )  # no half file is left to be taken for a whole one
    return str(error.value)


def test_it_is_fetched_once_and_then_found(mirror, tmp_path):
    path = tatoeba.fetch(tmp_path / "cache", mirror("good"), SUM)
    assert path == tmp_path / "cache" / "fra-eng.zip" and path.read_bytes() == GOOD
    assert tatoeba.fetch(tmp_path / "cache", mirror("good"), SUM) == path and mirror.asked == ["/good"]


def test_a_stored_file_that_was_damaged_is_fetched_again(mirror, tmp_path):
    path = tatoeba.fetch(tmp_path, mirror("good"), SUM)
    path.write_bytes(GOOD[:-10])
    assert tatoeba.fetch(tmp_path, mirror("good"), SUM).read_bytes() == GOOD
    assert len(mirror.asked) == 2


def test_without_a_network_one_sentence_says_so(nobody, tmp_path):
    said = refused(tmp_path, [nobody])
    assert "does not answer. Is there a network? When there is, run: spotlight data tatoeba" in said
    assert said.startswith("The sentences could not be fetched: 127.0.0.1:")


def test_a_server_that_says_nothing_is_not_waited_for_long(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(tatoeba, "TIMEOUT_SECONDS", 0.2)
    assert "does not answer" in refused(tmp_path, mirror("silent"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("404", "has it no longer (404)"),
        ("410", "has it no longer (410)"),
        ("503", "refuses (503)"),
        ("other", "gives another file (its checksum differs)"),
        ("portal", "gives another file (its checksum differs)"),
    ],
)
def test_a_mirror_that_has_moved_or_gives_something_else_is_named_with_what_to_do(
    name, says, mirror, tmp_path
):
    said = refused(tmp_path, mirror(name))
    assert (
        f" {says}. Try later: spotlight data tatoeba; or put a fra-eng.zip that you have into {tmp_path}"
        in said
    )
    assert len(mirror.asked) == 1 and said.count("\n") == 0


def test_half_a_file_is_asked_for_once_more_and_never_kept(mirror, tmp_path):
    assert "broke off in the middle" in refused(tmp_path, mirror("half"))
    assert mirror.asked == ["/half", "/half"]
    assert tatoeba.fetch(tmp_path, mirror("half-first"), SUM).read_bytes() == GOOD


def test_the_next_mirror_is_asked_where_one_fails(mirror, nobody, tmp_path):
    path = tatoeba.fetch(tmp_path, [nobody, *mirror("404", "other", "half", "good")], SUM)
    assert path.read_bytes() == GOOD


def test_where_all_fail_each_is_named(mirror, nobody, tmp_path):
    said = refused(tmp_path, [nobody.replace("127.0.0.1", "localhost"), *mirror("404")])
    assert "localhost:" in said and "does not answer, 127.0.0.1:" in said and "has it no longer (404)" in said


def test_a_full_disk_is_named_and_no_other_mirror_is_asked(mirror, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    said = refused(tmp_path, mirror("good", "good"))
    assert (
        said
        == f"The sentences cannot be stored in {tmp_path}: the disk is full. Mend that, then run: "
        + ("spotlight data tatoeba")
    )


def test_a_folder_that_cannot_be_made_is_named(mirror, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(tatoeba.NotFetched, match="cannot be stored in"):
        tatoeba.fetch(tmp_path / "file" / "cache", mirror("good"), SUM)


def test_without_pooch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    with pytest.raises(tatoeba.NotFetched, match="pip install pooch"):
        tatoeba.corpus()


def test_sentences_that_were_not_fetched_are_not_fetched_by_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(tatoeba, "cache", lambda: tmp_path)
    with pytest.raises(tatoeba.NotFetched, match=r"not on this machine yet\. Run: spotlight data tatoeba"):
        spotlight.tatoeba.corpus()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zip",
        GOOD[:500],
        packed(["a\tb"], member="deu.txt"),
        GOOD[:INSIDE] + b"??" + GOOD[INSIDE + 2 :],
    ],
)
def test_a_zip_that_is_damaged_or_another_is_named(content, tmp_path):
    (tmp_path / "fra-eng.zip").write_bytes(content)
    with pytest.raises(tatoeba.NotFetched, match=r"fra-eng\.zip is damaged, or no file of sentences"):
        tatoeba.corpus(path=tmp_path / "fra-eng.zip")


def test_the_licence_names_the_authors_the_packers_and_the_terms():
    assert all(
        word in tatoeba.LICENCE for word in ("Tatoeba", "ManyThings", "CC BY 2.0 FR", "licenses/by/2.0/fr")
    )
    assert len(tatoeba.SHA256) == 64 and all(mirror.startswith("https://") for mirror in tatoeba.MIRRORS)


# ---------------------------------------------------------------------------------------------- reading


def read(tmp_path, lines, ends="\n", member="fra.txt", **how):
    path = tmp_path / "small.zip"
    path.write_bytes(packed(lines, member, ends))
    return tatoeba.corpus(path=path, **how)


def everything(corpus):
    return (*corpus.train, *corpus.validation, *corpus.test)


@pytest.mark.parametrize(
    ("ends", "member"), [("\n", "fra.txt"), ("\r\n", "fra.txt"), ("\n", "fra-eng/fra.txt")]
)
def test_english_french_and_attribution_are_read(ends, member, tmp_path):
    pairs = {pair.source: pair for pair in everything(read(tmp_path, LINES, ends, member))}
    assert len(pairs) == 5
    water = pairs["give", "me", "the", "water", "."]
    assert water.target == ("donne", "-moi", "l'", "eau", ".") and water.attribution == BY.format(1, 2)
    assert pairs["run", "!"].target == ("cours", "!")
    assert pairs["i", "don'", "t", "know", "."].attribution == ""


def test_lines_that_hold_no_pair_are_left_out_and_repeated_ones_taken_once(tmp_path):
    odd = ["", "alone", "\tsans anglais", "no French\t", "?\t!", "Go.\tVA !\tsomebody else", *LINES]
    pairs = everything(read(tmp_path, odd))
    assert len(pairs) == 5
    assert {pair.attribution for pair in pairs if pair.source == ("go", ".")} == {
        "somebody else"
    }  # the first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Donne-moi l’eau\u202f!", ("donne", "-moi", "l'", "eau", "!")),
        ("Où est-ce ?", ("où", "est", "-ce", "?")),
        ("Ou\u0300 est-ce\xa0?", ("où", "est", "-ce", "?")),  # an accent of its own
        ("« Aujourd’hui »", ('"', "aujourd'hui", '"')),
        ("Wait… It's 3:30.", ("wait", "...", "it'", "s", "3", ":", "30", ".")),
        ("", ()),
    ],
)
def test_text_is_split_into_words(text, words):
    assert tatoeba.tokenise(text) == words


@pytest.mark.parametrize(
    "text", ["Donne-moi l'eau.", "Peut-être qu'il dort, Tom?", "I don't know...", "Can I go?"]
)
def test_words_become_text_again(text):
    assert tatoeba.detokenise(tatoeba.tokenise(text)).lower() == text.lower()


def test_both_sentences_have_the_length_that_was_asked_for(tmp_path):
    pairs = everything(read(tmp_path, LINES, shortest=3, longest=5))
    assert {pair.source[0] for pair in pairs} == {"give", "i"}
    assert [pair.source[0] for pair in everything(read(tmp_path, ["a b\tc d e f", "g\th"], longest=3))] == [
        "g"
    ]


def made_up(pairs=3000, sentences=2000, seed=0):
    """Pairs of which many share an English or a French sentence, in order of length, as in the file."""
    chance = random.Random(seed)

    def sentence(language, number):
        words = [f"{language}{number % 97}", *[f"{language}{number}"] * (1 + number * 5 // sentences)]
        return " ".join(words) + chance.choice(".!?")

    numbers = [chance.randrange(sentences) for _ in range(pairs)]
    close = [number if chance.random() < 0.8 else chance.randrange(sentences) for number in numbers]
    lines = [f"{sentence('e', one)}\t{sentence('f', two)}" for one, two in zip(numbers, close, strict=True)]
    return sorted(lines, key=len)


def said(words):
    return words[:-1]  # without the punctuation


@pytest.mark.parametrize("seed", range(3))
def test_no_sentence_of_either_language_is_in_two_splits(seed, tmp_path):
    corpus = read(tmp_path, made_up(sentences=3000, pairs=2500, seed=seed), longest=20)
    assert min(len(corpus.validation), len(corpus.test)) >= 20
    for side in ("source", "target"):
        splits = [
            {said(getattr(pair, side)) for pair in split}
            for split in (corpus.train, corpus.validation, corpus.test)
        ]
        assert not splits[0] & splits[1] and not splits[0] & splits[2] and not splits[1] & splits[2]


def test_translations_that_are_linked_through_others_stay_together(tmp_path):
    chain = [f"e{n} x.\tf{n} y.\n" + f"e{n + 1} x!\tf{n} y ?" for n in range(20)]
    corpus = read(tmp_path, "\n".join(chain).split("\n"))
    assert sorted(map(len, (corpus.train, corpus.validation, corpus.test))) == [0, 0, 40]


def test_a_cluster_that_would_fill_a_split_is_for_training(tmp_path):
    large = read(tmp_path, [f"go {number}.\tva {number} {n}." for number in range(100) for n in range(51)])
    assert len(large.train) == 5100
    small = read(tmp_path, [f"go {number}.\tva {number} {n}." for number in range(100) for n in range(50)])
    assert small.test and small.validation and len(everything(small)) == 5000


def test_a_sentences_split_does_not_depend_on_what_is_asked_for_nor_on_the_files_order(tmp_path):
    lines = made_up()
    whole = read(tmp_path, lines, longest=20, examined=10_000)
    part = read(tmp_path, lines[::-1], longest=4, examined=10_000)
    for split in ("train", "validation", "test"):
        assert part != whole and set(getattr(part, split)) <= set(getattr(whole, split))
    assert part == read(tmp_path, lines, longest=4, examined=10_000)


def test_what_is_examined_is_of_all_lengths_though_the_file_is_in_order_of_length(tmp_path):
    corpus = read(tmp_path, made_up(6000, 6000), longest=20, examined=60)
    assert len(corpus.test) == len(corpus.validation) == 60
    assert {len(pair.source) for pair in corpus.test} == {3, 4, 5, 6, 7}
