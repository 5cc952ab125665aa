"""Whether Kubernetes knows every field of an object, and takes it by its type."""

import json
from functools import cache

import kubernetes_validate

from tests.helm.rendered import Json

KUBERNETES = "1.34"
NOT_BUILT_IN = ("HTTPRoute",)


def assert_known(each: Json) -> None:
    """Raises kubernetes_validate.ValidationError for a field that is unknown or of the wrong type."""
    if each["kind"] not in NOT_BUILT_IN:
        _ask(json.dumps(each, sort_keys=True))


@cache
def _ask(text: str) -> None:
    """Renders share most of their objects; each is asked once."""
    kubernetes_validate.validate(json.loads(text), KUBERNETES, strict=True)
