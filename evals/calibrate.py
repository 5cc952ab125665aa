"""Fits when to refuse: on one half of a run's questions, reported on the other; prints what goes into the code.

`rag_gateway/rag/grounding.py` holds the result. A logistic regression with a ridge, by Newton's method (Hastie,
Tibshirani and Friedman, "The Elements of Statistical Learning", 4.4.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rag_gateway.rag.grounding import MEDIAN_DENSE, MOST_TERMS, WEIGHTS

from evals.dataset import half_of

Floats = NDArray[np.float64]
REFUSED = 0.09
"""Share of the answerable questions that may be refused."""
RIDGE = 1.0
ANSWERABLE, REMOVED = "quote", "quote, evidence left out"


@dataclass(frozen=True)
class Fit:
    """Weights by signal, the bias, the threshold, and what they do to the half that was not fitted on."""

    weights: dict[str, float]
    bias: float
    enough: float
    abstained: float
    refused: float


def fit(details: Sequence[dict[str, Any]]) -> Fit:
    """From the details of a run: questions as they came, and the same without their evidence."""
    rows = {way: [d for d in details if d["way"] == way and d["grounding"]] for way in (ANSWERABLE, REMOVED)}
    halves = [
        [[signals(d["grounding"]) for d in rows[way] if half_of(d["question"]) == half] for half in (0, 1)]
        for way in (ANSWERABLE, REMOVED)
    ]
    (known, other_known), (gone, other_gone) = (tuple(map(np.asarray, pair)) for pair in halves)
    # Sets without answers have no questions whose evidence is left out; both kinds weigh the same all the same.
    weight = np.r_[np.ones(len(known)), np.full(len(gone), len(known) / len(gone))]
    theta = logistic(np.r_[known, gone], np.r_[np.ones(len(known)), np.zeros(len(gone))], weight)
    enough = float(np.quantile(likelihood(theta, known), REFUSED))
    return Fit(
        dict(zip(WEIGHTS, map(float, theta[:-1]), strict=True)),
        float(theta[-1]),
        enough,
        float(np.mean(likelihood(theta, other_gone) < enough)),
        float(np.mean(likelihood(theta, other_known) < enough)),
    )


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
