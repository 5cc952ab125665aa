"""From an empty namespace to cited answers; the files of this folder run in the order of their numbers."""

import json
import re
import subprocess
import time
from datetime import datetime
from pathlib import Path

import httpx
import pytest
import yaml

from tests.cluster.cluster import ROOT, Cluster
from tests.cluster.measured import COLLECTION, MEASURED
from tests.cluster.release import NAME, Json, Release, ask, upload
from tests.gateway.office import docx, paragraph
from tests.helm.rendered import PROFILES, case_values, read_values, render

PARTS = {"gateway", "worker", "embedder", "llm", "feedback", "webapp", "postgres", "collector"}
NOT_TRIED = ("HTTPRoute", "Pod")
"""Its definition may be missing; and the pod of `helm test` wants its account first, and has run for real."""


def test_every_part_is_ready_and_never_restarted(release: Release) -> None:
    pods = release.pods()
    assert set(pods) == PARTS
    for name, pod in pods.items():
        statuses = pod["status"]["containerStatuses"]
        assert all(status["ready"] and status["restartCount"] == 0 for status in statuses), name
        MEASURED[f"start of {name}"] = stages(pod)


def stages(pod: Json) -> dict[str, float]:
    """Seconds from the pod's creation until it was scheduled, its init containers were done, and it was ready."""
    began = _time(pod["metadata"]["creationTimestamp"])
    when = {each["type"]: _time(each["lastTransitionTime"]) for each in pod["status"]["conditions"]}
    wanted = {"scheduled_s": "PodScheduled", "initialised_s": "Initialized", "ready_s": "Ready"}
    return {name: (when[kind] - began).total_seconds() for name, kind in wanted.items()}


def test_the_stages_of_a_models_start_are_in_its_log(release: Release) -> None:
    log = release.kubectl("logs", f"deployment/{NAME}-llm", "-c", "llm")
    took = {
        "weights_s": re.search(r"Loading weights took ([\d.]+) seconds", log),
        "warm_up_s": re.search(r"init engine \(.*warmup model\) took ([\d.]+) s", log),
    }
    status = release.pods()["llm"]["status"]
    began = _time(status["containerStatuses"][0]["state"]["running"]["startedAt"])
    ready = next(
        _time(each["lastTransitionTime"]) for each in status["conditions"] if each["type"] == "Ready"
    )
    MEASURED["stages of llm"] = {name: float(found[1]) for name, found in took.items() if found} | {
        "whole_s": (ready - began).total_seconds()
    }
    assert all(took.values())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_no_pod_holds_a_token(release: Release) -> None:
    for pod in release.pods().values():
        mounts = [mount["mountPath"] for each in pod["spec"]["containers"] for mount in each["volumeMounts"]]
        assert "/var/run/secrets/kubernetes.io/serviceaccount" not in mounts


def test_which_postgres_ran_is_said(release: Release) -> None:
    image = release.pods()["postgres"]["spec"]["containers"][0]["image"]
    MEASURED["postgres image"] = image.rpartition("/")[2].partition(":")[0]
    assert release.kubectl("exec", f"{NAME}-postgres-0", "--", "postgres", "--version").startswith(
        "postgres (PostgreSQL)"
    )


def test_images_hold_the_list_of_authorities_that_a_database_elsewhere_is_checked_by(
    release: Release,
) -> None:
    size = "import os; print(os.path.getsize('/etc/ssl/certs/ca-certificates.crt'))"
    for part in ("gateway", "worker", "feedback"):
        assert (
            int(release.kubectl("exec", f"deployment/{NAME}-{part}", "-c", part, "--", "python", "-c", size))
            > 0
        )


def test_helm_test_asks_a_real_question(release: Release) -> None:
    said = release.helm("test", NAME, "--logs")
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    checks = {line["check"]: line["ok"] for line in lines if "check" in line}
    assert {"upload", "searchable", "ask", "citation", "trace", "feedback", "removed"} <= set(checks)
    assert all(checks.values()) and lines[-1]["verdict"] == "passed"


def test_an_answer_is_cited_over_http(release: Release) -> None:
    with release.gateway() as client:
        started = time.monotonic()
        reply = ask(client, COLLECTION)
    MEASURED["an_answer_s"] = round(time.monotonic() - started, 2)
    assert "seventeen" in reply["choices"][0]["message"]["content"]
    assert reply["usage"]["completion_tokens"] > 0
    assert reply["rag"]["citations"] and re.fullmatch("[0-9a-f]{32}", reply["rag"]["trace_id"])


