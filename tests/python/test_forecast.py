"""Our models against statsforecast on the same series, and the files of the two commands for data.

What statsforecast says was written down by testdata/forecast/make_reference.py, so that this test runs
everywhere. Differences are measured in the standard deviations that statsforecast gives each day."""

import csv
import math
import subprocess

import pytest

from conftest import BINARY, ROOT

FOLDER = ROOT / "testdata/forecast"
HEADING = "unique_id,cutoff,ds,model,yhat,lo80,hi80,lo95,hi95"
# Largest difference of a day's mean, in its σ. Smoothing and ARIMA differ by their optimisers only;
# theta takes its season out by sums here and by factors there; STL remembers other windows.
MEAN_MAX = {"ets": 0.3, "arima": 0.4, "theta": 0.8, "mstl": 1.5}
# Largest difference of σ itself over a series, as a share; that of theta is drawn by chance there.
SIGMA_MAX = 0.2
# A model's own 80 % interval in its σ: the point of the normal distribution times our factor.
HALF_WIDTH = 0.86 * 1.2815515655446004


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each of our models says, by series, day and model."""
    output = tmp_path_factory.mktemp("forecast") / "told.csv"
    words = ["forecast", "backtest", FOLDER / "series.csv", "-o", output]
    subprocess.run([BINARY, *words, "--origins", "1", "--each-model"], check=True, timeout=600)
    assert output.read_text().splitlines()[0] == HEADING
    return {(row["unique_id"], row["ds"], row["model"]): row for row in rows(output)}


@pytest.mark.parametrize("model", sorted(MEAN_MAX))
def test_a_model_agrees_with_statsforecast(told, model):
    reference = [row for row in rows(FOLDER / "reference.csv") if row["model"] == model]
    assert len(reference) == 4 * 7
    ratios = {}
    for row in reference:
        own = told[row["unique_id"], row["ds"], model]
        mean, sigma = float(row["mean"]), float(row["sigma"])
        expected = math.log1p(float(own["yhat"]))
        assert abs(expected - mean) <= MEAN_MAX[model] * sigma, (row, own)
        own_sigma = (math.log1p(float(own["hi80"])) - expected) / HALF_WIDTH
        ratios.setdefault(row["unique_id"], []).append(own_sigma / sigma)
    for name, found in ratios.items():
        assert abs(sum(found) / len(found) - 1) <= SIGMA_MAX, (name, found)


def test_the_default_forecast_is_in_order_and_close(told):
    came = {(row["unique_id"], row["ds"]): float(row["y"]) for row in rows(FOLDER / "series.csv")}
    default = [row for (_, _, model), row in told.items() if model == "almanac"]
    assert len(default) == 4 * 7
    inside = 0
    for row in default:
        numbers = [float(row[name]) for name in ["lo95", "lo80", "yhat", "hi80", "hi95"]]
        assert numbers == sorted(numbers) and numbers[0] >= 0, row
        inside += numbers[0] <= came[row["unique_id"], row["ds"]] <= numbers[-1]
    assert inside >= 24, f"{inside} of 28 days lie in the 95 % interval"


def test_a_scan_scores_every_row_in_its_order(tmp_path):
    given, output = tmp_path / "given.csv", tmp_path / "scores.csv"
    lines = [f"2026-01-{1 + at // 24:02} {at % 24:02}:00:00,{10 + at % 24}" for at in range(480)]
    lines[400] = lines[400].split(",")[0] + ",500"
    # A clock that was set back is no reason to refuse a file.
    lines[450] = lines[449].split(",")[0] + "," + lines[450].split(",")[1]
    given.write_text("\n".join(["timestamp,value", *lines]) + "\n")
    subprocess.run([BINARY, "anomaly", "scan", given, "-o", output], check=True, timeout=60)
    scored = rows(output)
    assert [f"{row['timestamp']},{row['value']}" for row in scored] == lines
    scores = [float(row["anomaly_score"]) for row in scored]
    assert all(0 <= score <= 1 for score in scores)
    # On the first days every hour is the first of its kind.
    assert scores[400] >= 0.5 and max(scores[72:400]) < 0.5
