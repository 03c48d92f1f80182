"""Negative control: a server that misbehaves in every way we could think of.

The rule: a transfer that breaks leaves a file to resume; a wrong answer and
a full disk leave nothing.
"""

import functools
import os
import socket
import threading
import time

import pytest

from data.conftest import send, start_of
from data.test_archives import full_disk
from fdl.data import download
from fdl.data.download import Network, Unavailable
from fdl.errors import ChecksumError, DataError

SIZE = 300_000
BODY = os.urandom(SIZE)


@pytest.fixture
def part(tmp_path):
    return tmp_path / "x.part"


def get(url, part, size=SIZE, network=None):
    network = network or Network()
    return download.download(url, part, size, network, progress=False)


@pytest.mark.parametrize("size", [len(BODY), None])
def test_a_file_comes_whole(server, part, size):
    server.routes["/x"] = BODY
    assert get(server.url + "x", part, size) is False
    assert part.read_bytes() == BODY
    assert server.asked == [("/x", None)]


def test_what_is_there_is_not_asked_for_again(server, part):
    server.routes["/x"] = BODY
    part.write_bytes(BODY[:1000])
    assert get(server.url + "x", part) is True
    assert part.read_bytes() == BODY
    assert server.asked == [("/x", "bytes=1000-")]


def test_a_complete_part_asks_nobody(server, part):
    part.write_bytes(BODY)
    assert get(server.url + "x", part) is True
    assert server.asked == []


def test_a_part_that_is_too_long_starts_anew(server, part):
    server.routes["/x"] = BODY
    part.write_bytes(BODY + b"more")
    assert get(server.url + "x", part) is False
    assert part.read_bytes() == BODY
    assert server.asked == [("/x", None)]


def test_a_server_that_ignores_range_starts_anew(server, part):
    server.routes["/x"] = functools.partial(send, body=BODY, ranges=False)
    part.write_bytes(b"y" * 1000)
    assert get(server.url + "x", part) is False
    assert part.read_bytes() == BODY
    assert server.asked == [("/x", "bytes=1000-")]


def test_a_server_that_gives_another_range_is_left(server, part):
    def answer(handler):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 0-9/{len(BODY)}")
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.write(BODY[:10])

    server.routes["/x"] = answer
    part.write_bytes(BODY[:1000])
    with pytest.raises(Unavailable, match="wrong range 'bytes 0-9/300000'"):
        get(server.url + "x", part)
    assert part.read_bytes() == BODY[:1000]


def test_a_broken_transfer_goes_on_where_it_broke(server, part):
    def answer(handler):
        send(handler, BODY, upto=start_of(handler) + 70_000)

    server.routes["/x"] = answer
    assert get(server.url + "x", part) is True
    assert part.read_bytes() == BODY
    starts = ["bytes=70000-", "bytes=140000-", "bytes=210000-"]
    asked = [ask for _, ask in server.asked]
    assert asked == [None, *starts, "bytes=280000-"]


def test_a_transfer_that_never_gets_on_is_given_up(server, part):
    server.routes["/x"] = functools.partial(send, body=BODY, upto=500)
    with pytest.raises(Unavailable, match="broke off after 500 of 300,000"):
        get(server.url + "x", part)
    assert part.read_bytes() == BODY[:500]  # to go on with another day
    assert len(server.asked) == download.TRIES


def test_a_refused_range_starts_anew(server, part):
    server.routes["/x"] = BODY
    part.write_bytes(BODY + b"more")
    assert get(server.url + "x", part, size=None) is False
    assert part.read_bytes() == BODY
    asked = [ask for _, ask in server.asked]
    assert asked == [f"bytes={len(BODY) + 4}-", None]


@pytest.mark.parametrize("size", [len(BODY) - 1, len(BODY) + 1])
def test_another_size_is_noticed_before_the_transfer(server, part, size):
    server.routes["/x"] = BODY
    with pytest.raises(ChecksumError, match="x has 300,000 bytes; the catal"):
        get(server.url + "x", part, size)
    assert not part.exists()


def test_more_than_promised_is_cut_off(server, part):
    def answer(handler):  # no length: only the end of the line ends it
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(BODY)

    server.routes["/x"] = answer
    with pytest.raises(ChecksumError, match="more than the 200,000 bytes"):
        get(server.url + "x", part, 200_000)
    assert not part.exists()


@pytest.mark.parametrize("code", [403, 404, 500, 503])
def test_a_refusal_is_told_with_its_number(server, part, code):
    server.routes["/x"] = lambda handler: handler.send_error(code)
    part.write_bytes(BODY[:10])
    with pytest.raises(Unavailable, match=f"x: HTTP {code} "):
        get(server.url + "x", part)
    assert part.read_bytes() == BODY[:10]
    assert len(server.asked) == 1


def test_a_web_page_is_not_a_file(server, part):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.end_headers()
        handler.wfile.write(b"please log in")

    server.routes["/x"] = answer
    with pytest.raises(Unavailable, match="answered with a web page"):
        get(server.url + "x", part)
    assert not part.exists()


def test_a_redirect_is_followed(server, part):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", server.url + "y")
        handler.end_headers()

    server.routes.update({"/x": answer, "/y": BODY})
    get(server.url + "x", part)
    assert part.read_bytes() == BODY


