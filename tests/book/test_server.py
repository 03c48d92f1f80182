"""Showing the site: an address, or one sentence. Faults."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from fdl.book.server import serve
from fdl.errors import DataError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<p>the book</p>")
    return tmp_path


def test_without_a_site_it_says_what_to_make(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no site yet: make html builds it"):
        serve(tmp_path)


def test_a_port_that_is_taken_is_one_sentence(site: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ValueError,
            match=rf"`--port` \(={port}\) must be free to take: Address "
            r"already in use; make serve PORT=8001 tries another\.",
        ):
            serve(site, port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_one_sentence(site: Path, port: int) -> None:
    with pytest.raises(ValueError, match=rf"\(={port}\) must be from 0 to"):
        serve(site, port)


def test_the_site_is_there_until_ctrl_c(site: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from fdl.book.server import serve; serve(Path(sys.argv[1]), 0)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(site)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split()[4]
        assert line.endswith(" until you press Ctrl-C.\n")
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.read() == b"<p>the book</p>"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == ("\n", "")
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
