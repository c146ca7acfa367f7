# SPDX-License-Identifier: BSL-1.0
"""What bench_race --json found, with the questions that tables and plots ask of it."""

from pathlib import Path

COPY = "memcpy"
TWO_THREADS = "smx:two_threads"
COPY_ON_TWO_THREADS = "memcpy:two_threads"


def is_smx(name):
    return name.startswith("smx:")


def is_peer(name):
    return not is_smx(name) and name not in (COPY, COPY_ON_TWO_THREADS)


class Heat:
    """All contestants on one problem, such as row/float/4096."""

    def __init__(self, data, subject):
        self.family, self.shape = data["problem"].rsplit("/", 1)
        self.elements = data["elements"]
        self.of = {result["contestant"]: result for result in data["results"]}
        self.subject = self.of.get(subject)

    def speed_up(self, name):
        """Time of this contestant / time of smx, the median over rounds; None without a subject."""
        ratio = self.of[name]["subject_to_this"] if name in self.of else None
        return 1 / ratio if ratio else None

    def best_peer(self):
        """The name of the peer with the shortest median; None if no peer ran."""
        return min(filter(is_peer, self.of), key=lambda name: self.of[name]["median_ns"], default=None)


class Race:
    """One run of bench_race."""

    def __init__(self, data):
        self.about = {key: value for key, value in data.items() if key != "heats"}
        self.heats = [Heat(heat, data["subject"]) for heat in data["heats"]]

    def families(self):
        """{"row/float": its heats, ...}, in the order of the race."""
        found = {}
        for heat in self.heats:
            found.setdefault(heat.family, []).append(heat)
        return found

    def contestants(self, wanted=lambda name: True):
        return list(dict.fromkeys(name for heat in self.heats for name in heat.of if wanted(name)))


def cache_sizes():
    """{"L1d": bytes, "L2": bytes, ...} of the first core, as Linux tells them."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind, level, size = ((index / name).read_text().strip() for name in ("type", "level", "size"))
        if kind != "Instruction":
            found["L1d" if level == "1" else f"L{level}"] = int(size[:-1]) * {"K": 1 << 10, "M": 1 << 20}[size[-1]]
    return found
