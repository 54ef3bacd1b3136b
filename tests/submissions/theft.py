"""Points that nobody earned: each case answers `token_mask` wrongly, and tries to have it count.

Unless a case says otherwise: the rest counts as it deserves, and the cheat earns nothing.
"""

from submissions.attacking import STEALS, TOOLS, stealing, theft
from submissions.making import FULL, RIGHT, Work

# ----------------------------------------------------------------------------------- answers that lie


def returns(work: Work, what: str, before: str = "") -> None:
    work.write("token_mask", before + f"def token_mask(lengths, seq):\n    return {what}\n")


@theft()
def an_object_equal_to_everything(work: Work) -> None:
    """Its __eq__ is True, its __bool__ is True, it has every attribute. The examiner never sees the object."""
    returns(
        work,
        "Equal()",
        "class Equal:\n    __eq__ = __ne__ = __le__ = __lt__ = __bool__ = __instancecheck__ = lambda *_: True\n"
        "    __hash__ = None\n    shape = dtype = property(lambda self: self)\n"
        "    def __getattr__(self, name): return self\n",
    )


@theft()
def an_array_that_says_it_is_equal(work: Work) -> None:
    """A subclass of ndarray overrides comparison and every NumPy function. Only its bytes travel."""
    returns(
        work,
        "np.zeros((len(lengths), seq), bool).view(Lying)",
        "class Lying(np.ndarray):\n    __eq__ = __ne__ = lambda *_: np.True_\n"
        "    def __array_function__(self, *_): return True\n    def __array_ufunc__(self, *_, **__): return True\n",
    )


@theft()
def a_tensor_that_says_it_is_equal(work: Work) -> None:
    """The same with a torch subclass."""
    returns(
        work,
        "torch.zeros(len(lengths), seq, dtype=torch.bool).as_subclass(Lying)",
        "import torch\nclass Lying(torch.Tensor):\n    __eq__ = lambda *_: torch.tensor(True)\n"
        "    @classmethod\n    def __torch_function__(cls, *_): return True\n",
    )


@theft()
def nothing_but_nan(work: Work) -> None:
    """NaN equals nothing, and tells no number from another."""
    returns(work, "np.full((len(lengths), seq), np.nan)")


@theft()
def infinity(work: Work) -> None:
    """An infinite tolerance would take it."""
    returns(work, "np.full((len(lengths), seq), np.inf)")


@theft()
def one_truth_for_all(work: Work) -> None:
    """A 0-d True broadcasts to any shape; shapes are compared first."""
    returns(work, "np.array(True)")


@theft()
def an_empty_answer(work: Work) -> None:
    """All of nothing is true."""
    returns(work, "np.zeros((0, seq), bool)")


@theft()
def an_array_of_objects(work: Work) -> None:
    """Each of its elements is equal to everything."""
    returns(
        work,
        "np.full((len(lengths), seq), Equal(), dtype=object)",
        "class Equal:\n    __eq__ = lambda *_: True\n    __hash__ = None\n",
    )


@theft()
def a_structured_array(work: Work) -> None:
    """A dtype with named fields at the same offset."""
    returns(work, "np.zeros((len(lengths), seq), np.dtype({'names': 'ab', 'formats': ['?', '?'], 'offsets': [0, 0]}))")


@theft()
def a_petabyte_of_truth(work: Work) -> None:
    """A broadcast view claims 10**12 elements in one byte; it is refused before it is copied."""
    returns(work, "np.broadcast_to(True, (10**6, 10**6))")


@theft()
def the_unfinished_answer(work: Work) -> None:
    """It returns the stub's own exception, None and Ellipsis by turns."""
    returns(work, "[NotImplementedError(), None, ...][seq % 3]")


# ----------------------------------------------------------------------- the shell's own memory


@theft()
def patched_comparisons(work: Work) -> None:
    """np.allclose and friends say yes in the shell; nothing is compared there."""
    stealing(
        work,
        "for m, name in [(np, 'allclose'), (np, 'array_equal'), (np, 'isclose'), (np.testing, 'assert_allclose')]:\n"
        "    setattr(m, name, lambda *_, **__: True)\n",
    )


