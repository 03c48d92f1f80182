"""Known values: what becomes of a cell's outputs, and of its kernel."""

from __future__ import annotations

import signal
import subprocess

import nbformat

from fdl.book.kernel import Kernels, tidy


def text(words: str, name: str = "stdout") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name=name, text=words)


def picture() -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", {"text/plain": "a picture"})


def read(outputs: list[nbformat.NotebookNode]) -> list[str]:
    return [output.get("text", "a picture") for output in outputs]


def test_a_line_sent_in_pieces_is_one_line() -> None:
    pieces = [text("a network"), text(" with 24 "), text("weights\n")]
    assert read(tidy(pieces)) == ["a network with 24 weights\n"]


def test_what_is_between_texts_stays_between_them() -> None:
    outputs = [text("before\n"), picture(), text("after\n"), picture()]
    assert read(tidy(outputs)) == [
        "before\n",
        "a picture",
        "after\n",
        "a picture",
    ]


def test_the_two_streams_stay_apart() -> None:
    outputs = [text("a\n"), text("oh\n", "stderr"), text("b\n")]
    assert read(tidy(outputs)) == ["a\n", "oh\n", "b\n"]


def test_chatter_between_two_pieces_does_not_part_them() -> None:
    noise = "[10:11:12] src/operator/x.cc:7: hello developer\n"
    outputs = [text("a "), text(noise, "stderr"), text("line\n")]
    assert read(tidy(outputs)) == ["a line\n"]


def test_no_kernel_outlives_the_build() -> None:
    kernels = Kernels()

    def started() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        kernels.add(process.pid)
        return process

    first, second = started(), started()
    kernels.remove(first.pid)
    assert first.wait(10) == -signal.SIGKILL
    assert kernels.pids == {second.pid}
    assert second.poll() is None
    kernels.stop()
    assert second.wait(10) == -signal.SIGKILL
    assert started().wait(10) == -signal.SIGKILL  # one that came too late
