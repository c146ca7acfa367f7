# SPDX-License-Identifier: BSL-1.0
"""The pictures of bench/README.md: the same measurements give the same bytes of SVG."""

import sys

from races import COPY, is_peer

try:
    import matplotlib
except ModuleNotFoundError:
    sys.exit("bench/report needs matplotlib (Debian: apt-get install python3-matplotlib, and /usr/bin/python3)")
matplotlib.use("svg")
from matplotlib import pyplot, ticker  # noqa: E402, after the choice of backend

matplotlib.rcParams.update({"svg.hashsalt": "smx", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
                            "legend.frameon": False, "figure.facecolor": "white"})

SUBJECT_COLOUR = "#c00000"
# Not red, which is smx, nor grey, which is memcpy.
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#bcbd22", "#17becf", "#000080", "#ffbb78",
           "#98df8a", "#c5b0d5"]
MARKERS = "os^vD<>PX*hd"


def style(race):
    """{peer: (colour, marker)}: the same in every picture of a race."""
    peers = race.contestants(is_peer)
    return {name: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, name in enumerate(peers)}


def logarithmic(axis):
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.FormatStrFormatter("%g"))


def save(figure, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def by_length(race, caches, path):
    """ns per element against the length of one row of floats, above what memory allows."""
    heats = [heat for heat in race.heats if heat.family == "row/float"]
    figure, axes = pyplot.subplots(figsize=(8, 5))

    def line(name, **how):
        points = [(heat.elements, heat.of[name]["median_ns"]) for heat in heats if name in heat.of]
        if points:
            axes.plot(*zip(*points), label=name, **how)
        return points

    copied = line(COPY, color="0.5", linestyle="--", linewidth=1)
    if copied:
        axes.fill_between(*zip(*copied), color="0.92", linewidth=0)
    for name, (colour, marker) in style(race).items():
        line(name, color=colour, marker=marker, markersize=3.5, linewidth=1)
    line(race.about["subject"], color=SUBJECT_COLOUR, linewidth=2.5, marker="o", markersize=4)

    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set(xlabel="floats in the row (shaded: memcpy; dotted: x and y fill the cache)", ylabel="ns per element",
             title=f"One row, one thread, {race.about['isa']}")
    if copied:
        axes.set_ylim(bottom=0.8 * min(time for _, time in copied))
    logarithmic(axes.yaxis)
    axes.grid(axis="y", color="0.9")
    shortest, longest = axes.get_xlim()
    for name, size in caches.items():
        floats = size / 8  # x and y
        if shortest < floats < longest:
            axes.axvline(floats, color="0.7", linestyle=":", linewidth=1)
            axes.text(floats, 0.98, f" {name}", transform=axes.get_xaxis_transform(), color="0.4", va="top")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    save(figure, path)


def speed_ups(race, path):
    """Each peer's time / that of smx on every problem of floats; left of 1 smx is behind."""
    heats = [heat for heat in race.heats if "/float" in heat.family and heat.subject and heat.best_peer()]
    figure, axes = pyplot.subplots(figsize=(8, 0.2 * len(heats) + 1.5))
    for name, (colour, marker) in style(race).items():
        points = [(heat.speed_up(name), place) for place, heat in enumerate(heats) if name in heat.of]
        axes.plot(*zip(*points), label=name, color=colour, marker=marker, markersize=5, linestyle="none")
    axes.hlines(range(len(heats)), 1, [heat.speed_up(heat.best_peer()) for heat in heats], color=SUBJECT_COLOUR, zorder=1)
    axes.axvline(1, color=SUBJECT_COLOUR, linewidth=1)
    axes.set_xscale("log")
    logarithmic(axes.xaxis)
    axes.set_yticks(range(len(heats)), [f"{heat.family.split('/')[0]} {heat.shape}" for heat in heats])
    axes.set_ylim(len(heats) - 0.5, -0.5)
    axes.set(xlabel="time of the peer / time of smx (line: to the best peer)",
             title=f"Floats, one thread, {race.about['isa']}")
    axes.grid(color="0.93")
    axes.set_axisbelow(True)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    save(figure, path)


def draw(races, caches, folder):
    """Draws every race; {isa: [(title, path from bench/README.md)]}."""
    drawn = {}
    for isa, race in races.items():
        drawn[isa] = []
        if any(heat.family == "row/float" for heat in race.heats):
            by_length(race, caches, folder / f"rows_{isa}.svg")
            drawn[isa].append(("Time against the length of a row", f"plots/rows_{isa}.svg"))
        if any("/float" in heat.family and heat.subject and heat.best_peer() for heat in race.heats):
            speed_ups(race, folder / f"speed_up_{isa}.svg")
            drawn[isa].append(("Speed-up over each peer", f"plots/speed_up_{isa}.svg"))
    return drawn
