"""Light load: what a mail costs when few come, and how long its author waits for the confirmation."""

from helpdesk.gateway.bench.client import even_moments, send_at
from helpdesk.gateway.bench.latency import percentile
from helpdesk.gateway.bench.occasion import Occasion
from helpdesk.gateway.bench.parts import wait_until_settled
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.server import node, sink
from helpdesk.store.pause import pause

RATE = 10.0  # mails a second
LONGEST = 20.0  # seconds


def measure_light_load(occasion: Occasion) -> Extra:
    """Measure CPU time with and without mail over spans of one length, and the times from 250 to the hand-over of the confirmation."""
    plan = occasion.plan
    count = min(plan.mails, int(LONGEST * RATE))
    span = count / RATE
    with occasion.desk() as desk, sink(desk.folder.folder) as relay:
        config = desk.folder.configured("light.toml", f"smtp://127.0.0.1:{relay.port}")
        with node(config) as server:
            desk.warm_up(server, plan.mails // 4)
            occasion.tell(f"{span:.0f} seconds without mail")
            idle = server.stopwatch()
            with idle:
                pause(span)
            occasion.tell(f"{span:.0f} seconds at {RATE:.0f} mails a second")
            busy = server.stopwatch()
            with busy:
                sent = send_at(server.port, desk.mails(count), even_moments(count, RATE))
                wait_until_settled(desk.folder)
    idle_cpu = idle.cpu_seconds * busy.seconds / idle.seconds
    waits = confirmation_waits(sent.acknowledged_at, relay.last_lines)
    values = {
        "mails": count,
        "cpu_ms_a_mail": round(1000 * (busy.cpu_seconds - idle_cpu) / count, 2),
        "idle_cpu_ms_a_second": round(1000 * idle.cpu_seconds / idle.seconds, 2),
        "confirmations": len(waits),
        "confirmation_p50_ms": percentile(waits, 50),
        "confirmation_p90_ms": percentile(waits, 90),
    }
    lines = (
        f"{count} mails at {RATE:.0f} a second: {values['cpu_ms_a_mail']} ms of CPU a mail above the idle node",
        f"the idle node: {values['idle_cpu_ms_a_second']} ms of CPU a second",
        f"from 250 to the hand-over of the confirmation to the relay, {len(waits)} times:",
        f"p50 {values['confirmation_p50_ms']} ms, p90 {values['confirmation_p90_ms']} ms",
    )
    return Extra("light load", lines, values)


def confirmation_waits(acknowledged_at: dict[str, float], sink_lines: list[str]) -> list[float]:
    """Seconds from the 250 of a mail to the moment at which the sink had the first letter that answers it; a mail without one is left out.

    `sink_lines` are what `bench.sink` printed: nanoseconds of the same clock, and the Message-ID that is answered.
    """
    first: dict[str, float] = {}
    for line in sink_lines:
        nanoseconds, _, message_id = line.partition(" ")
        moment = int(nanoseconds) / 1e9
        first[message_id] = min(moment, first.get(message_id, moment))
    return [first[message_id] - at for message_id, at in acknowledged_at.items() if message_id in first]
