"""Fits when to refuse: on one half of a run's questions, reported on the other; prints what goes into the code.

`rag_gateway/rag/grounding.py` holds the result. A logistic regression with a ridge, by Newton's method (Hastie,
Tibshirani and Friedman, "The Elements of Statistical Learning", 4.4.1).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rag_gateway.rag.grounding import MEDIAN_DENSE, MOST_TERMS, WEIGHTS

from evals import own_set
from evals.dataset import half_of

Floats = NDArray[np.float64]
Row = dict[str, Any]
REFUSED = 0.117
"""Share of the answerable questions that may be refused, of the sets that have such whose evidence was left out."""
RIDGE = 1.0
ANSWERABLE, REMOVED = "quote", "quote, evidence left out"


@dataclass(frozen=True)
class Fit:
    """Weights by signal, the bias, the threshold, and what they do to the half that was not fitted on."""

    weights: dict[str, float]
    bias: float
    enough: float
    refused: dict[str, float]
    """Share of each set's other half that is refused, as the questions are and without their evidence."""


def fit(details: Sequence[Row]) -> Fit:
    """From the details of a run: questions as they came, and the same without their evidence."""
    known, gone = _of(details, ANSWERABLE, half=0), _of(details, REMOVED, half=0)
    gone = [row for row in gone if row["set"] != own_set.NAME] or gone  # our pages say most things twice
    weight = np.asarray([_weight(details, row["set"]) for row in known])
    right = np.r_[weight, np.full(len(gone), weight.sum() / len(gone))]
    theta = logistic(_signals(known + gone), np.r_[np.ones(len(known)), np.zeros(len(gone))], right)
    judged = {row["set"] for row in gone}
    enough = float(
        np.quantile(likelihood(theta, _signals([r for r in known if r["set"] in judged])), REFUSED)
    )
    shares = {
        f"{name}, {way}": float(np.mean(likelihood(theta, _signals(rows)) < enough))
        for way in (ANSWERABLE, REMOVED)
        for name in sorted({row["set"] for row in details})
        if (rows := [row for row in _of(details, way, half=1) if row["set"] == name])
    }
    weights = dict(zip(WEIGHTS, (round(float(w), 2) for w in theta[:-1]), strict=True))
    return Fit(weights, round(float(theta[-1]), 2), round(enough, 3), shares)


def _of(details: Sequence[Row], way: str, half: int) -> list[Row]:
    return [d for d in details if d["way"] == way and d["grounding"] and half_of(d["question"]) == half]


def _weight(details: Sequence[Row], name: str) -> float:
    """A small set's question counts more: by the root of how much smaller it is than the largest."""
    sizes = Counter(row["set"] for row in details if row["way"] == ANSWERABLE)
    return sqrt(max(sizes.values()) / sizes[name])


def _signals(rows: Sequence[Row]) -> Floats:
    return np.asarray([signals(row["grounding"]) for row in rows])


def signals(grounding: dict[str, Any]) -> list[float]:
    """As the gateway weighs them."""
    dense = MEDIAN_DENSE if grounding["dense"] is None else grounding["dense"]
    terms = log(max(min(grounding["terms"], MOST_TERMS), 1))
    return [grounding["lexical"], grounding["coverage"], grounding["held"], grounding["names"], dense, terms]


def logistic(rows: Floats, right: Floats, weight: Floats, steps: int = 50) -> Floats:
    """Weights of the columns, the bias last; columns are standardised while fitting."""
    middle, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = np.c_[(rows - middle) / spread, np.ones(len(rows))]
    ridge = np.diag([*[RIDGE] * rows.shape[1], 0.0])
    theta = np.zeros(scaled.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-scaled @ theta))
        slope = scaled.T @ (weight * (p - right)) + ridge @ theta
        curve = (scaled * (weight * p * (1 - p))[:, None]).T @ scaled + ridge
        theta = theta - np.linalg.solve(curve, slope)
    weights = theta[:-1] / spread
    return np.asarray([*weights, theta[-1] - float(weights @ middle)])


def likelihood(theta: Floats, rows: Floats) -> Floats:
    """Of each row, 0–1."""
    return np.asarray(1 / (1 + np.exp(-(rows @ theta[:-1] + theta[-1]))))