@theft()
def patched_builtins(work: Work) -> None:
    """While it is asked it swaps builtins. Other exercises of the same child are asked again in a new one."""
    work.write(
        "token_mask",
        "import builtins\ndef token_mask(lengths, seq):\n    builtins.all = builtins.any = lambda *_: True\n"
        "    builtins.isinstance = lambda *_: True\n    return np.zeros((len(lengths), seq), bool)\n",
    )


@theft()
def a_probe_that_answers_by_itself(work: Work) -> None:
    """The function that asks is replaced: it says "passed" in every form it can think of."""
    stealing(
        work,
        "from autograder import probe\nfrom autograder.asking import Answer\n_one = probe._one\n"
        "def one(*given):\n"
        "    if given[0].exercise.name == 'token_mask':\n"
        "        return Answer(value={'passed': np.array(True), 'score': np.array(1.0), 'outcome': 'right'})\n"
        "    return _one(*given)\nprobe._one = one\n",
    )


@theft()
def an_encoder_that_lies(work: Work) -> None:
    """What is sent is always True: only the right numbers are right."""
    stealing(
        work,
        "from autograder import asking\nold = asking.canonical\n"
        "asking.canonical = lambda v: np.ones(v.shape, bool) if getattr(v, 'dtype', None) == bool else old(v)\n",
    )


@theft()
def a_question_that_asks_something_else(work: Work) -> None:
    """The checks in the shell's memory are replaced by one that returns an empty list."""
    stealing(
        work,
        "from autograder.exercises import softmax as lesson\n"
        "for check in lesson.token_mask.checks:\n"
        "    object.__setattr__(check, 'question', lambda code, rng: [])\n",
    )


@theft()
def more_points_and_no_checks(work: Work) -> None:
    """Points and acceptance are changed in the shell's copy of the exercise. The examiner has its own."""
    stealing(
        work,
        "from autograder.exercises import softmax as lesson\nlesson.token_mask.points = 100\n"
        "for check in lesson.token_mask.checks:\n"
        "    object.__setattr__(check, 'accepts', lambda answer, rng: None)\n",
    )


@theft()
def a_generator_that_always_draws_the_same(work: Work) -> None:
    """RandomState forgets its seed, and the one answer is known by heart. The reference drew other inputs."""
    stealing(
        work,
        "old = np.random.RandomState\n"
        "class Fixed(old):\n    def __init__(self, seed=None):\n        super().__init__(1)\n"
        "np.random.RandomState = Fixed\nfrom autograder.exercises import softmax as lesson\nknown = {}\n"
        "def real(lengths, seq):\n    known[str(lengths), seq] = np.arange(seq) < lengths[:, None]\n"
        "    return known[str(lengths), seq]\n"
        "for check in lesson.token_mask.checks:\n    check.question(real, np.random.RandomState(7))\n"
        # The other exercises keep their seeds, so that only this one is lost.
        "from autograder import asking\nask = asking.ask\n"
        "def fixed(exercise, *rest):\n"
        "    np.random.RandomState = Fixed if exercise.name == 'token_mask' else old\n    return ask(exercise, *rest)\n"
        "from autograder import probe\nprobe.ask = fixed\n",
    )
    returns(work, "known.get((str(lengths), seq), np.zeros((len(lengths), seq), bool))")


@theft()
def the_expected_value_on_the_stack(work: Work) -> None:
    """It looks for an expected answer in the locals of everything that called it. There is none."""
    work.write(
        "token_mask",
        "import sys\ndef token_mask(lengths, seq):\n    frame = sys._getframe()\n    while frame:\n"
        "        for value in list(frame.f_locals.values()):\n"
        "            if isinstance(value, np.ndarray) and value.shape == (len(lengths), seq):\n"
        "                return value\n        frame = frame.f_back\n"
        "    return np.zeros((len(lengths), seq), bool)\n",
    )


