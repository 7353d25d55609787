"""What propaga costs, measured beside dnsperf and kdig on the same machine, in one run.

Everything stays on loopback. Figures of two programs that are compared come from alternating runs, so
that a machine that slows down slows both. Usage: bench.py --propaga PATH --scale PATH [--domains N] [--runs N]
"""
import argparse
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

from measuring import Run, measure, peak_memory
from servers import Nsd, SlowResolvers, require

RESOLVERS = 4
SLOW_RESOLVERS = 30
SLOWEST_ANSWER, FASTEST_ANSWER = 0.110, 0.020
MEGABYTE = 1 << 20


class Table:
    """The figures, and whether each reaches its goal."""

    def __init__(self):
        self.rows = [("what", "ours", "theirs", "ratio", "goal", "met")]

    def add(self, what, ours, theirs, ratio, goal, met):
        self.rows.append((what, ours, theirs, ratio, goal, "yes" if met else "NO"))

    def show(self):
        widths = [max(map(len, column)) for column in zip(*self.rows)]
        for row in self.rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())

    @property
    def all_met(self):
        return all(row[-1] == "yes" for row in self.rows[1:])


def write_resolvers(path, endpoints):
    with open(path, "w") as file:
        for index, endpoint in enumerate(endpoints):
            file.write(f"{endpoint} resolver-{index} rate=1000000\n")
    return path


def answered_queries(run: Run):
    """How many answers propaga says it took in; the program's own word, on standard error with --verbose."""
    found = re.search(r"\banswers: (\d+)", run.errors)
    if not found:
        sys.exit(f"propaga --verbose reported no count of answers:\n{run.errors[-2000:]}")
    return int(found[1])


def bulk_command(options, resolvers, domains):
    return [options.propaga, "check", "--format", "json", "--no-authority", "--no-history", "--verbose",
            "--resolvers", resolvers, "--file", domains]


def dnsperf_queries(path, domains, count):
    """As many queries as propaga got answers to, in the same proportion: three times MX, then SOA."""
    with open(path, "w") as file:
        written = 0
        while written < count:
            for domain in domains:
                for kind in ("MX", "MX", "MX", "SOA"):
                    if written < count:
                        file.write(f"{domain} {kind}\n")
                        written += 1
    return path


def measure_bulk(options, folder, table):
    domains = [f"domain-{index}.zz" for index in range(options.domains)]
    domain_file = os.path.join(folder, "domains.txt")
    with open(domain_file, "w") as file:
        file.writelines(f"{domain}\n" for domain in domains)
    one_file = os.path.join(folder, "one.txt")
    with open(one_file, "w") as file:
        file.write(f"{domains[0]}\n")

    addresses = [f"127.1.0.{index + 1}" for index in range(RESOLVERS)]
    with Nsd(folder, addresses, domains) as server:
        resolvers = write_resolvers(
            os.path.join(folder, "bulk.conf"), [f"{address}:{server.port}" for address in addresses])
        command = bulk_command(options, resolvers, domain_file)
        compare_processor_time(options, folder, command, server, domains, table)
        measure_single_resolver(options, folder, command, server, domain_file, table)
        compare_memory(options, folder, resolvers, one_file, domain_file, table)


def measure_single_resolver(options, folder, command, server, domain_file, table):
    """What a domain costs on its own, whatever the number of its answers."""
    lone = write_resolvers(os.path.join(folder, "lone.conf"), [f"{server.addresses[0]}:{server.port}"])
    runs = {RESOLVERS: (command, []), 1: (bulk_command(options, lone, domain_file), [])}
    for _ in range(options.runs):
        for run_command, figures in runs.values():
            run = measure(run_command, os.path.join(folder, "status.json"), accept=(0, 1, 2))
            figures.append((run.processor_time, answered_queries(run)))
    (many, answers_of_many), (one, answers_of_one) = (
        (statistics.median(time for time, _ in figures), figures[0][1]) for _, figures in runs.values())
    answer = (many - one) / (answers_of_many - answers_of_one)
    alone = (one - answers_of_one * answer) / options.domains
    table.add("CPU per answered query, one resolver a domain", f"{one / answers_of_one * 1e6:.2f} us",
              f"{many / answers_of_many * 1e6:.2f} us (ours, {RESOLVERS} resolvers)", "-", "(none)", True)
    table.add("CPU a domain, answers aside", f"{alone * 1e6:.1f} us",
              f"{answer * 1e6:.1f} us (a further answer)", "-", "(none)", True)


