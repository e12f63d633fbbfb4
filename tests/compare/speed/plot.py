"""A plot of the comparison as SVG: one bar a system with its median, one point a round."""

from collections.abc import Mapping, Sequence
from statistics import median
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 760, 190, 130, 26, 18, 48
STYLE = "text{font:13px sans-serif;fill:#222}.head{font-weight:bold}.bar{fill:#9db8d9}.ours{fill:#2f6db5}.point{fill:#222;opacity:.55}"


def svg(title: str, rates: Mapping[str, Sequence[float]], ours: str) -> str:
    """The rates of all systems, in mails a second, by round. The bar of `ours` stands out."""
    most = max((rate for values in rates.values() for rate in values), default=1.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    height = TOP + len(rates) * (BAR + GAP) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/><text class="head" x="10" y="26">{escape(title)}</text>',
    ]
    for row, (name, values) in enumerate(rates.items()):
        top = TOP + row * (BAR + GAP)
        middle, base = top + BAR / 2, median(values)
        kind = "bar ours" if name == ours else "bar"
        parts.append(f'<text x="{LEFT - 10}" y="{middle + 4:.0f}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{base * scale:.1f}" height="{BAR}"/>')
        parts += [f'<circle class="point" cx="{LEFT + rate * scale:.1f}" cy="{middle:.0f}" r="3"/>' for rate in values]
        end = LEFT + max(values) * scale + 10
        parts.append(f'<text x="{end:.1f}" y="{middle + 4:.0f}">{base:.0f} mails/s</text>')
    return "\n".join([*parts, "</svg>", ""])
