"""Real sentences, on request: English–French pairs that people wrote for Tatoeba, as ManyThings packs them.

They do not come with the course. Fetch them once, in a terminal: `spotlight data tatoeba`. Then:

    sentences = spotlight.tatoeba.corpus(longest=8)
    pair = sentences.train[0]
    print(pair.source, pair.target, pair.attribution)

They lie in this user's cache, not beside the notebooks: every clone of the course finds the same copy.
"""

from __future__ import annotations

import errno
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LICENCE = (
    "The sentences are by the members of Tatoeba (https://tatoeba.org), packed by ManyThings "
    "(https://www.manythings.org/anki), licence CC BY 2.0 FR (https://creativecommons.org/licenses/by/2.0/fr): "
    "name them where you show or share sentences."
)
NAME, MEMBER = "fra-eng.zip", "fra.txt"
SHA256 = "161c93f18da3a7e6df611ed961426613260de8af06ccf8c79c977afe5135ac44"
# Each holds the same file; the first one that gives it is taken.
MIRRORS = (
    "https://raw.githubusercontent.com/modelexlab/data/adddaf33ac35572bcfeb421efec29435e7ea9332/fra-eng.zip",
)
TIMEOUT_SECONDS = 30.0  # without a word from a mirror
_SPLIT_PERCENT = 3  # of all clusters, for validation, and as many for test
_LARGE_CLUSTER = 50  # pairs; one of these would fill a split with variants of one sentence
_COMMAND = "spotlight data tatoeba"
_BROKEN, _SILENT = "broke off in the middle", "does not answer"
_PLAIN = str.maketrans({**dict.fromkeys("‘’ʼ`´", "'"), **dict.fromkeys("“”„«»", '"'), "‐": "-", "‑": "-"})


class NotFetched(Exception):
    """The sentences are not here; the message is one sentence on why, and what to do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and a translation, in lower-case words.

    Attributes:
        source, target: the English and the French words. What is elided or hyphenated is a word of its own:
            ("l'", "ami"), ("donne", "-moi"), ("don'", "t").
        attribution: whose sentences they are; "" where the file does not say.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    attribution: str


@dataclass(frozen=True)
class Corpus:
    """Pairs to learn from and pairs to be examined on.

    No French sentence, and no English one, is in two of them, not even with other punctuation: English
    sentences that share a translation, and translations that share an English sentence, form a cluster that
    stays together. A sentence's split does not depend on what was asked for.
    """

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]


def cache() -> Path:
    """The folder in which the sentences lie.

    Raises:
        NotFetched: the package that knows it is missing.
    """
    try:
        import pooch
    except ImportError:
        raise NotFetched("Real sentences need one more package. Run: pip install pooch") from None
    return Path(pooch.os_cache("spotlight-attention"))


def fetch(folder: Path | None = None, mirrors: Sequence[str] = MIRRORS, sha256: str = SHA256) -> Path:
    """Fetch the sentences, 3.4 MB, unless they are here already.

    What is not whole, or is not the very file that the checksum names, is thrown away. A mirror that breaks
    off is asked once more, and then the next one.

    Returns:
        Where the zip is.

    Raises:
        NotFetched: no mirror gave it, or it cannot be stored.
    """
    folder = folder or cache()
    said = {}
    for mirror in mirrors:
        got = _from(mirror, folder, sha256)
        if got == _BROKEN:
            got = _from(mirror, folder, sha256)
        if isinstance(got, Path):
            return got
        said[mirror.split("/")[2]] = got
    if set(said.values()) <= {_SILENT}:
        what_now = f"Is there a network? When there is, run: {_COMMAND}"
    else:
        what_now = f"Try later: {_COMMAND}; or put a {NAME} that you have into {folder}"
    why = ", ".join(f"{host} {each}" for host, each in said.items())
    raise NotFetched(f"The sentences could not be fetched: {why}. {what_now}")


def _from(mirror: str, folder: Path, sha256: str) -> Path | str:
    """The file, or what is wrong with this mirror."""
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT_SECONDS, chunk_size=1 << 16)
    try:
        return Path(pooch.retrieve(mirror, f"sha256:{sha256}", NAME, folder, downloader=downloader))
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        return f"has it no longer ({status})" if status in (404, 410) else f"refuses ({status})"
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        return _BROKEN
    except requests.RequestException:
        return _SILENT
    except ValueError:  # pooch's word for a wrong checksum
        return "gives another file (its checksum differs)"
    except OSError as error:
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise NotFetched(
            f"The sentences cannot be stored in {folder}: {why}. Mend that, then run: {_COMMAND}"
        ) from None


def corpus(shortest: int = 1, longest: int = 8, examined: int = 1000, path: Path | None = None) -> Corpus:
    """The sentences, split; the same arguments give the same corpus, on any machine.

    Args:
        shortest, longest: the least and the most words of either sentence, punctuation among them.
        examined: how many pairs `validation` and `test` have at most.
        path: a zip in ManyThings' format, if it is not the one that was fetched.

    Raises:
        NotFetched: the zip is not here, or damaged.
    """
    path = path or cache() / NAME
    pairs = list({(pair.source, pair.target): pair for pair in reversed(list(_read(path)))}.values())
    splits: dict[str, list[Pair]] = {"train": [], "validation": [], "test": []}
    clusters = _clusters(pairs)
    sizes = Counter(clusters)
    # The file is in order of length; this order is as good as chance, and the same everywhere.
    for pair, cluster in sorted(
        zip(pairs, clusters, strict=True), key=lambda each: _hash(*each[0].source, *each[0].target)
    ):
        if (
            shortest <= min(map(len, (pair.source, pair.target)))
            and max(map(len, (pair.source, pair.target))) <= longest
        ):
            splits[_split(cluster, sizes[cluster])].append(pair)
    return Corpus(
        train=tuple(splits["train"]),
        validation=tuple(splits["validation"][:examined]),
        test=tuple(splits["test"][:examined]),
    )


def tokenise(text: str) -> tuple[str, ...]:
    """Split text into words: "Donne-moi l’eau !" -> ("donne", "-moi", "l'", "eau", "!").

    Case, kinds of spaces, quotation marks and apostrophes, and ways to write an accent make no difference.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN)).lower()
    return tuple(re.findall(r"aujourd'hui|-?\w+'?|\.\.\.|[^\w\s]", plain))


