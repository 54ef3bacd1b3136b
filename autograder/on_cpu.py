"""`.cuda()` in an answer: where there is no GPU, the answer is computed on the CPU instead of failing."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def on_cpu() -> AbstractContextManager[Any]:
    """While this is open, torch takes "cuda" and "mps" for "cpu"; nothing where torch is not imported."""
    if "torch" not in sys.modules:
        return nullcontext()
    import torch
    from torch.overrides import TorchFunctionMode

    def here(value: Any) -> Any:
        named = value if isinstance(value, str) else value.type if isinstance(value, torch.device) else ""
        return torch.device("cpu") if named.startswith(("cuda", "mps")) else value

    class OnCpu(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if function is torch.Tensor.cuda:
                return args[0]
            named = {name: here(value) for name, value in (kwargs or {}).items()}
            return function(*(map(here, args) if function is torch.Tensor.to else args), **named)

    return OnCpu()
