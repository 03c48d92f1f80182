"""A web server of our own, and a store that sees nothing else."""

import hashlib
import http.server
import re
import threading
import time

import pytest

from fdl.data import checksums, download, sets
from fdl.data.catalog import Copy, Entry, File


class Server(http.server.ThreadingHTTPServer):
    """Serves `routes`: path to bytes, or to a function of the handler."""

    daemon_threads = True

    def __init__(self):
        self.routes = {}
        self.asked = []  # (path, Range header or None)
        self.stop_hanging = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request, client_address):
        pass  # clients of these tests hang up on purpose


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.asked.append((self.path, asked))
        answer = self.server.routes.get(self.path)
        if answer is None:
            self.send_error(404)
        elif callable(answer):
            answer(self)
        else:
            send(self, answer)

    def log_message(self, *args):
        pass


def start_of(handler):
    match = re.match(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    return int(match[1]) if match else 0


def send(handler, body, ranges=True, upto=None, pause=0.0, step=1 << 16):
    """Answer with `body`, cutting the line after `upto` bytes of it."""
    start = start_of(handler) if ranges else 0
    if start and start >= len(body):
        handler.send_error(416)
        return
    handler.send_response(206 if start else 200)
    if start:
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        handler.send_header("Content-Range", span)
    handler.send_header("Content-Length", str(len(body) - start))
    handler.end_headers()
    end = len(body) if upto is None else min(upto, len(body))
    for place in range(start, end, step):
        handler.wfile.write(body[place : min(place + step, end)])
        if pause:
            handler.wfile.flush()
            if handler.server.stop_hanging.wait(pause):
                return


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.stop_hanging.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """An empty cache, no mirror, no proxy, and no way out of the machine."""
    monkeypatch.setenv("FDL_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(sets, "_used", {})
    monkeypatch.setattr(sets, "_told", set())
    monkeypatch.setattr(checksums, "_known", {})
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
    look_up = download._look_up

    def only_here(host, port, seconds):
        if host != "127.0.0.1":
            raise OSError(f"{host} is outside of this test")
        return look_up(host, port, seconds)

    monkeypatch.setattr(download, "_look_up", only_here)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def md5(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def make_file(path, data, *urls, **more):
    return File(path, len(data), "", sha256(data), urls, **more)


def make_entry(*files, name="toy", **more):
    if files:
        more["copies"] = (Copy("plain", "official", files),)
    more.setdefault("reader", "toys:read")
    return Entry(name=name, title="a toy", licence="none", **more)


def files_in(folder):
    """Relative paths of all files but the locks."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    )


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