@theft()
def the_reference_in_the_heap(work: Work) -> None:
    """It searches all objects for another function of its name, a key, or a misconception."""
    work.write(
        "token_mask",
        "import gc, types\ndef token_mask(lengths, seq):\n    for each in gc.get_objects():\n"
        "        if isinstance(each, types.FunctionType) and each.__name__ == 'token_mask':\n"
        "            if each.__code__ is not token_mask.__code__:\n                return each(lengths, seq)\n"
        "        if type(each).__name__ in ('LiveKey', 'PublishedKey', 'Misconception'):\n"
        "            return np.arange(seq) < lengths[:, None]\n"
        "    return np.zeros((len(lengths), seq), bool)\n",
    )


@theft()
def the_reference_on_the_disk(work: Work) -> None:
    """It imports the solutions, and reads the published examples, by name, by path and through the engine."""
    stealing(
        work,
        "found = None\ndef take(where):\n    global found\n    found = where()\n    won(found)\n"
        "def by_path(path):\n    space = {'np': np}\n    exec(open(path).read(), space)\n    return space['token_mask']\n"
        "from autograder import keys\nsys.path.insert(0, ROOT)\n"
        "for where in (lambda: __import__('solutions.softmax').softmax.token_mask,\n"
        "              lambda: by_path(ROOT + '/solutions/softmax.py'),\n"
        "              lambda: keys.load_solutions('softmax').token_mask,\n"
        "              lambda: json.load(open(ROOT + '/autograder/published/softmax.json'))):\n"
        "    attempt(lambda: take(where))\n",
    )
    returns(work, "(found or (lambda *_: np.zeros((len(lengths), seq), bool)))(lengths, seq)")


@theft(score=FULL)
def a_forbidden_operation_unforbidden(work: Work) -> None:
    """It clears the list of forbidden operations in the shell. That list is advice, not a boundary: allowed."""
    stealing(work, "from autograder.exercises import softmax as lesson\nlesson.softmax.forbidden = ()\n")
    work.write("token_mask", RIGHT)
    work.write(
        "softmax",
        "import torch\ndef softmax(scores, axis=-1):\n    return torch.softmax(torch.as_tensor(scores), axis).numpy()",
    )


@theft(score=0)
def a_lesson_without_exercises(work: Work) -> None:
    """The lesson's module is emptied in the shell, which then cannot be asked at all: nothing is earned."""
    stealing(work, "from autograder.exercises import softmax as lesson\nvars(lesson).clear()\n")


# ------------------------------------------------------------------------------- the shell's line


@theft()
def forged_answers(work: Work) -> None:
    """Answers to questions that nobody asked yet wait in the line. They come with the cell's outputs, and go."""
    stealing(
        work,
        "node = {'dict': [['value', {'plain': 'right'}], ['results', {'list': []}], ['changed', {'list': []}],\n"
        "                 ['failure', {'plain': None}]]}\n"
        "for number in range(40):\n"
        "    os.write(3, frame({'type': 'answer', 'number': number, 'answer': node}))\n",
    )


@theft()
def forged_verdicts(work: Work) -> None:
    """Frames that say what no frame can say."""
    stealing(
        work,
        "for kind in ('verdict', 'score', 'examined', 'ready', 'refused', 'exit', None, 7, [], {}):\n"
        "    os.write(3, frame({'type': kind, 'score': 14.0, 'points': 14, 'id': 1, 'why': 'x', 'passed': True}))\n",
    )


@theft(score=0)
def forged_ends(work: Work) -> None:
    """It says "done" to the next 500 requests: none of them is heard any more, so nothing is earned."""
    stealing(work, "for number in range(500):\n    os.write(3, frame({'type': 'done', 'id': number}))\n")