# dnsperf's outstanding queries: the goal's, and fewer, since a burst of 1,000 can overflow the server's
# receive buffer, and dnsperf then spends its time on waiting for what is lost.
OUTSTANDING, OUTSTANDING_WITHOUT_LOSS = 1000, 200


def compare_processor_time(options, folder, command, server, domains, table):
    ours, theirs = [], {OUTSTANDING: [], OUTSTANDING_WITHOUT_LOSS: []}
    lost = dict.fromkeys(theirs, 0)
    queries = None
    for _ in range(options.runs):
        run = measure(command, os.path.join(folder, "status.json"), accept=(0, 1, 2))
        answered = answered_queries(run)
        ours.append(run.processor_time / answered)
        if queries is None:
            queries = dnsperf_queries(os.path.join(folder, "queries.txt"), domains, answered)
        for outstanding in theirs:
            run = measure(
                [require("dnsperf"), "-s", server.addresses[0], "-p", str(server.port), "-d", queries,
                 "-n", "1", "-T", "1", "-c", "1", "-q", str(outstanding)], os.path.join(folder, "dnsperf.txt"))
            completed = int(re.search(r"Queries completed:\s+(\d+)", run.output)[1])
            theirs[outstanding].append(run.processor_time / completed)
            lost[outstanding] += answered - completed
    our_median = statistics.median(ours)
    for outstanding, figures in theirs.items():
        their_median = statistics.median(figures)
        ratio = our_median / their_median
        has_goal = outstanding == OUTSTANDING
        table.add(
            f"CPU per answered query, {answered:,} answers", f"{our_median * 1e6:.2f} us",
            f"{their_median * 1e6:.2f} us (dnsperf -q {outstanding}, {lost[outstanding]:,} lost)", f"{ratio:.2f}",
            "<= 0.60" if has_goal else "(none)", ratio <= 0.6 or not has_goal)


def compare_memory(options, folder, resolvers, one_file, domain_file, table):
    output = os.path.join(folder, "status.json")
    base = peak_memory(bulk_command(options, resolvers, one_file), output)
    peak = peak_memory(bulk_command(options, resolvers, domain_file), output)
    each = max(0, peak - base) / (options.domains * RESOLVERS)
    table.add("peak memory, one domain", f"{base / MEGABYTE:.1f} MB", "-", "-", "<= 60 MB",
              base <= 60 * MEGABYTE)
    table.add(f"peak memory per domain x resolver ({options.domains:,} x {RESOLVERS})", f"{each:.0f} bytes",
              f"{peak / MEGABYTE:.1f} MB in all", "-", "<= 250", each <= 250)


def measure_sweep(options, folder, table):
    step = (SLOWEST_ANSWER - FASTEST_ANSWER) / (SLOW_RESOLVERS - 1)
    delays = {f"127.2.0.{index + 1}": FASTEST_ANSWER + index * step for index in range(SLOW_RESOLVERS)}
    with SlowResolvers(delays) as slow:
        resolvers = write_resolvers(
            os.path.join(folder, "slow.conf"), [f"{address}:{slow.port}" for address in delays])
        command = [options.propaga, "check", "domain-0.zz", "--format", "json", "--no-authority",
                   "--resolvers", resolvers]
        walls, remembered = [], []
        # The first one makes the file.
        for number in range(2 * max(10, options.runs) + 1):
            history = ["--no-history"] if number % 2 else ["--history", os.path.join(folder, "sweep.sqlite")]
            wall = measure(command + history, os.path.join(folder, "sweep.json"), accept=(0,)).wall
            (walls if number % 2 else remembered).append(wall)
    goal = SLOWEST_ANSWER + 0.050
    wall = statistics.median(walls)
    table.add(f"one domain over {SLOW_RESOLVERS} resolvers, start included", f"{wall * 1e3:.0f} ms",
              f"{SLOWEST_ANSWER * 1e3:.0f} ms (slowest answer)", "-", f"<= {goal * 1e3:.0f} ms", wall <= goal)
    more = statistics.median(remembered[1:]) - wall
    table.add("the same with a history: how much longer", f"{more * 1e3:.1f} ms", "-", "-", "<= 10 ms", more <= 0.010)


