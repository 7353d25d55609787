"""A terminal's screen, as `tmux capture-pane -e` gives it, as a picture in SVG."""
import re
from html import escape

WIDTH, HEIGHT, MARGIN, BAR = 8.4, 18, 14, 30
CODE = re.compile(r"\x1b\[([0-9;]*)m")
NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
# On light and on dark ground; each is readable there.
COLORS = {
    "ground": ("#fbfaf7", "#16191d"), "frame": ("#d5d2c8", "#343a41"), "text": ("#22262b", "#d9dde2"),
    "dim": ("#70757c", "#8b939c"), "red": ("#b3261e", "#ff8a80"), "green": ("#0b6b45", "#6fd7a2"),
    "yellow": ("#8a5a00", "#f2c562"), "blue": ("#2b52b8", "#8ab4f8"), "magenta": ("#8b2f8f", "#e39ff6"),
    "cyan": ("#0a6570", "#72d3de"), "black": ("#22262b", "#8b939c"), "white": ("#4a4f56", "#eceff3"),
}


def plain(frame):
    return re.sub(r"\x1b(\[[0-9;]*m|[()].|[\x0e\x0f])|[\x0e\x0f]", "", frame)


def runs(line, style):
    """Pieces of a line that look alike: (column, text, style). The style goes on into the next line."""
    pieces, column, position = [], 0, 0
    for match in [*CODE.finditer(line), None]:
        text = line[position:match.start() if match else len(line)]
        if text:
            pieces.append((column, text, dict(style)))
            column += len(text)
        if match:
            position = match.end()
            change(style, [int(code or 0) for code in match[1].split(";")])
    return pieces


def change(style, codes):
    for code in codes:
        if code == 0:
            style.clear()
        elif code in (1, 2, 7):
            style[{1: "bold", 2: "dim", 7: "reverse"}[code]] = True
        elif code == 22:
            style.pop("bold", None), style.pop("dim", None)
        elif code == 27:
            style.pop("reverse", None)
        elif code == 39:
            style.pop("color", None)
        elif code == 90:
            style["color"] = "dim"
        elif 30 <= code <= 37 or 91 <= code <= 97:
            style["color"] = NAMES[code % 10]


def svg(frame, columns, rows, title):
    lines = re.sub(r"\x1b[()].|[\x0e\x0f]", "", frame).rstrip("\n").split("\n")
    width, height = columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN + BAR
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" xml:space="preserve">',
        f"<title>{escape(title)}: the live screen</title>", f"<style>{sheet()}</style>",
        f'<rect class="ground" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>',
        f'<path class="frame" d="M0 {BAR}.5H{width:g}"/>',
        f'<text class="dim" x="{width / 2:g}" y="{BAR - 10}" text-anchor="middle">{escape(title)}</text>',
    ]
    style = {}
    for row, line in enumerate(lines):
        baseline = BAR + MARGIN + row * HEIGHT + 13
        for column, text, look in runs(line, style):
            parts += piece(MARGIN + column * WIDTH, baseline, text, look)
    return "\n".join(parts + ["</svg>"]) + "\n"


def piece(x, baseline, text, look):
    if look.get("reverse"):
        yield (f'<rect class="{look.get("color", "text")}" x="{x:g}" y="{baseline - 13}" '
               f'width="{len(text) * WIDTH:g}" height="{HEIGHT}"/>')
    # Blanks at both ends draw nothing, and words are set apart, so that every font keeps the columns.
    for word in re.finditer(r"[━╸─]+|[^\s━╸─]+(?: [^\s━╸─]+)*", text):
        color = "on" if look.get("reverse") else "dim" if look.get("dim") else look.get("color", "text")
        left, width = x + word.start() * WIDTH, len(word[0]) * WIDTH
        if word[0][0] in "━╸─":
            done = (word[0].count("━") + word[0].count("╸") / 2) * WIDTH
            yield (f'<path class="{color}" d="M{left:g} {baseline - 5}h{width:g}v1h{-width:g}z'
                   f'm0-1.5h{done:g}v4h{-done:g}z"/>')
            continue
        names = color + (" bold" if look.get("bold") else "")
        yield (f'<text class="{names}" x="{left:g}" y="{baseline}" textLength="{width:g}" '
               f'lengthAdjust="spacingAndGlyphs">{escape(word[0])}</text>')


def sheet():
    def palette(index):
        return " ".join(f".{name}{{fill:{colors[index]}}}" for name, colors in COLORS.items()) + (
            f" .ground{{stroke:{COLORS['frame'][index]}}} .frame{{stroke:{COLORS['frame'][index]};fill:none}}"
            f" .on{{fill:{COLORS['ground'][index]}}}")
    return ('text{font:14px "DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace} .bold{font-weight:700} '
            + palette(0) + " @media (prefers-color-scheme:dark){" + palette(1) + "}")
