# SPDX-License-Identifier: BSL-1.0
"""The text of bench/README.md."""

from races import COPY, COPY_ON_TWO_THREADS, TWO_THREADS, is_peer, is_smx

HEAD = """<!-- Written by `python3 bench/report`. Do not edit: run it again. -->
# The race

Measured, not typed: `python3 bench/report` ran the races and wrote this file. [The peers]({against}) that were found
take part. All contestants of a problem run by turns, round after round, on the same memory and one thread; every result is
compared with a wider oracle first. Times are medians; ratios are medians of the ratios within a round, and hold where times
drift. *Speed-up* is the time of a peer / the time of smx as `smx::softmax(x, y)` chooses: below 1 smx is behind (bold).
"""


def figures(value):
    """Three figures that mean something, from .1 ns to thousands of ULP."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def nanoseconds(value):
    return "–" if value is None else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def speed_up(value):
    text = figures(value)
    return f"**{text}**" if value is not None and float(text) < 1 else text


def table(head, rows):
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return "".join("| " + " | ".join(row) + " |\n" for row in [head, rule, *rows]) + "\n"


def circumstances(about):
    return (f"- CPU: {about['cpu']}\n- Compiler: {about['compiler']}, `{about['flags']}` ({about['isa']})\n"
            f"- Commit: {about['commit']}\n- Memory: {about['memory']}\n- Command: `{about['command']}`\n\n")


def summary(race):
    rows = []
    for heat in race.heats:
        best = heat.best_peer()
        if heat.subject and best:
            rows.append([f"{heat.family}/{heat.shape}", nanoseconds(heat.subject["median_ns"]), best,
                         speed_up(heat.speed_up(best)), figures(heat.subject["to_memcpy"])])
    return table(["problem", "smx, ns per element", "best peer", "speed-up", "smx / memcpy"], rows)


def two_threads(race):
    rows = [[f"{heat.family}/{heat.shape}", nanoseconds(heat.subject["median_ns"]),
             nanoseconds(heat.of[TWO_THREADS]["median_ns"]), figures(1 / heat.speed_up(TWO_THREADS)),
             figures(1 / heat.of[COPY_ON_TWO_THREADS]["to_memcpy"])]
            for heat in race.heats if {TWO_THREADS, COPY, COPY_ON_TWO_THREADS} <= heat.of.keys() and heat.subject]
    if not rows:
        return ""
    return ("### Two threads\n\nThe last column is memcpy of the same bytes on two threads against one.\n\n" +
            table(["problem", "one thread, ns per element", "two threads", "speed-up", "of memcpy"], rows))


def detail(race, title, wanted, value, text):
    """A table for each family: a line per shape, a column per contestant that `wanted` lets in."""
    parts = [f"#### {title}\n\n"]
    for family, heats in race.families().items():
        names = list(dict.fromkeys(name for heat in heats for name in heat.of if wanted(name)))
        if names:
            rows = [[heat.shape] + [text(value(heat, name)) if name in heat.of else "" for name in names] for heat in heats]
            parts.append(table([family] + [name.removeprefix("smx:") for name in names], rows))
    return "".join(parts)


def of_result(key):
    return lambda heat, name: heat.of[name][key]


def details(race):
    kernels = lambda name: is_smx(name) and name != TWO_THREADS
    softmax = lambda name: is_peer(name) or kernels(name)
    return "".join([
        detail(race, "Speed-up: time of the peer / time of smx", is_peer, lambda heat, name: heat.speed_up(name), speed_up),
        detail(race, "Time of smx, ns per element", kernels, of_result("median_ns"), nanoseconds),
        detail(race, "Time of the peers, ns per element", lambda name: is_peer(name) or name == COPY, of_result("median_ns"),
               nanoseconds),
        detail(race, "Times memcpy of the same bytes", softmax, of_result("to_memcpy"), figures),
        detail(race, "Largest error, ULP", softmax, of_result("max_ulp"), figures),
    ])


TITLES = {"native": "This machine's instruction set", "avx2": "AVX2"}


def report(races, plots, dead_ends, against):
    """`plots`: {isa: [(title, path)]}; `against`: where the peers are described."""
    parts = [HEAD.format(against=against)]
    for isa, race in races.items():
        parts += [f"\n## {TITLES[isa]}\n\n", circumstances(race.about)]
        parts += [f"![{title}]({path})\n\n" for title, path in plots[isa]]
        parts += [summary(race), two_threads(race)]
    parts += [dead_ends, "\n## Details\n\n"]
    for isa, race in races.items():
        parts.append(f"<details><summary>{TITLES[isa]}</summary>\n\n{details(race)}</details>\n\n")
    return "".join(parts).rstrip() + "\n"
