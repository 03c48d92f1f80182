"""The built site, shown on this machine."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path
from typing import Callable

from fdl.errors import DataError, must

__all__ = ["serve"]


def serve(
    folder: Path, port: int = 8000, begun: Callable[[int], None] | None = None
) -> None:
    """Serve a folder to this machine alone, until Ctrl-C.

    Parameters
    ----------
    folder : Path
        The built site.
    port : int
        Where; 0 takes a free one.
    begun : function, optional
        Called with the port when the site can be asked for; prints the
        address by default.

    Raises
    ------
    DataError
        If there is no site.
    ValueError
        If another program has the port.

    Examples
    --------
    >>> serve(Path("nowhere"))
    Traceback (most recent call last):
    ...
    fdl.errors.DataError: There is no site yet: make html builds it.
    """
    if not (folder / "index.html").is_file():
        raise DataError("There is no site yet: make html builds it.")
    handler = functools.partial(_Handler, directory=str(folder))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OverflowError:
        raise must("--port", port, "be from 0 to 65535") from None
    except OSError as error:
        raise must(
            "--port",
            port,
            f"be free to take: {error.strerror}; make serve PORT=8001 tries "
            "another",
        ) from None
    with server:
        (begun or _say)(server.server_port)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def _say(port: int) -> None:
    print(
        f"The site is at http://localhost:{port} until you press Ctrl-C.",
        flush=True,
    )


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass  # a line for each file helps nobody
