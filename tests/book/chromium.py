"""A headless Chromium, driven by the DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import websocket

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-port=0",
]


def find() -> str | None:
    """Return the path of Chromium, if it is on the PATH."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


class Browser:
    """One page in a fresh profile; use it as a context manager."""

    def __enter__(self) -> Browser:
        program = find()
        if program is None:
            raise FileNotFoundError("Chromium is not on the PATH.")
        self._folder = tempfile.TemporaryDirectory(
            prefix="fdl-browser-", ignore_cleanup_errors=True
        )
        self._process = subprocess.Popen(
            [
                program,
                *FLAGS,
                f"--user-data-dir={self._folder.name}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_socket"):
            self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _connect(self) -> None:
        told = Path(self._folder.name) / "DevToolsActivePort"
        limit = time.monotonic() + 30
        while not (told.exists() and "\n" in told.read_text()):
            if time.monotonic() > limit or self._process.poll() is not None:
                raise RuntimeError("Chromium did not start.")
            time.sleep(0.05)
        port = int(told.read_text().split("\n")[0])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [p for p in json.load(answer) if p["type"] == "page"]
        self._socket = websocket.create_connection(
            pages[0]["webSocketDebuggerUrl"],
            suppress_origin=True,
            timeout=60,
            http_no_proxy=["127.0.0.1"],
        )
        self._ids = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        self.first = 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        number = next(self._ids)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            if "method" in message:
                self.events.append(message)

    def evaluate(self, script: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        answer = self.call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def size(self, width: int, height: int) -> None:
        """Take the size of a screen; narrow ones are phones."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def colours(self, scheme: str) -> None:
        """Prefer "light" or "dark"."""
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def open(self, url: str) -> None:
        """Open a page and wait until its figures and its maths are there."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        limit = time.monotonic() + 60
        while not any(
            e["method"] == "Page.loadEventFired" for e in self.events
        ):
            if time.monotonic() > limit:
                raise TimeoutError(f"{url} did not load.")
            self.evaluate("0")
            time.sleep(0.02)
        self.first = len(self.events)  # what came before anyone scrolled
        self.evaluate(
            """(async () => {
              for (const i of document.images) i.loading = 'eager';
              if (window.MathJax && MathJax.startup)
                await MathJax.startup.promise;
              await Promise.all([...document.images].map(i => i.complete ||
                new Promise(done => { i.onload = i.onerror = done; })));
              await document.fonts.ready;
              await new Promise(done => requestAnimationFrame(done));
            })()"""
        )

    def problems(self) -> list[str]:
        """Return what the page has logged as an error."""
        found = []
        for event in self.events:
            params = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                found.append(
                    details.get("exception", {}).get("description")
                    or details["text"]
                )
            elif event["method"] == "Log.entryAdded":
                if params["entry"]["level"] in ("error", "warning"):
                    entry = params["entry"]
                    found.append(f"{entry['text']} {entry.get('url', '')}")
            elif event["method"] == "Runtime.consoleAPICalled":
                if params["type"] in ("error", "assert", "warning"):
                    found.append(str(params["args"]))
            elif event["method"] == "Network.loadingFailed":
                found.append(f"{params['errorText']} ({params['type']})")
        return found

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for."""
        return [
            e["params"]["request"]["url"]
            for e in self.events
            if e["method"] == "Network.requestWillBeSent"
        ]

    def screenshot(self, path: Path | str, full: bool = False) -> None:
        """Save a picture of the page, all of it with `full`."""
        options: dict[str, Any] = {"format": "png"}
        if full:
            box = self.call("Page.getLayoutMetrics")["cssContentSize"]
            options["captureBeyondViewport"] = True
            options["clip"] = {**box, "scale": 1}
        picture = self.call("Page.captureScreenshot", **options)["data"]
        Path(path).write_bytes(base64.b64decode(picture))
