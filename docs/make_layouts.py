"""Write layouts.md, its figures and its numbers. ``python docs/make_layouts.py [--study FOLDER]``.

With ``--study`` the 1,500 surveys that the expected information is held against are simulated and
fitted anew in FOLDER; run again after a stop, it goes on. Without it their estimates are read from
``docs/layouts/``.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

import trap_layouts as tl
from scr.demo import data_folder
from scr.model.spec import ModelSpec

HERE = Path(__file__).parent
FIGURES = HERE / "layouts"
DEMO = data_folder() / "layouts"
NAMES = ("grid", "clusters", "hollow", "balanced", "single")
BUDGETS = (6000.0, 9000.0, 12_000.0, 16_000.0)
N_REPEATS = 150
N_SEEDS = 30
SEEDS = {"plan": 20_261_127, "border": 20_261_128}
"""Seeds of the two studies, chosen and committed before either was run with them."""


def markdown(table: pd.DataFrame) -> str:
    lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.to_numpy()]
    return "\n".join(lines)


def compared(plan, layouts):
    assumptions = plan.assume(plan.mask_round(layouts))
    found = tl.compare(layouts, assumptions, reserve=plan.reserve, prices=plan.prices, change=-0.4)
    tl.draw_comparison(found, FIGURES / "comparison.png", title=plan.title)
    shown = pd.DataFrame(
        {
            "layout": found.table.index,
            "stations": found.table["stations"].astype(int),
            "E[n]": found.table["animals"].round(1),
            "E[r]": found.table["recaptures"].round(1),
            "RSE by the rule": found.table["rule_rse"].map("{:.3f}".format),
            "RSE by information": [
                f"{r.rse:.3f} ± {r.rse_error:.3f}" for r in found.table.itertuples()
            ],
            "power, loss of 40 %": found.table["power"].map("{:.2f}".format),
            "cost": found.table["cost"].map("{:,.0f}".format),
        }
    )
    return found, markdown(shown)


def chosen(plan):
    area = tl.allowed_area(plan.reserve, exclude=plan.exclude)
    points = tl.square_grid(area, spacing=1500.0)
    candidates = tl.make_layout("candidates", points, crs=plan.crs)
    assumptions = plan.assume(plan.mask_round([candidates]))
    cost = tl.site_costs(candidates, plan.prices, n_days=assumptions.n_days)
    given = tl.Constraints(n_stations=60, site_cost=cost, least_spacing=2000.0)
    found = tl.optimise(candidates, assumptions, given, reserve=plan.reserve, n_starts=2, n_kicks=5)
    by_rule = tl.optimise(
        candidates, assumptions, given, criterion="min_nr", reserve=plan.reserve, n_kicks=5
    )
    tl.draw_layout(
        found.layout,
        assumptions,
        FIGURES / "optimised.png",
        reserve=plan.reserve,
        candidates=candidates,
        title="SIMULATED: 60 of the candidate places",
    )
    told = tl.expected_information(by_rule.layout, assumptions, reserve=plan.reserve)
    front, _ = tl.trade_off(
        candidates,
        assumptions,
        tl.Constraints(site_cost=cost, least_spacing=2000.0),
        budgets=BUDGETS,
        reserve=plan.reserve,
        n_kicks=1,
    )
    tl.draw_trade_off(front, FIGURES / "trade_off.png")
    return candidates, found, told


def contest_table(best):
    """The best layouts of the contest, and all that were judged by new animals."""
    table = best.contest
    shown = table[table["rse"].notna() | (np.arange(len(table)) < 8)]
    return markdown(
        pd.DataFrame(
            {
                "layout": shown.index,
                "RSE by the animals of the search": shown["search_rse"].map("{:.3f}".format),
                "RSE by new animals": [
                    "" if np.isnan(r.rse) else f"{r.rse:.3f} ± {r.rse_error:.3f}"
                    for r in shown.itertuples()
                ],
            }
        )
    )


def with_border(plan):
    """The plan that was tried first: the model and the truth of the demo, border and all."""
    truth = json.loads((data_folder() / "truth.json").read_text(encoding="utf-8"))
    raster = {"raster": "../beyond_border.tif"}
    tables = {
        **plan.tables,
        "covariates": {**plan.tables["covariates"], "beyond_border": raster},
        "parameters": truth["coefficients"],
    }
    spec = ModelSpec(density="~ scale(elevation) + beyond_border", lambda0="~ sex", sigma="~ sex")
    return replace(plan, spec=spec, tables=tables)


def studied(name, plan, layouts, *, folder):
    """Estimates of every simulated survey, anew or as they were kept."""
    path = FIGURES / f"study_{name}.parquet"
    if folder is not None:
        results = tl.run_study(
            plan.scenarios(layouts), folder / name, n_repeats=N_REPEATS, seed=SEEDS[name]
        )
        results.to_parquet(path, index=False)
    return pd.read_parquet(path)


def informed(plan, layouts):
    """What is said of each layout before any survey: by information and by the rule."""
    assumptions = plan.assume(plan.mask_round(layouts))
    tl.criteria_of(layouts[0], assumptions, n_animals=200)  # compiles before anything is timed
    rows = []
    for layout in layouts:
        start = time.perf_counter()
        told = tl.expected_information(layout, assumptions, reserve=plan.reserve)
        seconds = time.perf_counter() - start
        rule = tl.criteria_of(layout, assumptions, information=False)["rule_rse"]
        rows.append({"told": told.rse, "error": told.rse_error, "rule": rule, "seconds": seconds})
    return pd.DataFrame(rows, index=[layout.name for layout in layouts])


def monte_carlo(plans, layouts, *, anew):
    """Stated Monte Carlo error of the information against its spread over seeds, by layout."""
    path = FIGURES / "monte_carlo.csv"
    if anew:
        area = tl.allowed_area(plans["plan"].reserve, exclude=plans["plan"].exclude)
        points = tl.clustered_grid(area, spacing=2500.0, side=3, gap=24_000.0, seed=3)
        poor = tl.make_layout("tight clusters", points, crs=plans["plan"].crs)
        cases = [(plans["plan"], layouts, layout) for layout in layouts]
        rows = []
        for plan, together, layout in [*cases, (plans["border"], [poor], poor)]:
            assumptions = plan.assume(plan.mask_round(together))
            told = [
                tl.expected_information(
                    layout, assumptions, reserve=plan.reserve, n_animals=1000, seed=seed
                )
                for seed in range(N_SEEDS)
            ]
            rows.append(
                {
                    "layout": layout.name,
                    "spread": np.std([one.rse for one in told], ddof=1),
                    "stated": np.median([one.rse_error for one in told]),
                    "dominance": np.median([one.dominance for one in told]),
                }
            )
        pd.DataFrame(rows).round(6).to_csv(path, index=False)
    table = pd.read_csv(path).set_index("layout")
    return table.assign(ratio=table["stated"] / table["spread"])


def check_table(told, results):
    """Table of what was said beforehand and what the fits gave, and how far apart they are."""
    study = tl.summarise(results).set_index("scenario")
    study = study.join(told).loc[list(NAMES)]
    study["off"] = study["told"] / study["rse"] - 1
    study["rule_off"] = study["rule"] / study["rse"] - 1
    shown = pd.DataFrame(
        {
            "layout": study.index,
            "median of the fits": [f"{r.rse:.3f} ± {r.rse_error:.3f}" for r in study.itertuples()],
            "by information": [
                f"{r.told:.3f} ± {r.error:.3f} ({r.off:+.1%})" for r in study.itertuples()
            ],
            "by the rule": [f"{r.rule:.3f} ({r.rule_off:+.1%})" for r in study.itertuples()],
            f"failures of {N_REPEATS}": study["failures"],
            "coverage": study["coverage"].map("{:.2f}".format),
        }
    )
    return study, markdown(shown)


def verdict(study):
    """Whether the information lies within 5 % for every layout, in words."""
    off = study["off"].abs()
    wide = [f"{name} ({study.loc[name, 'off']:+.1%})" for name in study.index[off > 0.05]]
    apart = f"outside 5 %: {', '.join(wide)}" if wide else "within 5 % for all five layouts"
    worse = int((study["rule_off"].abs() > off).sum())
    return f"{apart}. The rule errs more for {worse} of {len(study)} layouts"


def reasons(results):
    """Why fits failed, with the number of each reason."""
    failed = results.loc[~results["fitted"], "problem"]
    counted = failed.str.split(":").str[0].value_counts()
    return "; ".join(f"{reason} ({n})" for reason, n in counted.items()) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, metavar="FOLDER")
    folder = parser.parse_args().study
    FIGURES.mkdir(exist_ok=True)
    plan = tl.read_plan(DEMO / "plan.toml")
    layouts = [tl.read_layout(DEMO / f"{name}.csv", to_crs=plan.crs) for name in NAMES]
    plans = {"plan": plan, "border": with_border(plan)}
    fits = {name: studied(name, plans[name], layouts, folder=folder) for name in plans}
    found, table = compared(plan, layouts)
    candidates, best, told = chosen(plan)
    checks = {name: check_table(informed(plans[name], layouts), fits[name]) for name in plans}
    errors = monte_carlo(plans, layouts, anew=folder is not None)
    good, poor = errors.loc[list(NAMES)], errors.loc["tight clusters"]
    text = Template((HERE / "layouts.template.md").read_text(encoding="utf-8")).substitute(
        comparison=table,
        conclusion=found.conclusion(),
        check=checks["plan"][1],
        verdict=verdict(checks["plan"][0]),
        slowest=f"{checks['plan'][0]['seconds'].max():.1f}",
        seed=SEEDS["plan"],
        n_seeds=N_SEEDS,
        least_ratio=f"{good['ratio'].min():.1f}",
        most_ratio=f"{good['ratio'].max():.1f}",
        most_dominance=f"{good['dominance'].max():.3f}",
        poor_ratio=f"{poor['ratio']:.1f}",
        poor_dominance=f"{poor['dominance']:.3f}",
        border_check=checks["border"][1],
        border_verdict=verdict(checks["border"][0]),
        border_seed=SEEDS["border"],
        border_reasons=reasons(fits["border"]),
        n_candidates=f"{len(candidates):,}",
        best_seconds=f"{np.ceil(best.seconds):.0f}",
        contest=contest_table(best),
        rule_rse=f"{told.rse:.3f} ± {told.rse_error:.3f}",
    )
    (HERE / "layouts.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
