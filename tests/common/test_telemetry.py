"""What identifies a process in its telemetry, as a receiver and a scraper see it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

POD = "k8s.pod.name=groundwork-gateway-0,k8s.namespace.name=rag,k8s.node.name=node-1"
PROCESS = """
import sys
from prometheus_client import generate_latest
from rag_common.telemetry import setup_telemetry, timed

stop = setup_telemetry("gateway", sys.argv[1])
with timed("a step"):
    pass
print(generate_latest().decode())
stop()
"""


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP receiver's address, and the bodies that it is sent."""
    bodies: list[bytes] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Keep) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


def test_the_pod_stands_in_every_span_and_in_the_metrics() -> None:
    with receiver() as (url, bodies):
        metrics = subprocess.run(
            [sys.executable, "-c", PROCESS, url],
            env=os.environ | {"OTEL_RESOURCE_ATTRIBUTES": POD},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    (sent,) = (ExportTraceServiceRequest.FromString(body).resource_spans[0] for body in bodies)
    attributes = {pair.key: pair.value.string_value for pair in sent.resource.attributes}
    assert attributes["service.name"] == "gateway"
    assert attributes["k8s.pod.name"] == "groundwork-gateway-0"
    assert attributes["k8s.node.name"] == "node-1"
    (target,) = (line for line in metrics.splitlines() if line.startswith("target_info{"))
    assert 'k8s_pod_name="groundwork-gateway-0"' in target
    assert 'service_name="gateway"' in target