def test_a_host_that_accepts_and_is_silent_is_given_up(
    server, part, monkeypatch
):
    monkeypatch.setattr(download, "READ_SECONDS", 0.2)
    server.routes["/x"] = lambda handler: server.stop_hanging.wait(20)
    network = Network()
    begin = time.monotonic()
    for _ in range(3):
        with pytest.raises(Unavailable, match="no answer in time"):
            get(server.url + "x", part, network=network)
    assert time.monotonic() - begin < 5
    assert len(server.asked) == 1  # and is not asked again by this errand
    assert not part.exists()
    with pytest.raises(Unavailable):
        get(server.url + "x", part)
    assert len(server.asked) == 2  # but by the next


def test_silence_within_a_transfer_breaks_it(server, part, monkeypatch):
    monkeypatch.setattr(download, "READ_SECONDS", 0.2)
    calls = []

    def answer(handler):
        calls.append(handler)
        if len(calls) > 1:
            send(handler, BODY)
            return
        send(handler, BODY, upto=100_000)
        server.stop_hanging.wait(20)

    server.routes["/x"] = answer
    assert get(server.url + "x", part) is True
    assert part.read_bytes() == BODY
    assert server.asked == [("/x", None), ("/x", "bytes=100000-")]


def test_a_trickle_is_given_up(server, part, monkeypatch):
    monkeypatch.setattr(download, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(download, "TRIES", 2)
    trickle = functools.partial(send, body=BODY, pause=0.02, step=5)
    server.routes["/x"] = trickle
    begin = time.monotonic()
    with pytest.raises(Unavailable, match="slowed to a stop"):
        get(server.url + "x", part)
    assert time.monotonic() - begin < 5
    assert BODY.startswith(part.read_bytes())


def test_a_closed_port_is_told_at_once(part):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        network = Network()
        with pytest.raises(Unavailable, match="127.0.0.1:.* refused"):
            get(url, part, network=network)
        assert len(network.down) == 1


def test_a_name_look_up_that_hangs_is_given_up(part, monkeypatch):
    over = threading.Event()

    def hang(*args):
        over.wait(20)
        return []

    monkeypatch.undo()  # the fixture's own look-up is in the way
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(download.socket, "getaddrinfo", hang)
    begin = time.monotonic()
    with pytest.raises(Unavailable, match="a.invalid: no answer in time"):
        get("http://a.invalid/x", part)
    assert time.monotonic() - begin < 5
    over.set()


@pytest.mark.parametrize("answers", [False, True])
def test_when_hosts_are_silent_the_rest_are_not_waited_for(
    server, part, monkeypatch, answers
):
    here = download._look_up
    asked = []

    def look_up(host, *more):
        asked.append(host)
        if host == "127.0.0.1":
            return here(host, *more)
        raise socket.timeout("no address in time")

    monkeypatch.setattr(download, "_look_up", look_up)
    network = Network()
    if answers:  # then it is the hosts' fault, not the network's
        with pytest.raises(Unavailable, match="HTTP 404"):
            get(server.url + "x", part, network=network)
    asked.clear()
    for host in ("a.invalid", "a.invalid", "b.invalid", "c.invalid"):
        with pytest.raises(Unavailable, match=f"{host}: no"):
            get(f"http://{host}/x", part, network=network)
    assert asked == ["a.invalid", "b.invalid", *["c.invalid"] * answers]


def test_all_addresses_of_a_host_share_one_time_limit(part, monkeypatch):
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.3)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        # a backlog that is full swallows further requests to connect
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(place)
        answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "", place)
        monkeypatch.setattr(download, "_look_up", lambda *args: [answer] * 50)
        begin = time.monotonic()
        with pytest.raises(Unavailable, match="no answer in time"):
            get(f"http://127.0.0.1:{place[1]}/x", part)
        assert time.monotonic() - begin < 3
        for filler in fillers:
            filler.close()


def test_the_second_address_is_tried_when_the_first_refuses(
    server, part, monkeypatch
):
    server.routes["/x"] = BODY
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        places = [taken.getsockname(), ("127.0.0.1", server.server_port)]
        monkeypatch.setattr(
            download,
            "_look_up",
            lambda *args: [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", place)
                for place in places
            ],
        )
        get("http://two.example/x", part)
    assert part.read_bytes() == BODY


@pytest.mark.parametrize("after", [0, 100_000])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    server, part, monkeypatch, after
):
    server.routes["/x"] = BODY
    full_disk(monkeypatch, after)
    with pytest.raises(DataError, match="x.part: the disk is full; `FDL_DA"):
        get(server.url + "x", part)
    assert not part.exists()
    assert len(server.asked) == 1


def test_a_disk_that_is_full_only_on_closing_leaves_nothing(
    server, part, monkeypatch
):
    import errno

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    server.routes["/x"] = BODY
    with pytest.raises(DataError, match="the disk is full"):
        get(server.url + "x", part)
    assert not part.exists()


def test_a_folder_that_cannot_be_written_is_named(server, tmp_path):
    server.routes["/x"] = BODY
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file cannot take x.part: "):
        get(server.url + "x", tmp_path / "file" / "x.part")


def test_the_bar_goes_to_stderr(server, part, capsys):
    server.routes["/x"] = BODY
    download.download(
        server.url + "x", part, len(BODY), Network(), True, "toy/x"
    )
    out, err = capsys.readouterr()
    assert out == ""
    assert "toy/x: 100%" in err
    assert "300k/300k" in err


def test_an_address_of_another_kind_is_refused(part, tmp_path):
    (tmp_path / "x").write_bytes(BODY)
    for url in ("no-address", "gopher://127.0.0.1/x"):
        with pytest.raises(Unavailable):
            get(url, part)
