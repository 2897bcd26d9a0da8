"""Draw the figures of ``two_flanks.md``: ``python docs/make_two_flanks.py``."""

import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import two_flanks as study
import two_flanks_tables as tables
from scipy.stats import beta

import scr
from scr.posterior.flank_pairs import flank_pairs

FOLDER = Path(__file__).parent / "images"
SEED, SHARE = 7103, 0.80
SHOWN = 0.1
INK, LEFT, RIGHT = "#222222", "#1b6ca8", "#c2571a"


def draw_pairs(path: Path) -> None:
    """One simulated survey: what field sheets hold, and which sides may be one animal.

    Parameters
    ----------
    path
        Of the picture.
    """
    survey, mask = study.simulated(SHARE, SEED)
    with warnings.catch_warnings(action="ignore"):
        fit = scr.fit_mle(survey, mask, scr.ModelSpec(lambda0="~ side"), check_mask=False)
    session = survey.sessions[0]
    captures, sides, xy = session.captures, session.sides, session.traps.xy / 1000
    assert sides is not None
    place = pd.DataFrame(xy[captures.trap], columns=["x", "y"])
    middle = place.groupby(captures.individuals[captures.individual]).mean()
    rng = np.random.default_rng(1)
    middle += rng.normal(0, 0.35, middle.shape)  # apart where they stand at one station
    side = pd.Series(sides.side, index=captures.individuals)
    figure, axis = plt.subplots(figsize=(8.4, 4.6), layout="constrained")
    axis.plot(*xy.T, "+", color="#999999", ms=5, mew=0.8, label="station")
    for row in flank_pairs(fit).itertuples():
        if row.probability >= SHOWN:
            ends = middle.loc[[row.left, row.right]]
            axis.plot(ends["x"], ends["y"], color=INK, lw=6 * row.probability, alpha=0.55, zorder=1)
    for which, (name, marker, colour) in enumerate(
        (("complete", "o", INK), ("left alone", "<", LEFT), ("right alone", ">", RIGHT))
    ):
        points = middle[side.loc[middle.index].to_numpy() == which]
        axis.plot(points["x"], points["y"], marker, color=colour, ms=6, ls="", label=name)
    axis.set(xlabel="km", ylabel="km", aspect="equal")
    axis.legend(frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    figure.savefig(path, dpi=130)
    plt.close(figure)


def draw_reliability(path: Path) -> None:
    """How often pairs are one animal, against the probability that was told.

    Parameters
    ----------
    path
        Of the picture.
    """
    drawn = {"at the estimate": pd.read_csv(study.PAIRS), "over draws": tables.read_drawn()}
    shares = sorted(set(drawn["over draws"]["share"]))
    figure, axes = plt.subplots(
        1, len(shares), figsize=(4.2 * len(shares), 4.2), layout="constrained", squeeze=False
    )
    for axis, share in zip(axes[0], shares, strict=True):
        axis.plot([0, 1], [0, 1], color="#bbbbbb", lw=1)
        for (name, table), colour in zip(drawn.items(), (RIGHT, LEFT), strict=True):
            part = table[(table["share"] == share) & (table["n"] >= 5)]
            hits, n = part["one_animal"], part["n"]
            low, high = beta.ppf([[0.025], [0.975]], hits + 0.5, n - hits + 0.5)
            axis.vlines(part["probability"], low, high, color=colour, lw=1)
            axis.plot(part["probability"], hits / n, "o", color=colour, ms=4, label=name)
        axis.set(
            title=f"{share:.0%} of station-days with one camera",
            xlabel="probability that was told",
            ylabel="share that were one animal",
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
        )
        axis.legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=130)
    plt.close(figure)


if __name__ == "__main__":
    mpl.use("agg")
    draw_pairs(FOLDER / "two_flanks_pairs.png")
    draw_reliability(FOLDER / "two_flanks_reliability.png")
