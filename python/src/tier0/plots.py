"""Curves of a version on its test split: as figures, and drawn where matplotlib is installed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from . import _frames
from .documents import ConfusionDocument, EvaluationDocument

__all__ = ["Curve", "Plots"]


@dataclass
class Curve:
    """Points of a curve, which a notebook shows as a picture where matplotlib is installed.

    Attributes:
        title: What it is.
        x_label: What the abscissa is, 0 to 1.
        y_label: What the ordinate is, 0 to 1.
        x: Abscissas, in order.
        y: Ordinates.
        is_diagonal_chance: Whether the diagonal is drawn beside it, as what a model that knows nothing has.
    """

    title: str
    x_label: str
    y_label: str
    x: list[float]
    y: list[float]
    is_diagonal_chance: bool = False

    def plot(self, ax: Any = None) -> Any:
        """Draws it, and gives the axes of matplotlib.

        Args:
            ax: The axes to draw on; new ones where it is None.

        Raises:
            MissingPackageError: matplotlib is not installed; `x` and `y` are there without it.
        """
        if ax is None:
            # A figure of its own, which no window and no state of pyplot holds.
            figure = _frames.package("matplotlib.figure", "drawing").Figure(figsize=(4.5, 4.5), layout="constrained")
            ax = figure.add_subplot()
        ax.plot(self.x, self.y, marker="o", markersize=3)
        if self.is_diagonal_chance:
            ax.plot([0, 1], [0, 1], linestyle="--", linewidth=1, color="gray")
        ax.set(title=self.title, xlabel=self.x_label, ylabel=self.y_label, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        return ax

    def _repr_png_(self) -> bytes | None:
        if not _frames.is_there("matplotlib"):
            return None
        out = io.BytesIO()
        self.plot().figure.savefig(out, format="png", dpi=110)
        return out.getvalue()


class Plots:
    """The curves of one version, of two classes, on its test split.

    Curves pass through the ends of the ten bins of the calibration curve: the rows are not kept.
    """

    def __init__(self, evaluation: EvaluationDocument) -> None:
        self.evaluation = evaluation

    def _title(self, what: str) -> str:
        return f"{what}: {self.evaluation['model']} version {self.evaluation['version']}"

    def roc(self) -> Curve:
        """True positive rate by false positive rate."""
        points = self.evaluation["roc_curve"]
        x, y = [point["x"] for point in points], [point["y"] for point in points]
        return Curve(self._title("ROC"), "false positive rate", "true positive rate", x, y, True)

    def precision_recall(self) -> Curve:
        """Precision by recall."""
        points = self.evaluation["precision_recall_curve"]
        x, y = [point["x"] for point in points], [point["y"] for point in points]
        return Curve(self._title("precision and recall"), "recall", "precision", x, y)

    def calibration(self) -> Curve:
        """How often what was predicted came true, by predicted probability."""
        bins = self.evaluation["calibration_curve"]
        x, y = [one["predicted"] for one in bins], [one["observed"] for one in bins]
        return Curve(self._title("calibration"), "predicted probability", "observed share", x, y, True)

    def confusion(self) -> ConfusionDocument | None:
        """Test rows by what they are and what they were called at the threshold; None where it is not known."""
        return self.evaluation["confusion"]

    def importance(self) -> dict[str, float]:
        """Share of the gain of each feature, the greatest first."""
        return {one["feature"]: one["share"] for one in self.evaluation["importance"]}
