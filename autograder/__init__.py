"""The judge: `check("softmax")` in a notebook, and everything behind `spotlight grade`."""

from autograder.checking import CheckFailed, check, example

__all__ = ["CheckFailed", "check", "example"]
