"""Write layouts.md, its figures and its numbers. ``python docs/make_layouts.py [--study]``.

With ``--study`` the 750 surveys that the expected information is held against are simulated and
fitted anew; without it their summary is read from ``docs/layouts/study.csv``.
"""

import sys
import tempfile
import time
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

import trap_layouts as tl
from scr.demo import data_folder

HERE = Path(__file__).parent
FIGURES = HERE / "layouts"
DEMO = data_folder() / "layouts"
NAMES = ("grid", "clusters", "hollow", "balanced", "single")
BUDGETS = (6000.0, 9000.0, 12_000.0, 16_000.0)


def markdown(table: pd.DataFrame) -> str:
    lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.to_numpy()]
    return "\n".join(lines)


def compared(plan, layouts):
    assumptions = plan.assume(plan.mask_round(layouts))
    tl.criteria_of(layouts[0], assumptions, n_animals=200)  # compiles
    start = time.perf_counter()
    found = tl.compare(layouts, assumptions, reserve=plan.reserve, prices=plan.prices, change=-0.4)
    seconds = (time.perf_counter() - start) / len(layouts)
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
    return found, markdown(shown), seconds


def chosen(plan):
    area = tl.allowed_area(plan.reserve, exclude=plan.exclude)
    points = tl.square_grid(area, spacing=1500.0)
    candidates = tl.make_layout("candidates", points, crs=plan.crs)
    assumptions = plan.assume(plan.mask_round([candidates]))
    cost = tl.site_costs(candidates, plan.prices, n_days=assumptions.n_days)
    given = tl.Constraints(n_stations=60, site_cost=cost, least_spacing=2000.0, balance=0.2)
    found = tl.optimise(candidates, assumptions, given, reserve=plan.reserve, n_starts=2, n_kicks=5)
    tl.draw_layout(
        found.layout,
        assumptions,
        FIGURES / "optimised.png",
        reserve=plan.reserve,
        candidates=candidates,
        title="SIMULATED: 60 of the candidate places",
    )
    told = tl.expected_information(found.layout, assumptions, reserve=plan.reserve)
    front, _ = tl.trade_off(
        candidates,
        assumptions,
        tl.Constraints(site_cost=cost, least_spacing=2000.0, balance=0.2),
        budgets=BUDGETS,
        reserve=plan.reserve,
        n_kicks=1,
    )
    tl.draw_trade_off(front, FIGURES / "trade_off.png")
    return candidates, found, told


def studied(plan, layouts, *, anew):
    path = FIGURES / "study.csv"
    if anew:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            results = tl.run_study(plan.scenarios(layouts), folder, n_repeats=150)
            seconds = time.perf_counter() - start
        table = tl.summarise(results).round(6)
        table["seconds_per_100"] = round(seconds / len(results) * 100, 1)
        table.to_csv(path, index=False)
    return pd.read_csv(path).set_index("scenario")


def check_table(found, study):
    rows = []
    for name in NAMES:
        row, fits = found.table.loc[name], study.loc[name]
        rows.append(
            {
                "layout": name,
                "median of the fits": f"{fits.rse:.3f}",
                "by information": f"{row.rse:.3f} ({row.rse / fits.rse - 1:+.1%})",
                "by the rule": f"{row.rule_rse:.3f} ({row.rule_rse / fits.rse - 1:+.1%})",
                "failures of 150": int(fits.failures),
                "coverage": f"{fits.coverage:.2f}",
            }
        )
    return markdown(pd.DataFrame(rows))


def main() -> None:
    FIGURES.mkdir(exist_ok=True)
    plan = tl.read_plan(DEMO / "plan.toml")
    layouts = [tl.read_layout(DEMO / f"{name}.csv", to_crs=plan.crs) for name in NAMES]
    study = studied(plan, layouts, anew="--study" in sys.argv)
    found, table, seconds = compared(plan, layouts)
    candidates, best, told = chosen(plan)
    grid = found.table.loc["grid"]
    text = Template((HERE / "layouts.template.md").read_text(encoding="utf-8")).substitute(
        comparison=table,
        conclusion=found.conclusion(),
        seconds=f"{seconds:.1f}",
        check=check_table(found, study),
        study_seconds=f"{study['seconds_per_100'].iloc[0]:.0f}",
        n_candidates=f"{len(candidates):,}",
        best_score=f"{best.score:.1f}",
        best_seconds=f"{np.ceil(best.seconds):.0f}",
        best_rse=f"{told.rse:.3f} ± {told.rse_error:.3f}",
        grid_rse=f"{grid.rse:.3f} ± {grid.rse_error:.3f}",
        best_rule=f"{best.counts.rule_of_thumb_rse():.3f}",
        grid_rule=f"{grid.rule_rse:.3f}",
    )
    (HERE / "layouts.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
