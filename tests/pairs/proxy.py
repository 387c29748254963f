# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy between the pipeline and a server: cuts connections, or lets nothing through."""
import socket
import struct
import threading

CHUNK = 64 << 10
NOW = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Proxy:
    """Runs on a free loopback port until close(). `target`: (host, port), set when it is known."""

    def __init__(self):
        self.target = None
        self.lock = threading.Lock()
        self.open = set()
        self.flowing = threading.Event()
        self.flowing.set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                end(client)
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open |= {client, server}
            for giver, taker in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(giver, taker), daemon=True).start()

    def pump(self, giver, taker):
        try:
            while data := giver.recv(CHUNK):
                self.flowing.wait()
                taker.sendall(data)
        except OSError:
            pass
        with self.lock:
            self.open -= {giver, taker}
        end(giver)
        end(taker)

    def cut(self):
        """Resets every connection; new ones are taken. How many there were."""
        with self.lock:
            ended, self.open = self.open, set()
        for one in ended:
            end(one)
        return len(ended) // 2

    def freeze(self):
        """From now on nothing comes through, in either direction, until thaw()."""
        self.flowing.clear()

    def thaw(self):
        self.flowing.set()

    def close(self):
        end(self.listener)
        self.thaw()
        self.cut()


def end(connection):
    """Wakes whoever reads it, too."""
    for ending in (lambda: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW),
                   lambda: connection.shutdown(socket.SHUT_RDWR), connection.close):
        try:
            ending()
        except OSError:
            pass
