"""The tables of a comparison: plain text of 80 columns, and Markdown."""

PEERS = ["Landbridge", "JAX", "PyTorch", "autograd", "NumPy"]
NAMES = {"PyTorch": "PyTorch by hand", "autograd": "PyTorch autograd", "NumPy": "NumPy, SciPy"}


def rounded(value):
    return f"{value:.0f}" if value >= 99.5 else f"{value:.3g}"


class Entry:
    """One case with what is derived from its numbers. Amounts: µs per step, or images/s."""

    def __init__(self, measured):
        self.case, self.name = measured["case"], measured["case"]["name"]
        self.is_rate = self.case["trained"] == "features"
        self.rows = {(r["peer"], r["threads"]): r for r in measured["results"]}
        self.threads = sorted({t for _, t in self.rows})
        self.sgemm, self.flops = measured["sgemm"], measured["flopsPerStep"]

    def seconds(self, peer, threads):
        row = self.rows.get((peer, threads))
        return row and row["secondsPerStep"]["median"]

    def amount(self, peer, threads):
        time = self.seconds(peer, threads)
        return rounded(1 / time if self.is_rate else time * 1e6) if time else "–"

    def best(self, peer):
        """The faster number of threads."""
        return min((t for t in self.threads if self.seconds(peer, t)), default=None,
                   key=lambda t: self.seconds(peer, t))  # fmt: skip

    def ratio(self, peer):
        """How many times as fast Landbridge is, each with its better number of threads."""
        best = self.best(peer)
        if best is None:
            return None
        return self.seconds(peer, best) / self.seconds("Landbridge", self.best("Landbridge"))

    def share(self):
        """Of the rate of the matrix product with as many threads."""
        best = self.best("Landbridge")
        if not self.flops:
            return None
        return self.flops / self.seconds("Landbridge", best) / self.sgemm[str(best)]

    def spread(self):
        """The largest interquartile range, of the median."""
        spreads = [r["secondsPerStep"] for r in self.rows.values()]
        return max((s["upper"] - s["lower"]) / s["median"] for s in spreads)

    @property
    def unit(self):
        return "images/s" if self.is_rate else "µs/step"


def machine(found):
    m = found["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in sorted(found["versions"].items()))
    return [f"{m['processor']}, {m['cores']} cores, {m['system']}", f"{m['swift']}; "
            f"kernels {m['kernels']}; {' '.join(m['blas'].split())}", versions]  # fmt: skip


def wrapped(line, width=80):
    import textwrap

    return textwrap.wrap(line, width, subsequent_indent="  ")


def text(found):
    if not found["cases"]:
        return "nothing measured"
    lines = [part for line in machine(found) for part in wrapped(line)]
    sgemm = found["cases"][-1]["sgemm"]
    lines.append("sgemm " + ", ".join(
        f"{rate / 1e9:.0f} GFLOP/s on {t} thread{'s' * (t != '1')}" for t, rate in sgemm.items()))
    lines += ["", f"{'work':<27}{'threads':>8}" + "".join(
        f"{name:>{width}}" for name, width in zip(PEERS, (11, 8, 8, 9, 8)))]  # fmt: skip
    for measured in found["cases"]:
        entry = Entry(measured)
        for index, t in enumerate(entry.threads):
            label = [entry.name, "  " + entry.unit][min(index, 1)]
            cells = [entry.amount(peer, t) for peer in PEERS]
            lines.append(f"{label:<27}{t:>8}" + padded(cells))
        cells = [f"{r:.2f}×" if (r := entry.ratio(peer)) else "–" for peer in PEERS]
        lines.append(f"{'  best ÷ best Landbridge':<35}" + padded(cells))
    lines += ["", "Landbridge against its target".ljust(38) + f"{'peer':>9}{'ratio':>8}{'target':>9}"
              f"{'of sgemm':>10}"]  # fmt: skip
    for measured in found["cases"]:
        entry = Entry(measured)
        peer, target = entry.case["target_peer"], entry.case["target"]
        share = entry.share()
        ratio = entry.ratio(peer)
        mark = "" if ratio >= target else "  below"
        share = f"{share:.0%}" if share else "–"
        lines.append(f"{entry.name:<38}{peer:>9}{ratio:>7.2f}×{'≥ ' + format(target, 'g') + '×':>9}"
                     f"{share:>10}{mark}")  # fmt: skip
    return "\n".join(lines)


def padded(cells):
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, (11, 8, 8, 9, 8)))


def markdown(found):
    lines = [
        "µs per step (images per second for VGG-16), the better of one and two threads, which is",
        "in parentheses; *ratio*: the fastest other one ÷ Landbridge. Medians of alternating runs,",
        "each checked against a float64 reference first ([how](docs/performance.md)).",
        "",
        "| work | " + " | ".join(NAMES.get(p, p) for p in PEERS) + " | ratio | of sgemm |",
        "|---|" + "---:|" * (len(PEERS) + 2),
    ]
    for measured in found["cases"]:
        entry = Entry(measured)
        cells = [f"{entry.amount(p, entry.best(p))} ({entry.best(p)})" if entry.best(p) else "–"
                 for p in PEERS]  # fmt: skip
        if entry.is_rate:
            cells = [c.replace(" (", "/s (") for c in cells]
        share = entry.share()
        ratios = [r for p in PEERS[1:] if (r := entry.ratio(p))]
        lines.append(f"| {entry.name} | {' | '.join(cells)} | **{min(ratios):.2f}×** | "
                     f"{f'{share:.0%}' if share else '–'} |")  # fmt: skip
    return "\n".join(lines + ["", "Measured on: " + "; ".join(machine(found)) + "."])


def replace(file, section, name="bench-peers"):
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    whole = file.read_text()
    if begin not in whole or end not in whole:
        raise SystemExit(f"{file}: no {begin} … {end}")
    before, rest = whole.split(begin, 1)
    file.write_text(before + begin + "\n" + section + "\n" + end + rest.split(end, 1)[1])