def test_a_word_file_is_read_by_a_confined_process_of_the_restricted_pod(release: Release) -> None:
    with release.gateway() as client:
        upload(client, "office", docx(paragraph("The clerk of Vantmoor keeps ninety-one keys.")), "keys.docx")
        reply = ask(client, "office", "How many keys does the clerk of Vantmoor keep?")
    assert "ninety-one" in reply["choices"][0]["message"]["content"] and reply["rag"]["citations"]
    assert "parsers_confined" in release.kubectl("logs", f"deployment/{NAME}-worker", "-c", "worker")


def test_spans_of_a_question_reach_the_collector(release: Release) -> None:
    with release.gateway() as client:
        trace = ask(client, COLLECTION)["rag"]["trace_id"]
    services: set[str] = set()
    for _ in range(15):
        log = release.kubectl("logs", f"deployment/{NAME}-collector", "--tail=-1")
        services = services_of(log, trace)
        if {"gateway", "embedder", "llm"} <= services:
            return
        time.sleep(2)
    raise AssertionError(f"only {services} sent spans of {trace}")


def services_of(log: str, trace: str) -> set[str]:
    """The services of which the collector's detailed log holds spans of a trace."""
    found, service = set(), ""
    for line in log.splitlines():
        if name := re.search(r"service\.name: Str\(([\w-]+)\)", line):
            service = name[1]
        if re.search(rf"Trace ID\s*: {trace}", line):
            found.add(service)
    return found


def test_the_pages_answer(release: Release) -> None:
    with release.reached("webapp", 8501) as url:
        assert httpx.get(f"{url}/_stcore/health", trust_env=False).text == "ok"
        assert "<title>" in httpx.get(url, trust_env=False).text


def test_memory_is_within_what_was_asked_for(release: Release) -> None:
    listed = ""
    for _ in range(12):
        done = release.cluster.run("kubectl", "-n", release.namespace, "top", "pods", "--no-headers")
        listed = done.stdout
        if len(listed.splitlines()) >= len(PARTS):
            break
        time.sleep(5)
    if not listed:
        pytest.skip("this cluster measures nothing (no metrics API)")
    mebi = {
        line.split()[0].removeprefix(f"{NAME}-"): int(line.split()[2][:-2]) for line in listed.splitlines()
    }
    MEASURED["memory_mib"] = {
        re.sub("(-[0-9a-f]{8,10})?-[0-9a-z]{1,5}$", "", name): mib for name, mib in mebi.items()
    }
    assert sum(mebi.values()) < 12 * 1024


def test_what_the_notes_print_works_when_it_is_pasted(release: Release) -> None:
    commands = [
        line.strip() for line in release.helm("get", "notes", NAME).splitlines() if line.startswith("  ")
    ]
    forwards = [line for line in commands if " port-forward " in line]
    others = [line for line in commands if line not in forwards]
    assert len(forwards) == 2 and any(line.startswith("curl") for line in others)
    environment = release.cluster.environment
    running = [
        subprocess.Popen(["bash", "-c", f"exec {line}"], env=environment, stdout=subprocess.DEVNULL)
        for line in forwards
    ]
    try:
        time.sleep(3)
        said = release.cluster.must("bash", "-c", "set -e\n" + "\n".join(others), timeout_s=300)
    finally:
        for process in running:
            process.terminate()
            process.wait(10)
    assert '"citations"' in said and "noon" in said.splitlines()[-1]


def test_kubernetes_takes_every_profile_and_every_part_alone(
    cluster: Cluster, packages: dict[str, Path], empty_namespace: str
) -> None:
    renders = {each.stem: (packages["groundwork"], case_values(each.stem)) for each in PROFILES}
    alone = (ROOT / "tests/helm/alone").glob("*.yaml")
    renders |= {f"{file.stem} alone": (packages[file.stem], read_values(file)) for file in alone}
    words = ("kubectl", "-n", empty_namespace, "apply", "--dry-run=server", "-f", "-")
    for name, (package, values) in renders.items():
        objects = render(package, values)
        known = [each for each in objects if each["kind"] not in NOT_TRIED]
        said = cluster.run(*words, text=yaml.safe_dump_all(known))
        assert said.returncode == 0 and "violate PodSecurity" not in said.stderr, (
            f"{name}: {said.stderr[-2000:]}"
        )
