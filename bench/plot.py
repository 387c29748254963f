# SPDX-License-Identifier: Apache-2.0
"""Bars on a logarithmic scale, as SVG."""
import math
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, RIGHT, TOP = 20, 190, 520, 80, 56
OURS, OTHERS, BOUND = "#0b6e4f", "#8a9ba8", "#d9c89e"


def colour(name):
    if name.startswith("penstock"):
        return OURS
    return BOUND if name.startswith("by hand") else OTHERS


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{escape(words)}</text>")


def bars(title, groups, write):
    """groups: [(heading, [(name, value), …]), …]; write: value → text. Larger is better."""
    values = [value for _, rows in groups for _, value in rows]
    low = 10 ** math.floor(math.log10(min(values)))
    high = 10 ** math.ceil(math.log10(max(values)))

    def place(value):
        return LEFT + WIDTH * math.log10(value / low) / math.log10(high / low)

    lines = [text(12, 24, title, weight="bold")]
    y = TOP
    for heading, rows in groups:
        lines.append(text(12, y + 14, heading, weight="bold"))
        y += ROW + 4
        for name, value in sorted(rows, key=lambda row: -row[1]):
            end = place(value)
            lines += [text(LEFT - 8, y + 14, name, anchor="end"),
                      f'<rect x="{LEFT}" y="{y + 3}" width="{max(end - LEFT, 1):.1f}" '
                      f'height="{ROW - 6}" fill="{colour(name)}"/>',
                      text(end + 6, y + 14, write(value))]
            y += ROW
        y += 12
    grid, mark = [], low
    while mark <= high:
        x = place(mark)
        grid += [f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{y - 8}" stroke="#ddd"/>',
                 text(x, TOP - 14, write(mark), anchor="middle")]
        mark *= 10
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {y}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{LEFT + WIDTH + RIGHT}" height="{y}" fill="white"/>',
        *grid, *lines, "</svg>"]) + "\n"
