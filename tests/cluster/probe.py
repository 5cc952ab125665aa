"""Tries every door from inside pods: real ones where they have Python, else a pod with the part's labels."""

import json
from collections.abc import Iterable

from tests.cluster.release import NAME, Json, Release

PROGRAM = """
import json, socket, sys
found = {}
for name, host, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((host, port), 2).close()
        found[name] = "open"
    except OSError as error:
        found[name] = type(error).__name__
print(json.dumps(found))
"""
NO_PYTHON = ("collector",)
Door = tuple[str, str, int]


def tried_from(release: Release, pod: str, container: str, doors: Iterable[Door]) -> dict[str, str]:
    """`open`, or the error's name, for each door."""
    words = ("exec", pod, "-c", container, "--", "python3", "-c", PROGRAM, json.dumps(list(doors)))
    found: dict[str, str] = json.loads(release.kubectl(*words, timeout_s=300))
    return found


def probe_pod(release: Release, component: str) -> str:
    """Starts a restricted pod with a component's labels that no Service counts as ready; its name."""
    gateway = release.pods()["gateway"]
    name = f"probe-{component}"
    labels = {
        key: value
        for key, value in gateway["metadata"]["labels"].items()
        if key.startswith("app.kubernetes.io")
    }
    restricted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    container: Json = {
        "name": "probe",
        "image": gateway["spec"]["containers"][0]["image"],
        "command": ["python", "-c", "import time; time.sleep(900)"],
        "securityContext": restricted,
        "readinessProbe": {"exec": {"command": ["python", "-c", "raise SystemExit(1)"]}, "periodSeconds": 60},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels | {"app.kubernetes.io/component": component}},
        "spec": {
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
        },
    }
    release.kubectl("apply", "-f", "-", text=json.dumps(pod))
    release.kubectl("wait", f"pod/{name}", "--for=jsonpath={.status.phase}=Running", "--timeout=60s")
    return name


def addresses(release: Release) -> dict[str, str]:
    """The address of each part's pod, so that no Service and no name stands between."""
    return {component: pod["status"]["podIP"] for component, pod in release.pods().items()}


def owned(component: str) -> str:
    """The name of a part's policy."""
    return f"{NAME}-{component}"
