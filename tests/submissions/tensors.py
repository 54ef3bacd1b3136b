"""A torch lesson's odd answers and attacks: a function of tensors (`self_attention`) and a module (`SelfAttention`)."""

from submissions.attacking import TOOLS, tries
from submissions.making import Work, case

LESSON = "05_self_attention"
FULL = 18.0
WITHOUT_MODULE = 16.0
WITHOUT_BOTH = 12.0  # the module calls the function
QUICK = {"autograder.examiner.CHECK_SECONDS": 3.0}


def module(*forward: str, layers: str = "query key value", before: str = "") -> str:
    """The module with another body of `forward`."""
    made = "".join(
        f"        self.{name} = nn.Linear(d_model, head_dim, bias=False)\n" for name in layers.split()
    )
    return (
        f"{before}class SelfAttention(nn.Module):\n    def __init__(self, d_model, head_dim):\n"
        f"        super().__init__()\n{made}    def forward(self, x, attention_mask=None):\n"
        + "".join(f"        {line}\n" for line in forward)
    )


RIGHT = (
    "return self_attention(x, self.query.weight.T, self.key.weight.T, self.value.weight.T, attention_mask)"
)
LAZY = "return torch.zeros(*x.shape[:-1], self.value.out_features), torch.zeros(*x.shape[:-1], x.shape[-2])"
GIVES_ZEROS = (
    "def self_attention(x, w_q, w_k, w_v, attention_mask=None):\n"
    "    return torch.zeros(*x.shape[:-1], w_v.shape[1]), torch.zeros(*x.shape[:-1], x.shape[-2])\n"
)


def first(line: str) -> str:
    """A right module that does something else first."""
    return module(line, RIGHT)


# --------------------------------------------------------------------------------------- accidents


@case(outcome="graded", score=FULL, lesson=LESSON)
def asks_for_a_gpu(work: Work) -> None:
    """`.cuda()` and `.to("cuda")`, as it ran on the learner's machine. Nothing is lost where there is none."""
    work.write("SelfAttention", first('x = x.cuda().to("cuda")'))


@case(outcome="graded", score=FULL, lesson=LESSON)
def answers_in_double(work: Work) -> None:
    """More precision than was asked for."""
    work.write(
        "SelfAttention",
        module(RIGHT.replace("return", "output, weights ="), "return output.double(), weights.double()"),
    )


@case(outcome="graded", score=FULL, lesson=LESSON)
def answers_with_parameters(work: Work) -> None:
    """The results are wrapped once more; they hold the same numbers, and `backward` goes through."""
    work.write("SelfAttention", module(RIGHT.replace("return", "both ="), "return list(both)"))


@case(outcome="graded", score=FULL, lesson=LESSON)
def seeds_and_prints(work: Work) -> None:
    """A seed, print options and a warning concern nobody."""
    work.write("SelfAttention", first("torch.manual_seed(0); torch.set_printoptions(precision=1); print(x)"))


@case(outcome="graded", score=WITHOUT_MODULE, lesson=LESSON)
def renames_the_layers(work: Work) -> None:
    """The module is right, its layers are called otherwise: it cannot be given the examiner's weights."""
    body = (
        RIGHT.replace("self.query", "self.to_q")
        .replace("self.key", "self.to_k")
        .replace("self.value", "self.to_v")
    )
    work.write("SelfAttention", module(body, layers="to_q to_k to_v"))


@case(outcome="graded", score=WITHOUT_MODULE, lesson=LESSON)
def a_module_without_super(work: Work) -> None:
    """`super().__init__()` is missing: torch refuses the first layer."""
    work.write("SelfAttention", module(RIGHT).replace("        super().__init__()\n", ""))


@case(outcome="graded", score=WITHOUT_MODULE, lesson=LESSON, limits=QUICK)
def loops_in_forward(work: Work) -> None:
    """It never answers; the rest counts."""
    work.write("SelfAttention", first("while True: pass"))


