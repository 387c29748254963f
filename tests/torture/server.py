# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that fails now and then and remembers what it accepted."""
import http.client
import http.server
import random
import threading
import time

POISON = "POISON"  # a record with this in it is refused for ever


class Delivery:
    """Lines that came in one request."""

    def __init__(self, incarnation, lines):
        self.incarnation = incarnation  # of the pipeline: which of its processes sent it
        self.lines = lines
        self.answered = False  # the sender can know that it was accepted


class Sink:
    """What one path accepts."""

    def __init__(self, faults):
        self.faults = faults  # name → probability
        self.deliveries = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def setup(self):
        super().setup()
        self.incarnation = self.server.incarnation
        with self.server.lock:
            self.server.connections += 1

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass
        with self.server.lock:
            self.server.connections -= 1

    def handle(self):
        try:
            super().handle()
        except OSError:  # the sender was killed
            pass

    def log_message(self, *_):
        pass

    def answer(self, status, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()

    def do_GET(self):
        self.answer(204)

    def do_POST(self):
        size = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True
            return
        sink = self.server.sinks[self.path]
        lines = [line for line in body.decode().split("\n") if line]
        fault = self.server.draw(sink.faults)
        if fault == "busy":
            self.answer(503, [("Retry-After", "0")])
        elif fault == "drop":
            self.close_connection = True
        elif any(POISON in line for line in lines):
            self.answer(422)
        else:
            self.accept(sink, lines, fault)

    def accept(self, sink, lines, fault):
        if fault == "slow":
            time.sleep(self.server.random.uniform(0.001, 0.04))
        delivery = Delivery(self.incarnation, lines)
        with self.server.lock:
            sink.deliveries.append(delivery)
        if fault == "forget":  # accepted, but the answer is lost
            self.close_connection = True
            return
        self.answer(200)
        delivery.answered = True

    do_PUT = do_POST


class Server(http.server.ThreadingHTTPServer):
    """Runs on a free port until close()."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed):
        super().__init__(("127.0.0.1", 0), Handler)
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.sinks = {}
        self.incarnation = 0
        self.connections = 0
        self.port = self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def draw(self, faults):
        """The name of a fault, or None."""
        with self.lock:
            at = self.random.random()
        for name, probability in faults.items():
            at -= probability
            if at < 0:
                return name
        return None

    def handle_error(self, request, client_address):
        pass

    def settle(self):
        """Waits until every connection of a killed sender was accepted, read and closed."""
        fence = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        fence.request("GET", "/")  # connections are accepted in order
        fence.getresponse().read()
        fence.close()
        while True:
            with self.lock:
                if self.connections == 0:
                    return
            time.sleep(0.001)

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()
