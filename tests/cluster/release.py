"""One installed release: Helm's commands, kubectl in its namespace, and questions to its gateway."""

import base64
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.cluster.cluster import REPORT, ROOT, Cluster

Json = dict[str, Any]
NAME = "rag"
PROFILE = ROOT / "helm/profiles/cpu.yaml"
PATIENCE = "10m"
PATIENCE_S = 660
FACT = "The ferry to Quelvane leaves from pier seventeen at dawn."
QUESTION = "From which pier does the ferry to Quelvane leave?"


@dataclass(frozen=True)
class Release:
    """A release of the packaged umbrella chart."""

    cluster: Cluster
    package: Path
    namespace: str
    values: Path

    def helm(self, *words: str, ok: bool = True) -> str:
        """Helm's output; with `ok=False` that of a command that must fail."""
        done = self.cluster.run("helm", *words, "--namespace", self.namespace, timeout_s=PATIENCE_S)
        assert (done.returncode == 0) == ok, (
            f"helm {' '.join(words)}: {done.stdout[-1500:]}{done.stderr[-3000:]}"
        )
        return done.stdout + done.stderr

    def bring(self, command: str, *more: str, ok: bool = True) -> str:
        """`helm install` or `helm upgrade` with this test's values, waiting until all is ready."""
        files = [*self.cluster.values, PROFILE, self.values]
        named = [word for file in files for word in ("--values", str(file))]
        return self.helm(
            command, NAME, str(self.package), *named, *more, "--wait", "--timeout", PATIENCE, ok=ok
        )

    def kubectl(self, *words: str, timeout_s: float = 120, text: str | None = None) -> str:
        """kubectl in the release's namespace."""
        return self.cluster.must(
            "kubectl", "--namespace", self.namespace, *words, timeout_s=timeout_s, text=text
        )

    def objects(self, kind: str, *words: str) -> list[Json]:
        """Objects of a kind in the namespace."""
        found: list[Json] = json.loads(self.kubectl("get", kind, "-o", "json", *words))["items"]
        return found

    def pods(self) -> dict[str, Json]:
        """The pods of the release that serve, by component; not those of Jobs, probes, or on their way out."""
        every = self.objects("pods", "-l", f"app.kubernetes.io/instance={NAME}")
        serving = [
            each for each in every if _owner(each) in ("ReplicaSet", "StatefulSet") and not _ends(each)
        ]
        return {each["metadata"]["labels"]["app.kubernetes.io/component"]: each for each in serving}

    def secret(self) -> dict[str, str]:
        """The release's generated passwords and keys."""
        data = json.loads(self.kubectl("get", "secret", f"{NAME}-secrets", "-o", "json"))["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    @contextmanager
    def reached(self, service: str, port: int) -> Iterator[str]:
        """The address of a service through `kubectl port-forward`."""
        here = free_port()
        words = [
            "kubectl",
            "-n",
            self.namespace,
            "port-forward",
            f"service/{NAME}-{service}",
            f"{here}:{port}",
        ]
        process = subprocess.Popen(
            words, env=self.cluster.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for_port(here)
            yield f"http://127.0.0.1:{here}"
        finally:
            process.terminate()
            process.wait(10)

    @contextmanager
    def gateway(self) -> Iterator[httpx.Client]:
        """A client of the public API with the first key."""
        headers = {"Authorization": f"Bearer {self.secret()['bootstrap_key']}"}
        with (
            self.reached("gateway", 8080) as url,
            httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as client,
        ):
            yield client

    def dump(self) -> None:
        """What a person would look at, for after a failure."""
        REPORT.mkdir(parents=True, exist_ok=True)
        for name, words in {
            "pods": ("get", "pods", "-o", "wide"),
            "events": ("get", "events", "--sort-by=.lastTimestamp"),
            "describe": ("describe", "pods"),
            "logs": (
                "logs",
                "-l",
                f"app.kubernetes.io/instance={NAME}",
                "--all-containers",
                "--prefix",
                "--tail=60",
            ),
        }.items():
            done = self.cluster.run("kubectl", "-n", self.namespace, *words)
            (REPORT / f"{name}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")


def _owner(pod: Json) -> str:
    return str(next((each["kind"] for each in pod["metadata"].get("ownerReferences", [])), ""))


def _ends(pod: Json) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def free_port() -> int:
    """A port of loopback that nobody has."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, within_s: float = 20) -> None:
    """Returns once something listens."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"nothing listens on {port}")


def ask(client: httpx.Client, collection: str, question: str = QUESTION) -> Json:
    """One question, not streamed, in the mode that brings quotations and asks the model as well."""
    rag = {"collections": [collection], "answer_mode": "both"}
    body = {"messages": [{"role": "user", "content": question}], "rag": rag}
    response = client.post("/v1/chat/completions", json=body)
    response.raise_for_status()
    reply: Json = response.json()
    return reply


def upload(
    client: httpx.Client, collection: str, data: bytes = FACT.encode(), name: str = "ferry.md"
) -> Json:
    """A document that is searchable when this returns."""
    client.post("/v1/collections", json={"name": collection}).raise_for_status()
    files = {"file": (name, data)}
    accepted = client.post(f"/v1/collections/{collection}/documents", files=files)
    accepted.raise_for_status()
    job = accepted.json()["job_id"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state: Json = client.get(f"/v1/jobs/{job}").json()
        if state["status"] == "succeeded":
            return dict(accepted.json())
        time.sleep(0.5)
    raise AssertionError(f"the document is not searchable: {state}")


def answers_again(release: Release, collection: str, within_s: float = 240) -> Json:
    """The first answer that cites the fact; everything may fail on the way."""
    deadline, last = time.monotonic() + within_s, ""
    while time.monotonic() < deadline:
        try:
            with release.gateway() as client:
                reply = ask(client, collection)
        except (httpx.HTTPError, AssertionError) as error:
            last = repr(error)
        else:
            if reply["rag"]["citations"] and "seventeen" in reply["choices"][0]["message"]["content"]:
                return reply
            last = str(reply)[:500]
        time.sleep(2)
    raise AssertionError(f"no answer within {within_s:.0f} s: {last}")
