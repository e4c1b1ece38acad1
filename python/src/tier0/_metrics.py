"""Metrics of predictions on rows whose outcome is known, by their names in the rest of tier0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

#: Probabilities are kept this far from 0 and 1, so that a logarithm is finite.
_CLIP = 1e-15


def of_classes(truth: Sequence[str], predicted: Sequence[str], probabilities: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Accuracy and log loss; of two classes also the ROC AUC and the Brier score of the second one.

    A row whose class the model does not know counts as wrong, with a probability of 0.
    """
    rows = len(truth)
    right = sum(one == other for one, other in zip(truth, predicted, strict=True))
    of_truth = [probabilities[name][row] if name in probabilities else 0.0 for row, name in enumerate(truth)]
    metrics = {
        "accuracy": right / rows,
        "log_loss": -math.fsum(math.log(min(max(p, _CLIP), 1.0)) for p in of_truth) / rows,
    }
    if len(probabilities) == 2:
        positive, scores = list(probabilities.items())[1]
        is_positive = [name == positive for name in truth]
        metrics["brier_score"] = math.fsum((p - y) ** 2 for p, y in zip(scores, is_positive, strict=True)) / rows
        if 0 < sum(is_positive) < rows:
            metrics["roc_auc"] = roc_auc(is_positive, scores)
    return metrics


def of_numbers(truth: Sequence[float], predicted: Sequence[float]) -> dict[str, float]:
    """RMSE, MAE and, where the numbers differ, R²."""
    rows = len(truth)
    errors = [p - y for p, y in zip(predicted, truth, strict=True)]
    squared = math.fsum(error * error for error in errors)
    mean = math.fsum(truth) / rows
    total = math.fsum((y - mean) ** 2 for y in truth)
    metrics = {"rmse": math.sqrt(squared / rows), "mae": math.fsum(map(abs, errors)) / rows}
    return {**metrics, "r2": 1.0 - squared / total} if total > 0 else metrics


def roc_auc(is_positive: Sequence[bool], scores: Sequence[float]) -> float:
    """The probability that a positive row has a greater score than a negative one; equal scores count half."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks, start = 0.0, 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        # The mean rank of equal scores, from 1.
        ranks += (start + end + 1) / 2 * sum(is_positive[order[place]] for place in range(start, end))
        start = end
    positive = sum(is_positive)
    negative = len(scores) - positive
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)
