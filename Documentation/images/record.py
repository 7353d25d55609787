#!/usr/bin/python3
"""Makes the pictures of the documents from a recorded run: `make images`.

propaga watches a small DNS world (world.py) in a terminal of tmux's; one moment of it becomes live.svg. The report
of the same run, as Chromium shows it, becomes report.png. It takes about five minutes: copies have to expire.
"""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import screen
import world

FOLDER = os.path.dirname(os.path.abspath(__file__))
COLUMNS, ROWS = 90, 24
# The page down to its last resolver.
PAGE = "980,1740"
TTL = 120
WATCH = ["--until", "second-pass", "--previous-ttl", "240", "--settle", "20s", "--deadline", "9m"]


class Terminal:
    """A window of a tmux server of its own."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "tmux")
        self.environment = dict(
            os.environ, LC_ALL="C.UTF-8", TERM="screen-256color", TMUX="", XDG_STATE_HOME=folder, TZ="Europe/Rome")
        self.environment.pop("NO_COLOR", None)

    def tmux(self, *arguments):
        return subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], env=self.environment, check=True,
            capture_output=True, text=True).stdout

    def start(self, command):
        # The exit code stays on the screen until somebody has read it.
        script = shlex.join(command) + "; echo ended $?; sleep 600"
        self.tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), shlex.join(["sh", "-c", script]))

    def frame(self):
        return self.tmux("capture-pane", "-p", "-e")

    def end(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.environment, check=False)


def worth(frame):
    """A moment tells most when some have flipped, some have not, and one is being confirmed."""
    marks = [line.lstrip()[:1] for line in screen.plain(frame).split("\n")]
    clear, holding, confirming = marks.count("✓"), marks.count("✗"), marks.count("~")
    return min(clear, holding) + 3 * min(confirming, 1) + (holding > clear)


def record(program, folder):
    """The frames of a whole watch."""
    options = world.World(ttl=TTL, switch_after=20)
    threading.Thread(target=options.run, daemon=True).start()
    resolvers = os.path.join(folder, "resolvers.conf")
    options.write_list(resolvers)
    terminal = Terminal(folder)
    terminal.start([program, "watch", *WATCH, *options.options(resolvers), world.DOMAIN])
    frames = []
    try:
        while True:
            time.sleep(0.5)
            frame = terminal.frame()
            ended = re.search(r"^ended (\d+)", screen.plain(frame), re.MULTILINE)
            if ended:
                if ended[1] != "0":
                    sys.exit(f"the watch ended with {ended[1]}:\n{screen.plain(frame)}")
                return frames
            frames.append(frame)
    finally:
        terminal.end()


def picture_of_page(page, target, folder):
    browser = shutil.which("chromium") or sys.exit("chromium is not installed; `make images` installs it")
    subprocess.run([
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-extensions", "--disable-default-apps", "--metrics-recording-only",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--no-proxy-server", f"--user-data-dir={folder}/profile",
        f"--screenshot={target}", f"--window-size={PAGE}", "--hide-scrollbars",
        "--blink-settings=preferredColorScheme=1", f"file://{page}",
    ], check=True, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--propaga", default=".build/release/propaga", help="the program")
    program = os.path.abspath(parser.parse_args().propaga)
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is not there; `make build` makes it")
    with tempfile.TemporaryDirectory() as folder:
        print("A move is recorded, which takes about five minutes.", flush=True)
        frames = record(program, folder)
        with open(os.path.join(FOLDER, "live.svg"), "w", encoding="utf-8") as file:
            file.write(screen.svg(max(frames, key=worth), COLUMNS, ROWS, f"propaga watch {world.DOMAIN}"))
        page = os.path.join(folder, "report.html")
        with open(page, "wb") as file:
            subprocess.run(
                [program, "report", "--format", "html", world.DOMAIN], stdout=file, check=True,
                env=dict(os.environ, XDG_STATE_HOME=folder, TZ="Europe/Rome"))
        picture_of_page(page, os.path.join(FOLDER, "report.png"), folder)
    print("Documentation/images/live.svg and Documentation/images/report.png are new.")


if __name__ == "__main__":
    main()
