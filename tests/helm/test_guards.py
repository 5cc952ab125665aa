"""Values that contradict each other stop with a sentence that says what to write; every sentence has its case."""

import re
from pathlib import Path

import helm_python
import pytest

from tests.helm.rendered import ROOT, Json, render

SENTENCE = re.compile(r'common\.fail" \(list \S+ (?:\(printf )?"((?:[^"\\]|\\.)*)"')
ANYWHERE = [{"ipBlock": {"cidr": "0.0.0.0/0"}}]
OUTSIDE: Json = {"host": "db.example.org"}

CASES: dict[str, tuple[str, Json]] = {
    "drain longer than grace": ("groundwork", {"gateway": {"lifecycle": {"graceSeconds": 20}}}),
    "drain shorter than an answer": ("groundwork", {"gateway": {"lifecycle": {"drainSeconds": 5}}}),
    "model drains shorter than an answer": ("groundwork", {"llm": {"lifecycle": {"drainSeconds": 5}}}),
    "no such profile": ("groundwork", {"llm": {"resourceProfile": "tpu"}}),
    "budget with one replica": ("groundwork", {"webapp": {"podDisruptionBudget": "always"}}),
    "two databases": ("groundwork", {"global": {"database": OUTSIDE}}),
    "no database": ("groundwork", {"postgres": {"enabled": False}}),
    "database called otherwise": ("groundwork", {"postgres": {"database": "other"}}),
    "database behind the policy": (
        "groundwork",
        {"postgres": {"enabled": False}, "global": {"database": OUTSIDE}},
    ),
    "database without secret": (
        "groundwork",
        {
            "postgres": {"enabled": False},
            "global": {"database": OUTSIDE, "networkPolicy": {"database": ANYWHERE}},
        },
    ),
    "two models": ("groundwork", {"global": {"llm": {"url": "https://llm.example.org/v1"}}}),
    "no model": ("groundwork", {"llm": {"enabled": False}}),
    "model behind the policy": (
        "groundwork",
        {"llm": {"enabled": False}, "global": {"llm": {"url": "https://llm.example.org/v1"}}},
    ),
    "answers unsaid": ("groundwork", {"llm": {"model": "pvc://models/qwen"}}),
    "no embedder": ("groundwork", {"embedder": {"enabled": False}}),
    "no feedback": ("groundwork", {"feedback": {"enabled": False}}),
    "no gateway": ("groundwork", {"gateway": {"enabled": False}}),
    "latest for CUDA": ("groundwork", {"llm": {"resourceProfile": "gpu", "image": {"tag": "latest"}}}),
    "no receiver": ("groundwork", {"otel": {"enabled": False}}),
    "receiver behind the policy": ("groundwork", {"global": {"telemetry": {"endpoint": "http://otel:4318"}}}),
    "card too small": (
        "groundwork",
        {
            "llm": {"resourceProfile": "gpu-timeslice"},
            "embedder": {"resourceProfile": "gpu-timeslice"},
            "global": {"gpu": {"memoryGiB": 16}},
        },
    ),
    "more than the card": ("llm", {"resourceProfile": "gpu-timeslice", "global": {"gpu": {"memoryGiB": 16}}}),
    "card of unknown size": ("llm", {"resourceProfile": "gpu-timeslice"}),
    "card too small for its replicas": (
        "groundwork",
        {
            "llm": {"resourceProfile": "gpu-timeslice", "replicas": 2},
            "embedder": {"resourceProfile": "gpu-timeslice"},
            "global": {"gpu": {"memoryGiB": 40}},
        },
    ),
    "model without its name": ("embedder", {"model": "pvc://models/other"}),
    "parts of another release behind the policy": (
        "groundwork",
        {"embedder": {"enabled": False}, "gateway": {"embedderUrl": "http://other-embedder:8081"}},
    ),
    "gateway of another release behind the policy": ("webapp", {"gatewayUrl": "http://other-gateway:8080"}),
    "no names": ("groundwork", {"global": {"networkPolicy": {"dns": []}}}),
    "a variable twice": ("groundwork", {"gateway": {"pod": {"extraEnv": [{"name": "PORT", "value": "1"}]}}}),
    "digest of zeros": ("groundwork", {"gateway": {"image": {"digest": f"sha256:{'0' * 63}1"}}}),
    "model by no digest": (
        "llm",
        {"model": "oci://registry.internal/models/qwen:1", "global": {"requireDigests": True}},
    ),
    "model of today": ("llm", {"model": "oci://registry.internal/models/qwen"}),
    "no digest": ("groundwork", {"global": {"requireDigests": True}}),
    "latest": ("groundwork", {"gateway": {"image": {"tag": "latest"}}}),
    "claim without folder": ("llm", {"model": "pvc://claim"}),
    "unknown kind of model": ("llm", {"model": "qwen"}),
    "hub behind the policy": ("llm", {"model": "hf://owner/name"}),
    "replicas on one node's volume": (
        "llm",
        {"model": "hf://owner/name", "replicas": 2, "global": {"networkPolicy": {"models": ANYWHERE}}},
    ),
    "alone without secret": ("gateway", {}),
    "ingress without host": ("groundwork", {"webapp": {"ingress": {"enabled": True}}}),
    "route without parents": ("groundwork", {"webapp": {"route": {"enabled": True}}}),
    "entry behind the policy": (
        "groundwork",
        {"webapp": {"ingress": {"enabled": True, "host": "chat.example.org"}}},
    ),
    "traces behind the policy": ("groundwork", {"otel": {"exportTo": "jaeger:4317"}}),
    "upgrade without its secret": ("groundwork upgrade", {}),
    "name too long": ("groundwork long", {}),
}


def complaint(packages: dict[str, Path], chart: str, values: Json) -> str:
    """The sentence with which a render stops."""
    name, _, how = chart.partition(" ")
    with pytest.raises(helm_python.HelmRenderError) as stopped:
        if how == "long":
            with helm_python.Chart.load(packages[name]) as loaded:
                loaded.render(values, name="r" * 53, namespace="rag")
        else:
            render(packages[name], values, upgrade=how == "upgrade")
    return str(stopped.value)


@pytest.fixture(scope="module")
def complaints(packages: dict[str, Path]) -> dict[str, str]:
    """The sentence of each case."""
    return {name: complaint(packages, chart, values) for name, (chart, values) in CASES.items()}


def templates() -> str:
    """Every template of every chart."""
    files = (file for file in (ROOT / "helm").rglob("templates/**/*") if file.is_file())
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def sentences() -> list[str]:
    """The sentences of every guard, as patterns."""
    return [re.sub(r"%[sdg]", ".*", re.escape(each)) for each in SENTENCE.findall(templates())]


def test_every_stop_is_a_guard_with_a_sentence() -> None:
    assert len(sentences()) == templates().count('"common.fail" (list')
    assert len(re.findall(r"(?:\{\{-?|\|) *(?:fail|required)\b", templates())) == 1, "common.fail alone stops"


def test_every_guard_has_a_case_and_every_case_a_guard(complaints: dict[str, str]) -> None:
    for pattern in sentences():
        assert any(re.search(pattern, said, re.DOTALL) for said in complaints.values()), pattern
    for name, said in complaints.items():
        assert any(re.search(pattern, said, re.DOTALL) for pattern in sentences()), f"{name}: {said}"


@pytest.mark.parametrize("name", CASES)
def test_a_guard_says_what_to_write(name: str, complaints: dict[str, str]) -> None:
    assert re.search(r"\n\n[a-z]+: .*\b(write|choose|restore)\b", complaints[name], re.DOTALL)