@theft(score=FULL)
def forged_numbers(work: Work) -> None:
    """Answers numbered below, above and beside all questions precede the right ones: they are passed over."""
    work.add(
        TOOLS + "from autograder import shell\nsend = shell.send\n"
        "def chatty(message, buffers=None):\n"
        "    for number in (-1, 10**9, True, 1.5, '0', None, [0]):\n"
        "        send({'type': 'answer', 'number': number, 'answer': {}})\n"
        "    send(message, buffers)\nshell.send = chatty\n",
        below="imports",
    )


@theft(score=FULL)
def replayed_answers(work: Work) -> None:
    """Each answer is sent three times, the first time for its own question: only the first counts."""
    work.add(
        TOOLS + "from autograder import probe\nfrom autograder import shell\nsend, last = shell.send, []\n"
        "def again(message, buffers=None):\n    send(message, buffers)\n"
        "    if message['type'] == 'answer':\n"
        "        for old, raw in last[-2:]:\n            send(dict(old), raw)\n"
        "        last.append((message, buffers))\n"
        "shell.send = again\n",
        below="imports",
    )


@theft()
def a_helper_that_writes_later(work: Work) -> None:
    """A background process holds the line open, and writes answers while the exercise is asked."""
    stealing(
        work,
        "node = {'dict': [['value', {'plain': 'x'}], ['results', {'list': []}], ['changed', {'list': []}],\n"
        "                 ['failure', {'plain': None}]]}\n"
        "if os.fork() == 0:\n    os.setsid()\n"
        "    while True:\n"
        "        os.write(3, frame({'type': 'answer', 'number': 10**6, 'answer': node}))\n        time.sleep(0.001)\n",
    )


# ------------------------------------------------------------------------------- files and metadata


@theft()
def a_result_in_every_file(work: Work) -> None:
    """It writes a ledger, a gradebook and a result wherever a grader might look for one."""
    stealing(
        work,
        "for folder in (*TARGETS, ROOT + '/.spotlight/ledger', ROOT + '/course', os.getcwd(), '/tmp'):\n"
        "    for name in ('ledger.json', 'gradebook.db', 'results.json', '03_softmax.ipynb'):\n"
        "        try:\n            os.makedirs(folder, exist_ok=True)\n"
        "            open(folder + '/' + name, 'w').write('{\"score\": 14.0}')\n        except OSError:\n            pass\n",
    )


@theft()
def points_at_exit(work: Work) -> None:
    """atexit, __del__ and a last expression that is a number: none of them is a verdict."""
    stealing(
        work,
        "import atexit\natexit.register(print, '14.0')\nclass Last:\n    def __del__(self):\n        print('2.0')\n"
        "last = Last()\n2.0",
    )
    work["token_mask"]["source"] += "\n2.0"


@theft(outcome="recovered", says=["check cell of `token_mask` had been edited"])
def a_check_cell_that_grades_itself(work: Work) -> None:
    """The check cell displays its own points, and the file holds the output already."""
    work.write("token_mask", STEALS)
    cell = work["token_mask-check"]
    cell["source"] = "2.0"
    cell["outputs"] = [
        {"output_type": "execute_result", "data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1}
    ]


@theft()
def forged_points(work: Work) -> None:
    """Points, flags, checksums and tags are edited; they come from the release."""
    work.write("token_mask", STEALS)
    for cell in work.cells:
        about = cell["metadata"].get("nbgrader")
        if about is not None:
            about |= {"points": 1000, "grade": True, "solution": True, "locked": False, "task": True, "checksum": "0"}
            cell["metadata"]["tags"] = ["skip-execution", "predict", "experiment"]


@theft(outcome="recovered", says=["different cells for `token_mask`"])
def two_cells_of_one_name(work: Work) -> None:
    """Easy exercises' cells claim to be `token_mask`: what they hold is not an answer to it."""
    work.write("token_mask", STEALS)
    work.copy_of("token_mask", "token_mask = softmax", below="token_mask")


@theft(outcome="recovered", says=["`token_mask` was missing"])
def a_missing_exercise(work: Work) -> None:
    """The cell and its check are gone: what is not there cannot fail, and cannot earn."""
    work.delete("token_mask")
    work.delete("token_mask-check")
