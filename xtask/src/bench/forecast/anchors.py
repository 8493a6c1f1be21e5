"""The anchors of `cargo xtask bench forecast`: public models at the same origins of the same series.

usage: anchors.py DATA.csv FORECASTS.csv
DATA has the columns unique_id, ds, y. Every model sees the last 400 days before an origin (Prophet:
1,095); all but the seasonal naive one are fitted on log1p. The ensemble is their mean there.
"""

import logging
import sys
import warnings

import numpy as np
import pandas as pd
from prophet import Prophet
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta, SeasonalNaive

HORIZON, ORIGINS, SEASON = 7, 8, 7
LOCAL_DAYS, LONG_DAYS = 400, 1095
COLUMNS = ["yhat", "lo80", "hi80", "lo95", "hi95"]
LOCAL = {
    "AutoETS+log": lambda: AutoETS(SEASON),
    "DynOptTheta+log": lambda: DynamicOptimizedTheta(SEASON),
    "AutoARIMA+log": lambda: AutoARIMA(season_length=SEASON, approximation=True),
}


def local(model, values):
    told = model.forecast(y=values, h=HORIZON, level=[80, 95])
    names = ["mean", "lo-80", "hi-80", "lo-95", "hi-95"]
    return {column: told[name] for column, name in zip(COLUMNS, names)}


def prophet(days, values, coming):
    np.random.seed(0)
    model = Prophet()
    model.fit(pd.DataFrame({"ds": pd.to_datetime(days), "y": values}))
    future = pd.DataFrame({"ds": pd.to_datetime(coming)})
    samples = model.predictive_samples(future)["yhat"]
    low95, low80, high80, high95 = np.quantile(samples, [0.025, 0.1, 0.9, 0.975], axis=1)
    expected = model.predict(future).yhat.values
    return dict(zip(COLUMNS, [expected, low80, high80, low95, high95]))


def origin(series, cut):
    """What each model says at one origin, by name."""
    recent = series.iloc[max(0, cut - LOCAL_DAYS) : cut]
    long = series.iloc[max(0, cut - LONG_DAYS) : cut]
    coming = series.index[cut : cut + HORIZON]
    logs = {name: local(make(), np.log1p(recent.values)) for name, make in LOCAL.items()}
    logs["Prophet+log"] = prophet(long.index, np.log1p(long.values), coming)
    logs["mean of the four"] = {
        column: np.mean([told[column] for told in logs.values()], axis=0) for column in COLUMNS
    }
    told = {
        name: {column: np.expm1(np.clip(values, -20, 30)) for column, values in each.items()}
        for name, each in logs.items()
    }
    told["seasonal naive"] = local(SeasonalNaive(SEASON), recent.values)
    return told


def main(data, output):
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    rows = []
    for name, group in pd.read_csv(data).groupby("unique_id", sort=False):
        series = group.set_index("ds").y.astype(float)
        for back in range(ORIGINS, 0, -1):
            cut = len(series) - HORIZON * back
            for model, told in origin(series, cut).items():
                frame = pd.DataFrame({"ds": series.index[cut : cut + HORIZON], **told})
                rows.append(frame.assign(unique_id=name, cutoff=series.index[cut - 1], model=model))
    pd.concat(rows).to_csv(output, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