# ----------------------------------------------------------------------------------------- attacks


@case(outcome="graded", score=WITHOUT_BOTH - 3, attack="theft", lesson=LESSON)
def torch_finds_everything_equal(work: Work) -> None:
    """`torch.allclose`, `torch.equal` and `torch.testing` say yes to all. The examiner compares elsewhere;
    `is_permutation_equivariant` (3 points), which asks `torch.allclose`, is now wrong too."""
    tries(
        work,
        "torch.allclose = torch.equal = torch.isclose = torch.testing.assert_close = lambda *_, **__: True",
    )
    work.write("self_attention", GIVES_ZEROS)


@case(outcome="graded", score=WITHOUT_MODULE, attack="theft", lesson=LESSON)
def a_module_that_lists_what_is_wanted(work: Work) -> None:
    """Its parameters are invented, with the wanted names and shapes; the output is not computed from them."""
    listed = (
        "    def named_parameters(self, *_, **__):\n"
        "        return [(f'{n}.weight', nn.Parameter(torch.zeros(self.value.weight.shape))) for n in ('query', 'key', 'value')]\n"
    )
    work.write("SelfAttention", module(LAZY) + listed)


@case(outcome="graded", score=WITHOUT_MODULE - 3, attack="theft", lesson=LESSON)
def equal_parameters_is_replaced(work: Work) -> None:
    """The function that hands out equal weights gives zeros instead, so that every output would be 0. `train_step`
    (3 points) gets them too, and is asked with other weights by the examiner."""
    tries(
        work,
        "import autograder.exercise as exercise, autograder.exercises.self_attention as checks\n"
        "def zeros(module, rng):\n    for p in module.parameters(): p.data.zero_()\n"
        "    return [(n, list(p.shape)) for n, p in sorted(module.named_parameters())]\n"
        "exercise.equal_parameters = checks.equal_parameters = zeros",
    )
    work.write("SelfAttention", module(LAZY))


@case(outcome="graded", score=WITHOUT_MODULE, attack="theft", lesson=LESSON)
def a_tensor_whose_numbers_lie(work: Work) -> None:
    """A subclass answers `numpy()`, `detach()`, `tolist()` and `shape` as it likes."""
    lying = (
        "class Lying(torch.Tensor):\n    __eq__ = __ne__ = lambda *_: torch.tensor(True)\n"
        "    numpy = detach = cpu = tolist = lambda self, *_, **__: self\n"
        "    @classmethod\n    def __torch_function__(cls, *_): return True\n"
    )
    lazy = LAZY.removeprefix("return ")
    work.write(
        "SelfAttention",
        module(f"a, b = {lazy}", "return a.as_subclass(Lying), b.as_subclass(Lying)", before=lying),
    )


@case(outcome="graded", score=WITHOUT_MODULE, attack="theft", lesson=LESSON)
def a_dispatch_mode_stays_open(work: Work) -> None:
    """A mode that answers every operation of torch with ones is entered and never left, in the module's call.
    No other exercise meets it."""
    mode = (
        "from torch.utils._python_dispatch import TorchDispatchMode\nclass Ones(TorchDispatchMode):\n"
        "    def __torch_dispatch__(self, f, types, args=(), kwargs=None):\n"
        "        made = f(*args, **(kwargs or {}))\n"
        "        return torch.Tensor.fill_(made, 1) if type(made) is torch.Tensor and made.is_floating_point() else made\n"
    )
    work.write(
        "SelfAttention",
        module("Ones.once = getattr(Ones, 'once', None) or Ones().__enter__()", LAZY, before=mode),
    )


@case(outcome="graded", score=FULL, attack="leaks", lesson=LESSON)
def backward_reads_files(work: Work) -> None:
    """A hook on the notes runs while the examiner's `backward` does, and looks for the neighbour's work."""
    tools = (
        TOOLS
        + "def look(grad):\n    attempt(*(functools.partial(read, t) for t in TARGETS))\n    return grad\n"
    )
    read = "import functools\ndef read(t):\n    return open(t + '/canary.txt').read()\n"
    work.write(
        "SelfAttention",
        module(
            RIGHT.replace("return", "output, weights ="),
            "if output.requires_grad: output.register_hook(look)",
            "return output, weights",
            before=tools + read,
        ),
    )