def measure_start(options, folder, table):
    output = os.path.join(folder, "version.txt")
    ours, theirs = [], []
    for _ in range(50):
        ours.append(measure([options.propaga, "--version"], output).wall)
        theirs.append(measure([require("kdig"), "-V"], output).wall)
    ours_median, theirs_median = statistics.median(ours), statistics.median(theirs)
    table.add("start: --version, median of 50", f"{ours_median * 1e3:.1f} ms (min {min(ours) * 1e3:.1f})",
              f"{theirs_median * 1e3:.1f} ms (kdig, min {min(theirs) * 1e3:.1f})",
              f"{ours_median / theirs_median:.2f}", "<= 10 ms", ours_median <= 0.010)


def measure_scale(options, folder, table):
    """A large watch at rest, in real time: one round of look-outs, five minutes, after the first sweep."""
    arguments = [str(options.scale_domains), "30", str(options.scale_seconds)]
    run = measure([options.scale, *arguments], os.path.join(folder, "scale.txt"))
    figures = dict(pair.split("=") for pair in run.output.split())
    share, peak = float(figures["core_percent"]), int(figures["peak_bytes"])
    rate = float(figures["questions_per_second"])
    what = f"{options.scale_domains:,} domains x 30 resolvers under watch, at rest"
    table.add(f"{what}: CPU", f"{share:.1f} % of a core", f"{rate:.0f} questions/s", "-", "<= 5 %", share <= 5)
    table.add(f"{what}: peak memory", f"{peak / MEGABYTE:.0f} MB", "-", "-", "<= 300 MB", peak <= 300 * MEGABYTE)


class Locker:
    """Another process's writes: keeps the history's file locked for half a second, again and again."""

    def __init__(self, path):
        self.path = path
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def run(self):
        while not self.is_over.wait(0.5):
            if not os.path.exists(self.path):
                continue
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(0.5)
            connection.execute("ROLLBACK")
            connection.close()


def measure_history(options, folder, table):
    """Whether a watch ever waits for its history, and how large that grows."""
    path = os.path.join(folder, "watch.sqlite")
    with Locker(path):
        run = measure([options.scale, "1000", "30", "60", path], os.path.join(folder, "history.txt"))
    figures = dict(pair.split("=") for pair in run.output.split())
    # Whoever is preempted waits, too: a few are over a millisecond on any machine.
    share = int(figures["waits_over_1_ms"]) / int(figures["waits"])
    table.add("1,000 x 30 watched, history locked half of the time: over 1 ms for it", f"{share * 100:.4f} %",
              f"{int(figures['waits']):,} events, longest {int(figures['longest_wait_us']) / 1e3:.1f} ms", "-",
              "<= 0.1 %", share <= 0.001)
    # A tenth of the domains where it would take too long; they do not share anything.
    for domains, words, what in ((1000, [], "one move, flaps now and then"),
                                 (100, ["always"], "every resolver flaps daily (100 domains, times 10)")):
        run = measure([options.scale, "year", str(domains), "30", os.path.join(folder, "year.sqlite"), *words],
                      os.path.join(folder, "year.txt"))
        size = int(dict(pair.split("=") for pair in run.output.split())["bytes"]) * (1000 // domains)
        table.add(f"history of a year, 1,000 x 30, {what}", f"{size / MEGABYTE:.0f} MB", "-", "-", "<= 200 MB",
                  size <= 200 * MEGABYTE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--propaga", required=True, help="the release build")
    parser.add_argument("--scale", required=True, help="the release build of Benchmarks/Scale")
    parser.add_argument("--scale-domains", type=int, default=10_000)
    parser.add_argument("--scale-seconds", type=int, default=300)
    parser.add_argument("--domains", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5, help="of each pair; the medians are compared")
    options = parser.parse_args()
    options.propaga = os.path.abspath(options.propaga)
    options.scale = os.path.abspath(options.scale)

    table = Table()
    with tempfile.TemporaryDirectory(prefix="propaga-bench-") as folder:
        measure_start(options, folder, table)
        measure_sweep(options, folder, table)
        measure_bulk(options, folder, table)
        measure_scale(options, folder, table)
        measure_history(options, folder, table)
    table.show()
    sys.exit(0 if table.all_met else 1)


if __name__ == "__main__":
    main()
