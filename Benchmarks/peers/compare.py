"""Runs the same work in Landbridge, JAX, PyTorch and NumPy, in turn, and prints the ratios.

Every peer is a process per number of threads, bound to as many cores, that keeps its arrays and
is asked for whole blocks of steps. Before anything is timed all weights are compared with a plain
float64 reference. See README.md beside this file.
"""

import argparse
import dataclasses
import functools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import cases
import report

HERE = pathlib.Path(__file__).parent
# Largest difference from the reference, relative to the largest change that training made (for
# features: to the largest feature). A weight near 1 that is stored as float32 after each of
# some hundred small steps is off by up to 3e-4 of its change, in every peer alike.
TOLERANCE = 1e-3


class Worker:
    """A peer in a process of its own."""

    def __init__(self, name, command, threads):
        self.name, self.threads = name, threads
        variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | {v: str(threads) for v in variables} | {"JAX_PLATFORMS": "cpu"}
        # glibc keeps large blocks: frameworks that allocate a gradient per step would otherwise
        # spend most of it on page faults.
        environment |= {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=lambda: bind(threads))  # fmt: skip

    def ask(self, do, **more):
        answer = ""
        try:
            self.process.stdin.write(json.dumps({"do": do} | more) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            pass
        if not answer:
            sys.exit(f"{self.name} ended; its messages are above")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bind(threads):
    if hasattr(os, "sched_setaffinity"):  # Linux; elsewhere the thread counts alone decide
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def workers_for(case, landbridge, threads):
    python = [sys.executable]
    if case.trained == "features":
        commands = {"PyTorch": python + [HERE / "torch_peer.py", "by-hand"]}
    else:
        commands = {
            "JAX": python + [HERE / "jax_peer.py"],
            "PyTorch": python + [HERE / "torch_peer.py", "by-hand"],
            "autograd": python + [HERE / "torch_peer.py", "autograd"],
            "NumPy": python + [HERE / "numpy_peer.py"],
        }
    commands = {"Landbridge": [landbridge, "worker", "--threads"]} | commands
    return [
        (name, [*command, str(t)] if name == "Landbridge" else command, t)
        for name, command in commands.items() for t in threads
    ]


@functools.cache
def expected(name, steps):
    case = next(c for c in cases.CASES if c.name == name)
    return cases.reference(case, cases.arrays(case), steps)


def deviation(case, made, results, steps):
    """How far results are from the reference, relative to how far training went."""
    right = expected(case.name, steps)
    largest = 0.0
    for index, (found, value) in enumerate(zip(results, right, strict=True)):
        start = 0 if case.trained == "features" else made[f"w{index}"]
        moved = np.abs(value - start).max()
        # A layer that training leaves alone has to be the same to the bit.
        error = np.abs(found - value).max()
        largest = max(largest, float(error / moved if moved else error > 0))
    return largest


def summary(times):
    quartiles = statistics.quantiles(times, n=4) if len(times) > 1 else [times[0]] * 3
    return {
        "median": statistics.median(times), "lower": quartiles[0], "upper": quartiles[2],
        "fastest": min(times), "slowest": max(times), "rounds": len(times),
    }  # fmt: skip


def checked(worker, case, made, file, options):
    """Loads a worker, and compares what its first steps give with the reference: its row."""
    steps = case.block
    if not options.quick and case.trained != "features":
        steps *= -(-200 // case.block)  # at least 200
    loaded = worker.ask("load", case=dataclasses.asdict(case), file=str(file), quick=options.quick)
    worker.ask("run", steps=steps)
    saved = file.with_name("results.npz")
    worker.ask("save", file=str(saved))
    results = [v.astype(np.float64) for v in np.load(saved).values()]
    error = deviation(case, made, results, steps)
    answer = worker.ask("run", steps=8)
    per_step = answer["seconds"] / answer["steps"]
    note(f"  {worker.name}, {worker.threads}: {loaded['form']}, "
         f"{per_step * 1e6:.3g} µs/step, deviation {error:.1e}")  # fmt: skip
    if not error <= TOLERANCE:
        sys.exit(f"{case.name}: {worker.name} computes something else: {error:.1e}")
    return {"peer": worker.name, "threads": worker.threads, "form": loaded["form"],
            "deviation": error, "checkedSteps": steps,
            "steps": max(1, round(options.seconds / per_step)), "times": []}  # fmt: skip


def measure(case, options, folder):
    """One case: all workers checked, then timed in turn, round after round."""
    made, file = cases.arrays(case), folder / "arrays.npz"
    np.savez(file, **made)
    workers = [Worker(*w) for w in workers_for(case, options.landbridge, options.threads)]
    rows = [checked(worker, case, made, file, options) for worker in workers]
    rates = []
    for _ in range(options.rounds):
        for worker, row in zip(workers, rows):
            time.sleep(0.02)  # the threads of the one before come to rest
            answer = worker.ask("run", steps=row["steps"])
            row["times"].append(answer["seconds"] / answer["steps"])
        rates.append([w.ask("sgemm")["rate"] for w in workers if w.name == "Landbridge"])
    versions = {}
    for worker in workers:
        versions |= worker.ask("versions")
        worker.close()
    for row in rows:
        row["secondsPerStep"] = summary(row.pop("times"))
    sgemm = {str(t): statistics.median(r) for t, r in zip(options.threads, zip(*rates))}
    flops = None if case.trained == "features" else case.flops
    return {"case": dataclasses.asdict(case), "flopsPerStep": flops, "sgemm": sgemm,
            "results": rows}, versions  # fmt: skip


def note(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--landbridge", required=True, help="the built Benchmarks program")
    parser.add_argument("--quick", action="store_true", help="less than three minutes")
    parser.add_argument("--filter", default="", help="only cases whose name contains this")
    parser.add_argument("--threads", type=int, nargs="+", default=None)
    parser.add_argument("--rounds", type=int, help="default 7, quick 3")
    parser.add_argument("--seconds", type=float, help="per turn: default 1, quick 0.25")
    parser.add_argument("--output", help="a file for the numbers; without it they are only printed")
    parser.add_argument("--update", action="store_true",
                        help="keep what --output holds of other cases")  # fmt: skip
    parser.add_argument("--readme", help="a file whose bench-peers section is replaced")
    parser.add_argument("--report-only", action="store_true", help="print --output, run nothing")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.seconds = options.seconds or (0.25 if options.quick else 1)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    options.threads = options.threads or ([1, 2] if cores > 1 else [1])
    return options


def main():
    options = arguments()
    output = pathlib.Path(options.output) if options.output else None
    found = {"versions": {}, "cases": []}
    if (options.update or options.report_only) and output and output.exists():
        found = json.loads(output.read_text())
    chosen = [c for c in cases.CASES if options.filter in c.name and not options.report_only]
    for case in chosen:
        note(f"{case.name}: threads {options.threads}, {options.rounds} rounds")
        with tempfile.TemporaryDirectory() as folder:
            measured, versions = measure(case, options, pathlib.Path(folder))
        found["machine"] = versions.pop("machine")
        found["versions"] |= versions
        others = [c for c in found["cases"] if c["case"]["name"] != case.name]
        order = [c.name for c in cases.CASES]
        found["cases"] = sorted(others + [measured], key=lambda c: order.index(c["case"]["name"]))
        if output:
            output.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(report.text(found))
    if options.readme:
        report.replace(pathlib.Path(options.readme), report.markdown(found))


if __name__ == "__main__":
    main()
