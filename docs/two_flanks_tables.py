"""What the studies beside ``two_flanks.py`` found, as sections of ``two_flanks.md``."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import binom, chi2

from trap_layouts.change import power_to_detect

FOLDER = Path(__file__).parent / "validation"
TRUE_DENSITY = 3.0
LAYOUTS = (
    "one camera at 60 stations",
    "two at every other, one at the rest",
    "two cameras at 60 stations",
    "two cameras at 30 of them",
)
HOW = {
    "confirmed": "half of the pairs joined later",
    "library": "30 % known before, wherever they live",
    "stations": "known before from a survey at the same stations",
}


def read(name: str) -> pd.DataFrame:
    """The table of one study.

    Parameters
    ----------
    name
        Of the study.
    """
    return pd.read_csv(FOLDER / f"two_flanks_{name}.csv")


def read_drawn() -> pd.DataFrame:
    """Pairs by their probability over draws, of all surveys together, as ``reliability`` has them.

    Returns
    -------
    DataFrame
        With a column surveys: how many of each share.
    """
    each = read("pairs_drawn")
    each["probability"] *= each["n"]
    found = each.groupby(["share", "bin"])[["n", "probability", "one_animal"]].sum().reset_index()
    found["probability"] /= found["n"]
    return found.assign(surveys=found["share"].map(each.groupby("share")["survey"].nunique()))


def known_summary(results: pd.DataFrame) -> pd.DataFrame:
    """Error and coverage of density, and the share estimated.

    Parameters
    ----------
    results
        From ``two_flanks_checks.known``.
    """
    rows = []
    for (how, model), part in results.groupby(["how", "model"], sort=False):
        error = part["density"] / TRUE_DENSITY - 1
        covered = ((part["lower"] <= TRUE_DENSITY) & (part["upper"] >= TRUE_DENSITY)).sum()
        least, most = map(int, binom(len(part), 0.95).interval(0.999))
        rows.append(
            {
                "how": how,
                "model": model,
                "bias": error.mean(),
                "bias_se": error.std() / np.sqrt(len(part)),
                "se": part["se"].mean(),
                "covered": int(covered),
                "n": len(part),
                "least": least,
                "most": most,
                "share": expit(part["logit"]).median(),
            }
        )
    return pd.DataFrame(rows)


def known_section() -> list[str]:
    """Surveys in which sides were joined by other means."""
    results = read("known")
    table = known_summary(results)
    n = table["n"].max()
    lines = [
        f"{n} surveys like those above, with one camera in 80 % of station-days, in which sides "
        "are joined in three ways, were fitted by maximum likelihood twice: as they are, and with "
        "joined animals taken for complete ones of which no more is said.",
        "",
        "| sides joined | said | error of density | mean se of log D | intervals that hold it | "
        "limits | share estimated (median) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        share = "" if np.isnan(row.share) else f"{row.share:.2f}"
        said = {"said": "yes", "not said": "no"}[row.model]
        lines.append(
            f"| {HOW[row.how]} | {said} | {row.bias:+.1%} (se {row.bias_se:.1%}) | {row.se:.3f} | "
            f"{row.covered} of {row.n} | {row.least} to {row.most} | {share} |"
        )
    lines += [
        "",
        "The last kind breaks the assumption that animals known before live anywhere: those near "
        "the stations are more likely to be known, and the share estimated is theirs. If the "
        "earlier survey is near enough in time, fit both as one instead.",
    ]
    return lines


def sums_section() -> list[str]:
    """Bethe and weighted matchings against exact sums."""
    results = read("sums")
    lines = [
        f"{len(results)} simulated surveys whose sums over matchings have "
        f"{results['width'].min()} to {results['width'].max()} open animals at the truth, so that "
        "they can still be exact. Log Z is that at the truth, by Bethe and from 4,000 weighted "
        f"matchings. Then {results['draws'].min()} draws of the posterior by Bethe were weighted "
        "by exact sums, and by estimates from 16 matchings as a fit has them; *away* is the "
        "largest difference of the means of a coefficient from those by exact sums, in posterior "
        "standard deviations.",
        "",
        "| left, right | open | log Z | Bethe | estimate | Bethe away | reweighted away | "
        "sd of log D, ratio | draws effective |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.left}, {row.right} | {row.width} | {row.log_z:.2f} | {row.bethe:+.3f} | "
        f"{row.estimate:+.3f} | {row.bethe_away:.3f} | {row.reweighted_away:.3f} | "
        f"{row.sd_ratio:.3f} | {row.effective:.1%} |"
        for row in results.itertuples()
    ]
    lines += [
        "",
        f"Largest difference: {results['bethe_away'].max():.3f} standard deviations by Bethe "
        f"alone, {results['reweighted_away'].max():.3f} after reweighting.",
        "",
        "What is reported of the same draws, mean and standard deviation: density per 100 km2, and "
        "realised N in the mask. Beside exact weights the number of pairs is that of exact sums, "
        "beside estimated ones that of matchings drawn as a fit draws them.",
        "",
        "| open | density, exact | density, reweighted | N, exact | N, reweighted |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.width} | {row.density_exact:.3f} ± {row.density_sd_exact:.3f} | "
        f"{row.density_reweighted:.3f} ± {row.density_sd_reweighted:.3f} | "
        f"{row.n_exact:.1f} ± {row.n_sd_exact:.1f} | "
        f"{row.n_reweighted:.1f} ± {row.n_sd_reweighted:.1f} |"
        for row in results.sort_values("width", kind="stable").itertuples()
    ]
    worst = {
        name: (
            (results[f"{name}_reweighted"] - results[f"{name}_exact"]).abs()
            / results[f"{name}_sd_exact"]
        ).max()
        for name in ("density", "n")
    }
    spread = max(
        (results[f"{name}_sd_reweighted"] / results[f"{name}_sd_exact"] - 1).abs().max()
        for name in worst
    )
    lines += [
        "",
        f"The means of density differ by at most {worst['density']:.3f} standard deviations and "
        f"those of N by {worst['n']:.3f}; the standard deviations by at most {spread:.1%}.",
    ]
    return lines


def misfit(pairs: pd.DataFrame) -> tuple[float, int, float]:
    """Chi-square of how many pairs of each probability are one animal, its cells and p-value.

    Parameters
    ----------
    pairs
        From ``two_flanks.reliability``; bins with fewer than five expected are left out.
    """
    expected = pairs["n"] * pairs["probability"]
    variance = expected * (1 - pairs["probability"])
    used = expected >= 5
    value = float((((pairs["one_animal"] - expected) ** 2 / variance)[used]).sum())
    return value, int(used.sum()), float(chi2.sf(value, used.sum()))


def misfit_in_words(at_estimate: pd.DataFrame, drawn: pd.DataFrame) -> str:
    """How far both tables of pairs are from calibrated.

    Parameters
    ----------
    at_estimate, drawn
        From ``two_flanks.reliability``.
    """
    same = at_estimate[at_estimate["share"].isin(set(drawn["share"]))]
    said = []
    n = drawn["surveys"].min()
    named = {
        "at the estimate (all surveys)": same,
        f"over draws ({n} of each share)": drawn,
        "at the truth, which nobody knows (all surveys),": read("pairs_true"),
    }
    for name, table in named.items():
        value, cells, p = misfit(table)
        said.append(f"{name} chi-square is {value:.0f} on {cells} cells (p = {p:.2g})")
    return (
        f"Held against what was told, {'; '.join(said)}. {_above(drawn, 0.2)} "
        "So the weights of pairs are right; what is too high above 0.6 at the estimate comes of "
        "taking it for the truth. Averaged over draws probabilities up to 0.6 hold, those above "
        "are still too high, and where nearly all stations have one camera so are those above "
        "0.2, a little. Few pairs get a high probability: look at the photographs."
    )


def _above(drawn: pd.DataFrame, least: float) -> str:
    """How many of the likelier pairs are one animal, by share of single cameras."""
    said = []
    for share, part in drawn[drawn["probability"] > least].groupby("share"):
        expected = part["n"] * part["probability"]
        sd = float(np.sqrt((expected * (1 - part["probability"])).sum()))
        said.append(
            f"{part['one_animal'].sum()} were where {expected.sum():.0f} ± {sd:.0f} were expected "
            f"({share:.0%} with one camera)"
        )
    return f"Of pairs above {least:g} over draws, {', '.join(said)}."


def drawn_section(bins: tuple[float, ...]) -> list[str]:
    """Probabilities of pairs that are averaged over draws.

    Parameters
    ----------
    bins
        Of the probabilities.
    """
    drawn = read_drawn()
    lines = [
        f"Here of {drawn['surveys'].min()} surveys of each share, 60 draws each.",
        "",
        "| one camera | probability over draws | pairs | expected to be one animal | were one "
        "animal |",
        "|---|---|---|---|---|",
    ]
    for row in drawn.itertuples():
        low, high = bins[int(row.bin)], bins[int(row.bin) + 1]
        lines.append(
            f"| {row.share:.0%} | {low:g} to {high:g} | {row.n:,} | {row.probability:.3f} | "
            f"{row.one_animal / row.n:.3f} |"
        )
    return lines


def cameras_section() -> list[str]:
    """What a second camera buys."""
    results = read("cameras")
    lines = [
        "Expected information of the 60 stations of the study, in 60 days, by `flank_information` "
        "of `trap_layouts.flanks`. Had somebody joined all sides rightly, it would be that of "
        "complete animals; not knowing the pairs takes away the variance of the score over "
        "matchings, averaged over 40 simulated surveys. RSE is that of N, ± its Monte Carlo error; "
        "power is that of two such surveys to show a loss of 40 %.",
        "",
        "| nights lost | layout | cameras | animals | RSE, pairs known | RSE | RSE, left alone | "
        "power |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results.itertuples():
        power = power_to_detect(-0.4, rse=row.rse)
        lines.append(
            f"| {row.failure:.0%} | {row.layout} | {row.cameras} | {row.animals:.0f} | "
            f"{row.matched:.3f} | {row.rse:.3f} ± {row.rse_error:.3f} | {row.one_flank:.3f} | "
            f"{power:.2f} |"
        )
    of = results.set_index(["failure", "layout"])["rse"]
    one, mixed, two, thirty = (of[0.15, name] for name in LAYOUTS)
    lines += [
        "",
        f"With 15 % of nights lost, a second camera everywhere lowers the RSE from {one:.3f} to "
        f"{two:.3f}, and one at every other station to {mixed:.3f}: the first "
        f"{(one - mixed) / (one - two):.0%} of the gain for half of the cameras. 60 cameras as "
        f"pairs at 30 stations give {thirty:.3f}: where both flanks are used, more stations are "
        "here worth more than pairs.",
    ]
    return lines
