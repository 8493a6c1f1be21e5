"""Writes series.csv and reference.csv: what statsforecast says about series that this script makes up.

usage: make_reference.py   (needs statsforecast 2.1.1; the test that reads the files does not)
"""

import pathlib

import numpy as np
import pandas as pd
from statsforecast.models import MSTL, AutoARIMA, AutoETS, DynamicOptimizedTheta

HERE = pathlib.Path(__file__).parent
DAYS, HORIZON, SEASON = 350, 7, 7
MODELS = {
    "ets": lambda: AutoETS(SEASON),
    "theta": lambda: DynamicOptimizedTheta(SEASON),
    "arima": lambda: AutoARIMA(season_length=SEASON, approximation=True),
    "mstl": lambda: MSTL([SEASON], trend_forecaster=AutoETS(model="ZZN")),
}


def made_up():
    """Four kinds of traffic, by name."""
    dice = np.random.default_rng(20261121)
    at = np.arange(DAYS)
    week = np.array([0.2, 0.25, 0.2, 0.15, 0.05, -0.45, -0.4])[at % 7]
    noise = dice.normal(0, 0.1, DAYS)
    memory = np.zeros(DAYS)
    for day in range(1, DAYS):
        memory[day] = 0.8 * memory[day - 1] + dice.normal(0, 0.1)
    return {
        "steady week": 6 + week + noise,
        "growing week": 5 + 0.004 * at + week + noise,
        "drifting": 5 + 0.5 * week + memory,
        "no week": 4 + 3 * noise,
    }


def main():
    series, told = [], []
    for name, logs in made_up().items():
        days = pd.date_range("2025-01-06", periods=DAYS).strftime("%Y-%m-%d")
        values = np.round(np.expm1(logs))
        series.append(pd.DataFrame({"unique_id": name, "ds": days, "y": values.astype(int)}))
        for model, make in MODELS.items():
            mean = make().forecast(y=np.log1p(values[:-HORIZON]), h=HORIZON, level=[80])
            frame = {"unique_id": name, "ds": days[-HORIZON:], "model": model}
            scale = (np.asarray(mean["hi-80"]) - np.asarray(mean["mean"])) / 1.2815515655446004
            told.append(pd.DataFrame(frame | {"mean": mean["mean"], "sigma": scale}))
    pd.concat(series).to_csv(HERE / "series.csv", index=False)
    pd.concat(told).round(6).to_csv(HERE / "reference.csv", index=False)


if __name__ == "__main__":
    main()
