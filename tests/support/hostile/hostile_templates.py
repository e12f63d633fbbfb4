"""Templates that would take the node: each asks for memory, time or output without end, while it is compiled or while it is rendered."""

_LOOPS = "{% for a in range(99999) %}{% for b in range(99999) %}%s{% endfor %}{% endfor %}"
_MACRO = "{% macro m(n) %}%s{% endmacro %}{{ m(1) }}"

# By what they ask for.
HOSTILE: dict[str, str] = {
    # memory, in one step: most are worked out by the compiler already
    "a long string": "{{ 'a' * 1500000000 }}",
    "a long string of words": "{{ letter.subject * 400000000 }}",
    "a long string of two": "{{ ('a' * 40000) * 40000 }}",
    "a long list": "{{ [1] * 1500000000 }}",
    "a long tuple": "{{ (1, 2) * 900000000 }}",
    "a long list of a name": "{% set a = [letter.subject] %}{{ a * 1500000000 }}",
    "centred": "{{ 'a'|center(1000000000) }}",
    "filled with zeros": "{{ 'a'.zfill(1000000000) }}",
    "padded left": "{{ 'a'.rjust(1000000000) }}",
    "padded right": "{{ 'a'.ljust(1000000000) }}",
    "tabs": "{{ ('\\t' * 1000).expandtabs(1000000) }}",
    "a wide field": "{{ '%1000000000d' % 1 }}",
    "a wide field by a filter": "{{ '%1000000000s'|format('a') }}",
    "a wide field by a method": "{{ '{:1000000000}'.format(1) }}",
    "indented": "{{ ('a\\n' * 100000)|indent(100000) }}",
    "joined": "{{ range(99999)|join('a' * 100000) }}",
    "replaced": "{{ ('a' * 100000)|replace('a', 'b' * 100000) }}",
    "replaced by a method": "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
    "in batches": "{% for row in range(9)|batch(1000000000, 'x') %}{{ row }}{% endfor %}",
    "in slices": "{% for row in range(9)|slice(1000000000) %}{{ row }}{% endfor %}",
    "wrapped": "{{ ('a' * 10000)|wordwrap(1, wrapstring='b' * 1000000) }}",
    "a great power": "{{ 9 ** (9 ** 9) }}",
    "a great shift of powers": "{{ (10 ** 1000000) ** 1000 }}",
    "escaped": "{{ ('<' * 90000000)|escape }}",
    "lorem": "{{ lipsum(n=99999, min=9999, max=99999) }}",
    # memory, little by little
    "doubled": "{% set n = namespace(s='aaaaaaaaaa') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
    "doubled list": "{% set n = namespace(s=[1, 2, 3]) %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "multiplied": "{% set n = namespace(s='a') %}{% for i in range(99) %}{% set n.s = n.s * 99 %}{% endfor %}",
    "a block that is kept": "{% set x %}"
    + _LOOPS.replace("%s", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    + "{% endset %}",
    "a filtered block": "{% filter upper %}"
    + _LOOPS.replace("%s", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    + "{% endfilter %}",
    "a macro that is kept": _MACRO.replace("%s", _LOOPS.replace("%s", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
    "nested lists": "{% set n = namespace(s=[]) %}{% for i in range(99999) %}{% set n.s = [n.s, letter.subject * 9999] %}{% endfor %}",
    # time
    "two loops": _LOOPS.replace("%s", ""),
    "a loop by itself": "{% for a in range(99999) recursive %}{{ loop(range(99999)) }}{% endfor %}",
    "a cycle": "{% set c = cycler('a') %}" + _LOOPS.replace("%s", "{% set x = c.next() %}"),
    "sums": _LOOPS.replace("%s", "{% set x = range(99999)|sum %}"),
    "sorting": _LOOPS.replace("%s", "{% set x = range(99999)|sort(reverse=true) %}"),
    "a random word of many": _LOOPS.replace("%s", "{% set x = range(99999)|list|random %}"),
    "a wide product": "{% set n = namespace(a=letter.subject|length + 3) %}{% for i in range(99) %}{% set n.a = n.a * n.a %}{% endfor %}",
    "a long number in words": "{{ 3 ** 9999999 % 7 }}" * 50,
    "a test of membership": "{% set a = range(99999)|list %}" + _LOOPS.replace("%s", "{% if (0 - 1) in a %}{% endif %}"),
    "a macro in loops": "{% macro m() %}{% endmacro %}" + _LOOPS.replace("%s", "{% set x = m() %}"),
    "two macros": "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(60) }}",
    "links": "{{ ('http://a.b/' * 30000)|urlize }}" * 200,
    # depth
    "a macro without end": _MACRO.replace("%s", "{{ m(n + 1) }}"),
    "a template of itself": "{% include 'customer/closing.txt.j2' %}",
    "an ancestor of itself": "{% extends 'customer/closing.txt.j2' %}",
    "deep brackets": "{{ " + "(" * 50000 + "1" + ")" * 50000 + " }}",
    "deep lists": "{{ " + "[" * 20000 + "]" * 20000 + " }}",
    "deep negation": "{{ " + "not " * 60000 + "1 }}",
    "deep conditions": "{% if 1 %}" * 5000 + "{% endif %}" * 5000,
    "a long sum": "{{ " + "+".join(["letter.subject"] * 12000) + " }}",
    "deep elements": "{{ letter" + ".subject" * 25000 + " }}",
    # output, and counts that the sandbox refuses
    "output": "{% for a in range(99999) %}{{ 'x' * 900 }}{% endfor %}",
    "output of one piece": "{{ 'x' * 20000000 }}",
    "a great range": "{{ range(1000000000) }}",
    "a great range as a list": "{{ range(10 ** 9)|list }}",
}
# What runs in every test run: one of each way.
SLICE = (
    "a long string",
    "doubled",
    "two loops",
    "a macro without end",
    "output",
)
