"""Scores streaming detectors on the Numenta Anomaly Benchmark: score.py NAB_DIR NAME=RESULTS_DIR ...

NAB_DIR holds data/FOLDER/FILE.csv and labels/combined_windows.json, each RESULTS_DIR FOLDER/FILE.csv
with anomaly_score. The rules are those of NAB 1.1 (Lavin & Ahmad, *Evaluating real-time anomaly
detection algorithms*, 2015): the first min(15 %, 750) rows do not count; the earliest alarm in a window
earns up to 1, earlier more; a missed window and each alarm outside cost what the profile says. One
threshold serves all files: the fixed 0.5 of the product, and the best one of the profile.
"""

import json
import math
import pathlib
import sys

import numpy as np
import pandas as pd

# What a missed window and a false alarm cost.
PROFILES = {"standard": (1.0, 0.11), "low FP": (1.0, 0.22), "low FN": (2.0, 0.11)}
PROBATION_SHARE, PROBATION_ROWS_MAX = 0.15, 750
THRESHOLD = 0.5


def sigmoid(position):
    return np.where(position > 3, -1.0, 2 / (1 + np.exp(np.minimum(5 * position, 700))) - 1)


def worth(times, windows):
    """What an alarm is worth at each row, and the number of its window or -1."""
    first = {time: at for at, time in reversed(list(enumerate(times)))}
    spans = [(first[start], first[end]) for start, end in windows]
    value, window = np.full(len(times), -1.0), np.full(len(times), -1)
    for number, (start, end) in enumerate(spans):
        inside, length = np.arange(start, end + 1), end - start + 1
        value[start : end + 1] = sigmoid(-(end - inside + 1) / length) / sigmoid(np.array(-1.0))
        window[start : end + 1] = number
        until = spans[number + 1][0] if number + 1 < len(spans) else len(times)
        value[end + 1 : until] = sigmoid((np.arange(end + 1, until) - end) / (length - 1))
    return value, window


def rows(nab, results):
    """All rows that count, of all files."""
    labels = json.loads((nab / "labels/combined_windows.json").read_text())
    frames, windows_total = [], 0
    for name, windows in sorted(labels.items()):
        data = pd.read_csv(nab / "data" / name, parse_dates=["timestamp"])
        told = pd.read_csv(results / name).anomaly_score.fillna(0).values
        if len(told) != len(data):
            raise SystemExit(f"{name}: {len(told)} scores for {len(data)} rows")
        spans = [(pd.Timestamp(a), pd.Timestamp(b)) for a, b in windows]
        value, window = worth(list(data.timestamp), spans)
        skipped = min(math.floor(PROBATION_SHARE * len(data)), PROBATION_ROWS_MAX)
        label = [f"{name}|{number}" if number >= 0 else "" for number in window]
        frame = pd.DataFrame({"score": told, "value": value, "window": label})
        frames.append(frame.iloc[skipped:])
        windows_total += len(windows)
    return pd.concat(frames, ignore_index=True), windows_total


def curve(counted, windows_total, miss, false_alarm):
    """Thresholds from high to low, and the normed score at each."""
    ordered = counted.sort_values("score", ascending=False, kind="stable")
    gain = np.where(ordered.window == "", ordered.value * false_alarm, 0.0)
    best = {}
    for at in np.flatnonzero(ordered.window.values != ""):
        window, value = ordered.window.values[at], ordered.value.values[at]
        held = best.get(window, -miss)
        if value > held:
            gain[at], best[window] = value - held, value
    score = ordered.score.values
    is_last = np.append(score[1:] != score[:-1], True)
    normed = 100 * np.cumsum(gain) / (windows_total * (1 + miss))
    return np.append(1.1, score[is_last]), np.append(0.0, normed[is_last])


def main(nab, *named):
    print("| detector | profile | at 0.5 | best | its threshold |")
    print("|---|---|---|---|---|")
    # The first detector is ours; the threshold of 0.5 means nothing to the others.
    for place, each in enumerate(named):
        name, folder = each.split("=", 1)
        counted, total = rows(pathlib.Path(nab), pathlib.Path(folder))
        for profile, (miss, false_alarm) in PROFILES.items():
            thresholds, scores = curve(counted, total, miss, false_alarm)
            fixed = scores[np.flatnonzero(thresholds >= THRESHOLD)[-1]]
            best = int(np.argmax(scores))
            own = f"{fixed:.1f}" if place == 0 else ""
            cells = [name, profile, own, f"{scores[best]:.1f}", f"{thresholds[best]:.3f}"]
            print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])
