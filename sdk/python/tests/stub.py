"""A server for tests of the client: it keeps what it was sent, and answers as the test says, which
may be never, or nonsense."""

import json
import socket
import threading
from contextlib import contextmanager

WAIT_S = 30.0


def reply(status, headers="", body="{}"):
    return f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n{headers}\r\n{body}".encode()


TAKEN = reply(202)


class Stub:
    """`answers` are bytes, one for each request, then 202 for ever; None is never answered."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._held = []
        self.batches = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def events(self):
        return [event for batch in self.batches for event in batch["events"]]

    def wait_for(self, requests):
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.batches) >= requests, WAIT_S)
        assert came, f"{len(self.batches)} requests came, not {requests}"

    def close(self):
        self._socket.close()
        for held in self._held:
            held.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            batch = json.loads(_body(connection))
            answer = self._answers.pop(0) if self._answers else TAKEN
            if answer is None:
                self._held.append(connection)
            with self._changed:
                self.batches.append(batch)
                self._changed.notify_all()
            if answer is not None:
                connection.sendall(answer)
                connection.close()


def _body(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    [length] = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    ]
    while len(body) < length:
        body += connection.recv(65536)
    return body


@contextmanager
def stub(*answers):
    server = Stub(*answers)
    try:
        yield server
    finally:
        server.close()


def closed_port():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
