"""One file from one address, without ever trusting the network.

`download` fills a ``.part`` file. It resumes what an earlier try left, copes
with servers that ignore ``Range``, gives up on servers that hang, and leaves
the checking of hashes to its caller.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, BinaryIO, Optional

from tqdm import tqdm

from fdl.data._disk import disk_errors, size_of, writing
from fdl.errors import ChecksumError, DataError

__all__ = ["Network", "Unavailable", "download"]

CONNECT_SECONDS = 10.0  # name look-up and all addresses of a host together
READ_SECONDS = 15.0  # the longest silence inside a transfer
SILENT_HOSTS = 2  # after so many, and no other, there is no network
STALL_SECONDS = 60.0  # a slower transfer than STALL_BYTES in this time ends
STALL_BYTES = 64 * 1024
TRIES = 4  # transfers in a row that break without headway
PAUSE_SECONDS = 0.5  # before a broken transfer is taken up again
CHUNK = 1 << 16


class Unavailable(DataError):
    """No place that was tried could hand the file over.

    Who catches `DataError` catches it, too.

    Examples
    --------
    >>> from fdl.errors import DataError
    >>> issubclass(Unavailable, DataError)
    True
    """


class _Broken(Exception):
    """The transfer broke off; what came so far is good to resume."""


class Network:
    """What one fetch has learnt about the hosts it asked.

    A host that could not be reached once is not asked again by the same
    fetch, and when several were silent and none answered, no other host is
    asked either: a machine without a network waits seconds, not minutes.

    Attributes
    ----------
    down : dict
        Host to the reason why it is left out.

    Examples
    --------
    >>> network = Network()
    >>> network.down["example.org"] = "no answer in time"
    >>> network.open("https://example.org/digits.gz", 0)
    Traceback (most recent call last):
    fdl.data.download.Unavailable: example.org: no answer in time
    """

    def __init__(self) -> None:
        self.down: dict[str, str] = {}
        self._silent = 0
        self._answered = False
        self._opener: Optional[urllib.request.OpenerDirector] = None

    def open(self, url: str, start: int) -> Any:
        """Return an open response to a request from byte `start` on."""
        host = urllib.parse.urlsplit(url).netloc
        if host in self.down:
            raise Unavailable(f"{host}: {self.down[host]}")
        if self._silent >= SILENT_HOSTS and not self._answered:
            raise Unavailable(f"{host}: not asked, as no host answers")
        if self._opener is None:
            context = ssl.create_default_context()
            self._opener = urllib.request.build_opener(
                _Handler, _SecureHandler(context)
            )
        headers = {"User-Agent": "fdl", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            request = urllib.request.Request(url, headers=headers)
            response = self._opener.open(request, timeout=CONNECT_SECONDS)
            self._answered = True
            return response
        except urllib.error.HTTPError:
            self._answered = True
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            said = getattr(reason, "strerror", None) or str(reason)
            if _timed_out(reason):
                said = "no answer in time"
                self._silent += 1
            self.down[host] = said or type(reason).__name__
            raise Unavailable(f"{host}: {self.down[host]}") from error


def _timed_out(reason: object) -> bool:
    return isinstance(reason, (socket.timeout, TimeoutError))


def _look_up(host: str, port: int, seconds: float) -> list[Any]:
    # getaddrinfo knows no time-out, so it is waited for from outside
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except OSError as error:
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise socket.timeout(f"no address for {host} in time")
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def _connect(
    address: tuple[str, int], timeout: Any = None, source: Any = None
) -> socket.socket:
    """Connect to the first address that answers, all in one time limit."""
    limit = timeout if isinstance(timeout, (int, float)) else CONNECT_SECONDS
    end = time.monotonic() + limit
    failure: OSError = socket.timeout("no address answered in time")
    for family, kind, protocol, _, place in _look_up(*address, limit):
        left = end - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left)
            sock.connect(place)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(limit)
            return sock
    raise failure


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self._create_connection = _connect
        super().connect()
        self.sock.settimeout(READ_SECONDS)


class _SecureConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        self._create_connection = _connect
        super().connect()
        self.sock.settimeout(READ_SECONDS)


class _Handler(urllib.request.HTTPHandler):
    def http_open(self, request: Any) -> Any:
        return self.do_open(_Connection, request)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._ours = context

    def https_open(self, request: Any) -> Any:
        return self.do_open(
            _SecureConnection,
            request,
            context=self._ours,
        )


def download(
    url: str,
    part: Path,
    size: Optional[int],
    network: Network,
    progress: bool = True,
    label: str = "",
) -> bool:
    """Fill `part` from `url`, going on where an earlier try stopped.

    Parameters
    ----------
    url : str
        Address; http or https.
    part : Path
        The unfinished file. It stays when the transfer breaks, and goes when
        the disk is full or the server has another file.
    size : int or None
        Bytes that the file must have, as far as known.
    network : Network
        What is known about the hosts.
    progress : bool
        Draw a progress bar on stderr.
    label : str
        What the bar is called.

    Returns
    -------
    bool
        Whether the file was put together from more than one try.

    Raises
    ------
    Unavailable
        If the host cannot be reached, says no, or keeps breaking off.
    ChecksumError
        If the server's file has another size than `size`.
    DataError
        If the file cannot be written.

    Examples
    --------
    >>> url, part = "https://example.org/letters.txt", Path("letters.part")
    >>> _ = part.write_bytes(b"abc")
    >>> download(url, part, 3, Network())  # all is there: nobody is asked
    True
    """
    resumed = size_of(part) > 0
    if size is not None and size_of(part) > size:
        part.unlink()
        resumed = False
    failures = 0
    while size is None or size_of(part) != size:
        before = size_of(part)
        try:
            again = _transfer(url, part, size, network, progress, label)
            return resumed and again
        except _Broken as error:
            resumed = size_of(part) > 0
            headway = size_of(part) - before >= STALL_BYTES
            failures = 1 if headway else failures + 1
            if failures >= TRIES:
                raise Unavailable(f"{url}: {error}") from error
            time.sleep(PAUSE_SECONDS)
    return resumed


def _transfer(
    url: str,
    part: Path,
    size: Optional[int],
    network: Network,
    progress: bool,
    label: str,
) -> bool:
    start = size_of(part)
    try:
        response = network.open(url, start)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:
            # the server has less than we do, so ours is not its file
            part.unlink()
            raise _Broken("the server refused to resume") from error
        raise Unavailable(
            f"{url}: HTTP {error.code} {error.reason}"
        ) from error
    with response:
        start = _begin(response, url, start)
        total = _announced(response, start)
        if size is not None and total not in (None, size):
            with contextlib.suppress(OSError):
                part.unlink()
            raise ChecksumError(
                f"{url} has {total:,} bytes; the catalog says {size:,}."
            )
        bar = tqdm(
            total=size or total,
            initial=start,
            unit="B",
            unit_scale=True,
            desc=label or part.name,
            disable=not progress,
        )
        mode = "r+b" if start else "wb"
        with bar, writing(part, mode, sync=True) as handle:
            got = _copy(response, handle, part, start, size, bar)
    expected = size if size is not None else total
    if expected is not None and got < expected:
        raise _Broken(f"broke off after {got:,} of {expected:,} bytes")
    return start > 0


def _begin(response: Any, url: str, start: int) -> int:
    """Return the byte that the body really starts at: `start` or 0."""
    if response.headers.get_content_type() == "text/html":
        # a login page or a proxy's error, not one of our files
        raise Unavailable(f"{url}: answered with a web page")
    if response.status == 206:
        span = response.headers.get("Content-Range", "")
        match = re.match(r"bytes (\d+)-", span)
        if match and int(match[1]) == start:
            return start
        raise Unavailable(f"{url}: answered with the wrong range {span!r}")
    return 0


def _announced(response: Any, start: int) -> Optional[int]:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else None


def _copy(
    response: Any,
    handle: BinaryIO,
    part: Path,
    got: int,
    size: Optional[int],
    bar: Any,
) -> int:
    with disk_errors(part):
        handle.seek(got)
    since, mark = time.monotonic(), got
    while True:
        try:
            chunk = response.read1(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            said = "silence" if _timed_out(error) else str(error)
            raise _Broken(f"broke off after {got:,} bytes: {said}") from error
        if not chunk:
            return got
        got += len(chunk)
        if size is not None and got > size:
            part.unlink()
            raise ChecksumError(
                f"{response.url} has more than the {size:,} bytes that the "
                "catalog says."
            )
        with disk_errors(part):
            handle.write(chunk)
        bar.update(len(chunk))
        now = time.monotonic()
        if now - since > STALL_SECONDS:
            if got - mark < STALL_BYTES:
                raise _Broken(f"slowed to a stop after {got:,} bytes")
            since, mark = now, got