def detokenise(words: Sequence[str]) -> str:
    """Make words readable: ("donne", "-moi", "l'", "eau", "!") -> "Donne-moi l'eau!"."""
    text = " ".join("I" if word in ("i", "i'") else word for word in words)
    text = re.sub(r" (?=[.,!?;:]|-\w)|(?<=\w') ", "", text)
    return text[:1].upper() + text[1:]


def _read(path: Path) -> Iterator[Pair]:
    """The lines of the file: English, French and, in newer ones, the attribution, between tabs."""
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.split("/")[-1] == MEMBER)
            text = archive.read(name).decode("utf-8-sig")
    except FileNotFoundError:
        raise NotFetched(f"The real sentences are not on this machine yet. Run: {_COMMAND}") from None
    except Exception:  # zipfile says damage with a dozen kinds of errors
        raise NotFetched(f"{path} is damaged, or no file of sentences. Run: {_COMMAND}") from None
    for line in text.split("\n"):
        english, french, attribution = (*line.split("\t"), "", "", "")[:3]
        pair = Pair(tokenise(english), tokenise(french), attribution.strip())
        if _said(pair.source) and _said(pair.target):
            yield pair


def _clusters(pairs: Sequence[Pair]) -> list[str]:
    """For each pair the name of its cluster: the first, by the alphabet, of the sentences in it."""
    leads_to: dict[str, str] = {}

    def first_of(sentence: str) -> str:
        while (upwards := leads_to.setdefault(sentence, sentence)) != sentence:
            leads_to[sentence] = leads_to[upwards]
            sentence = upwards
        return sentence

    named = [(f"en {_said(pair.source)}", f"fr {_said(pair.target)}") for pair in pairs]
    for english, french in named:
        one, other = sorted((first_of(english), first_of(french)))
        leads_to[other] = one
    return [first_of(english) for english, _ in named]


def _said(words: Sequence[str]) -> str:
    """A sentence without its punctuation."""
    return " ".join(word for word in words if re.search(r"\w", word))


def _split(cluster: str, pairs: int) -> str:
    if pairs > _LARGE_CLUSTER:
        return "train"
    number = _hash(cluster) % 100
    return "test" if number < _SPLIT_PERCENT else "validation" if number < 2 * _SPLIT_PERCENT else "train"


def _hash(*words: str) -> int:
    return zlib.crc32(" ".join(words).encode())
