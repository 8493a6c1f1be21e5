"""Scores forecasts at rolling origins: score.py DATA.csv FORECASTS.csv [FORECASTS.csv ...]

The last 56 days of each series are judged, seven at a time. MASE is scaled by the seasonal naive error
before them; wMAPE is the sum of absolute errors by the sum of values, percent; pinball is the mean loss
over the quantiles .025 .1 .5 .9 .975 by the mean of the judged days. Means over series.
"""

import sys

import numpy as np
import pandas as pd

JUDGED_DAYS, SEASON = 56, 7
QUANTILES = {0.025: "lo95", 0.1: "lo80", 0.5: "yhat", 0.9: "hi80", 0.975: "hi95"}


def judge(series, told):
    """The figures of one model on one series."""
    past = series.iloc[:-JUDGED_DAYS].values
    scale = np.mean(np.abs(past[SEASON:] - past[:-SEASON]))
    told = told.sort_values("ds")
    if list(told.ds) != list(series.index[-JUDGED_DAYS:]):
        raise SystemExit(f"{told.unique_id.iloc[0]}: {told.model.iloc[0]} has not the judged days")
    came = series.loc[told.ds].values
    said = {column: np.maximum(told[column].values, 0) for column in QUANTILES.values()}
    errors = np.abs(came - said["yhat"])
    losses = [
        np.mean(np.maximum(p * (came - said[c]), (p - 1) * (came - said[c])))
        for p, c in QUANTILES.items()
    ]
    return {
        "pinball": np.mean(losses) / came.mean(),
        "MASE": errors.mean() / scale,
        "wMAPE": 100 * errors.sum() / came.sum(),
        "in 80 %": 100 * np.mean((came >= said["lo80"]) & (came <= said["hi80"])),
        "in 95 %": 100 * np.mean((came >= said["lo95"]) & (came <= said["hi95"])),
    }


def main(data, *files):
    series = {name: g.set_index("ds").y for name, g in pd.read_csv(data).groupby("unique_id")}
    told = pd.concat([pd.read_csv(path) for path in files])
    rows = [
        {"model": model, **judge(series[name], group)}
        for (model, name), group in told.groupby(["model", "unique_id"])
    ]
    table = pd.DataFrame(rows).groupby("model").mean().sort_values("pinball")
    print(f"{len(series)} series\n")
    print("| model | " + " | ".join(table.columns) + " |")
    print("|---" * (1 + len(table.columns)) + "|")
    for model, row in table.iterrows():
        digits = [4, 3, 1, 1, 1]
        cells = [f"{value:.{places}f}" for value, places in zip(row, digits)]
        print(f"| {model} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
