"""What the grader keeps of what a shell sends."""

import pytest
from fixtures.fuzzed_replies import Reply, frames_of, packed

from autograder.asking import Answer, Call, Failure


def test_all_answers_to_one_request_have_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer may be large; hundreds of large ones would have filled the grader's memory."""
    import numpy as np

    monkeypatch.setattr("autograder.shell_client.MOST_KEPT", 1000)
    answers = [Answer(np.zeros(size)) for size in (100, 50, 10, 1)]  # of 8 bytes each
    shell = Reply(b"".join(packed(frame) for frame in frames_of(answers)))
    kept = shell.ask("softmax", [("softmax", "a", n) for n in range(4)], 1.0)
    shell.stop()
    assert [each and each.value.size for each in kept] == [100, None, 10, 1]


def test_the_first_readable_answer_to_a_question_counts() -> None:
    frames = frames_of([Answer("a"), Answer("b", Failure("error", "E", "no"), [Call({}, None)])])
    (first, _), (second, _), done = frames
    unreadable = first | {"answer": {"plain": 3}}
    sent = [(unreadable, []), (first, []), (second | {"number": 0}, []), (second | {"number": 2}, []), done]
    shell = Reply(b"".join(packed(frame) for frame in sent))
    kept = shell.ask("softmax", [("softmax", "a", 0), ("softmax", "a", 1)], 1.0)
    shell.stop()
    assert kept[0] is not None and kept[0].value == "a" and kept[1] is None
