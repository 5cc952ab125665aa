"""What the charts see of a profile: their own values, and over them what the profile says."""

from tests.helm.rendered import ROOT, Json, merged, read_values

BLOCKS: dict[str, tuple[str, ...]] = {"collector": ("otel",), "worker": ("gateway", "worker")}
"""Where a part's values stand, unless the block is called like the part."""


def whole(values: Json) -> Json:
    """Every value of the umbrella and its subcharts."""
    parts = {file.parent.name: read_values(file) for file in (ROOT / "helm/charts").glob("*/values.yaml")}
    return merged(read_values(ROOT / "helm/values.yaml") | parts, values)


def block(values: Json, component: str) -> Json:
    """The part's own values, out of whole ones."""
    for name in BLOCKS.get(component, (component,)):
        values = values[name]
    return values


def startup_s(values: Json, component: str) -> int:
    """Seconds that the part may take to start: its resource profile's, else its own."""
    mine = block(values, component)
    profile = mine.get("resourceProfiles", {}).get(mine.get("resourceProfile"), {})
    return int(profile.get("startupSeconds") or mine["startupSeconds"])


def declared(values: Json) -> set[str]:
    """Names of objects that the values say exist outside of the release."""
    ours = values["global"]
    found = {
        ours["existingSecret"],
        ours["llm"]["apiKeySecret"]["name"],
        ours["database"]["caSecret"]["name"],
        *(each["name"] for each in ours["imagePullSecrets"]),
    }
    found |= {values[part]["modelStorage"]["tokenSecret"]["name"] for part in ("llm", "embedder")}
    models = (values["llm"]["model"], values["embedder"]["model"], ours["reranker"])
    claims = (model.removeprefix("pvc://") for model in models if model.startswith("pvc://"))
    return (found | {claim.partition("/")[0] for claim in claims}) - {""}
