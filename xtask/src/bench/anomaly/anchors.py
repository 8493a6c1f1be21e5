"""The anchor of `cargo xtask bench anomaly`: anchors.py NAB_DIR RESULTS_DIR

The windowed Gaussian of NAB, its simplest detector: how improbable a value is under the normal
distribution of the last 6,400 values, renewed every 150.
"""

import math
import pathlib
import sys

import numpy as np
import pandas as pd

WINDOW_ROWS, STEP_ROWS = 6400, 150


def scores(values):
    told, window, waiting = [], [], []
    mean, deviation = 0.0, 1.0
    for value in values:
        distance = (value - mean) / deviation
        told.append(1 - math.erfc(abs(distance) / math.sqrt(2)) / 2 if window else 0.0)
        waiting.append(value)
        if len(window) < WINDOW_ROWS:
            window.append(value)
        elif len(waiting) >= STEP_ROWS:
            window = window[STEP_ROWS:] + waiting[-STEP_ROWS:]
        else:
            continue
        if len(window) >= WINDOW_ROWS or len(waiting) % STEP_ROWS == 0 or len(window) < STEP_ROWS:
            mean, deviation = np.mean(window), max(np.std(window), 1e-6)
        if len(waiting) >= STEP_ROWS:
            waiting = []
    return told


def main(nab, results):
    for path in sorted(pathlib.Path(nab, "data").glob("*/*.csv")):
        data = pd.read_csv(path)
        folder = pathlib.Path(results, path.parent.name)
        folder.mkdir(parents=True, exist_ok=True)
        data.assign(anomaly_score=scores(data.value.values)).to_csv(folder / path.name, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