@case(outcome="graded", score=FULL, attack="leaks", lesson=LESSON)
def torch_loads_what_it_finds(work: Work) -> None:
    """`torch.load` and `torch.from_file` of the examiner's and the neighbour's files."""
    tries(
        work,
        "for t in TARGETS:\n    attempt(lambda: torch.load(t + '/canary.txt', weights_only=False),\n"
        "            lambda: torch.from_file(t + '/canary.txt', size=8, dtype=torch.uint8).numpy().tobytes())",
    )


@case(outcome="graded", score=WITHOUT_MODULE, attack="denial", limits=QUICK, lesson=LESSON)
def a_view_of_a_trillion_numbers(work: Work) -> None:
    """`expand` makes a tensor of any size out of one number; sizes are asked before anything is copied."""
    work.write(
        "SelfAttention", module("return torch.zeros(1).expand(10**12), torch.zeros(1).expand(10**6, 10**6)")
    )


@case(outcome="graded", score=WITHOUT_MODULE, attack="denial", limits=QUICK, lesson=LESSON)
def tensors_of_other_kinds(work: Work) -> None:
    """Sparse, quantised, meta and complex tensors, one after the other: no answer, and no exception of ours."""
    kinds = (
        "KINDS = [lambda: torch.eye(3).to_sparse(), lambda: torch.quantize_per_tensor(torch.eye(3), .1, 0, torch.qint8),\n"
        "         lambda: torch.empty(4, 6, device='meta'), lambda: torch.zeros(4, 6, dtype=torch.complex64),\n"
        "         lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), lambda: torch.zeros(4, 6, dtype=torch.float8_e4m3fn)]\n"
        "TURN = iter(KINDS * 99)\n"
    )
    work.write("SelfAttention", module("return next(TURN)(), next(TURN)()", before=kinds))


@case(outcome="graded", score=WITHOUT_MODULE, attack="denial", limits=QUICK, lesson=LESSON)
def more_memory_than_there_is(work: Work) -> None:
    """A forward pass that writes gigabytes."""
    work.write("SelfAttention", first("kept = [torch.ones(1 << 27) for _ in range(64)]"))


@case(outcome="graded", score=WITHOUT_MODULE, attack="denial", limits=QUICK, lesson=LESSON)
def backward_never_ends(work: Work) -> None:
    """A gradient that loops while the examiner's `backward` waits; only the checks of the gradient are lost."""
    endless = (
        "class Endless(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x): return x.clone()\n"
        "    @staticmethod\n    def backward(ctx, grad):\n        while True:\n            try:\n                while True: pass\n"
        "            except BaseException: pass\n"
    )
    work.write("SelfAttention", module("x = Endless.apply(x.requires_grad_())", LAZY, before=endless))


@case(outcome="graded", score=FULL, attack="harm", lesson=LESSON)
def torch_saves_over_the_neighbour(work: Work) -> None:
    """`torch.save`, a shared file and the profiler write where they should not."""
    tries(
        work,
        "for t in TARGETS:\n    for write in (lambda: torch.save(torch.ones(2), t + '/canary.txt'),\n"
        "                  lambda: torch.from_file(t + '/canary.txt', shared=True, size=64, dtype=torch.uint8).fill_(0)):\n"
        "        try: write()\n        except BaseException: pass",
    )


@case(outcome="graded", score=FULL, attack="harm", lesson=LESSON)
def torch_changes_for_everybody(work: Work) -> None:
    """Threads, default type and gradients are set otherwise after all answers: the next shell starts as it was."""
    work.add(
        "torch.set_num_threads(3); torch.set_grad_enabled(False); torch.set_default_dtype(torch.float16)"
    )
