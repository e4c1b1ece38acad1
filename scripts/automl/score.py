"""Metrics of predictions on held-out rows, and what many of them say together: ranks and deficits."""

import statistics
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

# Whether more is better.
METRICS = {"roc_auc": True, "log_loss": False, "rmse": False}
OF_PROBLEM = {"binary": ("roc_auc", "log_loss"), "multiclass": ("log_loss",), "regression": ("rmse",)}


def score(meta: dict, test: pd.Series, predictions: Path) -> dict[str, float]:
    """The metrics of a kind of problem. Probabilities are brought to a sum of 1, as the logarithm's loss wants them."""
    table = pd.read_csv(predictions)
    if len(table) != len(test):
        raise ValueError(f"{len(table)} predictions for {len(test)} rows")
    if meta["problem"] == "regression":
        predicted = table["prediction"].to_numpy(float)
        if not np.isfinite(predicted).all():
            raise ValueError(f"{int((~np.isfinite(predicted)).sum())} predictions are not finite numbers")
        return {"rmse": float(np.sqrt(np.mean((predicted - test.to_numpy(float)) ** 2)))}
    prefix = "probability_"
    named = {name.removeprefix(prefix): table[name].to_numpy(float) for name in table if name.startswith(prefix)}
    truth = test.astype(str)
    if absent := set(truth) - set(named):
        raise ValueError(f"no probability of the classes {sorted(absent)}; there are {sorted(named)}")
    classes = sorted(named)
    probabilities = np.column_stack([named[name] for name in classes])
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise ValueError("a probability is below zero or no number")
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    found = {"log_loss": float(log_loss(truth, probabilities, labels=classes))}
    if meta["problem"] == "binary":
        found["roc_auc"] = float(roc_auc_score(truth == meta["positive"], named[meta["positive"]]))
    return found


def ranks(values: dict[str, float | None], more_is_better: bool) -> dict[str, float]:
    """Rank of each system, 1 for the best; equal values share the mean of their places, and no value is the last place."""
    order = {name: (float("inf") if value is None else -value if more_is_better else value) for name, value in values.items()}
    return {
        name: 1 + sum(other < own for other in order.values()) + (sum(other == own for other in order.values()) - 1) / 2
        for name, own in order.items()
    }


def deficit(value: float, best: float, metric: str) -> float:
    """How far from the best: a difference for ROC AUC and log loss, a share of the best for RMSE, whose unit differs by data set."""
    if metric == "rmse":
        return value / best - 1 if best > 0 else 0.0
    return best - value if METRICS[metric] else value - best


def summary(scores: dict[str, dict[str, dict[str, float] | None]]) -> dict[str, dict[str, dict[str, float]]]:
    """`scores[set][system]` are metrics, or None where the system failed. Gives, by metric and system: data sets, failures, mean rank,
    how often it is the best, and the mean and largest deficit to the best of all systems over the data sets where it did not fail."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for metric, more_is_better in METRICS.items():
        by_system: dict[str, list[tuple[float, float | None]]] = {}
        for systems in scores.values():
            if not any(metrics and metric in metrics for metrics in systems.values()):
                continue
            values = {name: None if metrics is None else metrics[metric] for name, metrics in systems.items()}
            there = [value for value in values.values() if value is not None]
            best = max(there) if more_is_better else min(there)
            for name, rank in ranks(values, more_is_better).items():
                behind = None if values[name] is None else deficit(values[name], best, metric)
                by_system.setdefault(name, []).append((rank, behind))
        if by_system:
            found[metric] = {}
        for name, places in by_system.items():
            behind = [deficit for _, deficit in places if deficit is not None]
            found[metric][name] = {
                "sets": len(places),
                "failures": len(places) - len(behind),
                "mean_rank": statistics.fmean(rank for rank, _ in places),
                "best": sum(deficit == 0 for deficit in behind),
                "mean_deficit": statistics.fmean(behind) if behind else None,
                "largest_deficit": max(behind, default=None),
            }
    return found
