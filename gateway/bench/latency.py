"""How long clients wait for 250 while the node works: an open loop at half of the rate that it can keep up, one connection a mail."""

from collections.abc import Sequence

from helpdesk.gateway.bench.client import random_moments, send_at
from helpdesk.gateway.bench.occasion import Occasion
from helpdesk.gateway.bench.parts import wait_until_settled
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.server import node

LARGE = 20 * 1024 * 1024  # octets of the large mail


def measure_latency(occasion: Occasion) -> Extra:
    """Measure the times from the final dot to 250, then the same while a mail of 20 MB comes in among the small ones."""
    plan, rate = occasion.plan, occasion.rate / 2
    with occasion.desk() as desk, node(desk.folder.config) as server:
        desk.warm_up(server, plan.mails // 4)
        moments = random_moments(plan.mails, rate, plan.seed)
        occasion.tell(f"waits for 250 at {rate:.0f} mails a second")
        alone = send_at(server.port, desk.mails(plan.mails), moments)
        wait_until_settled(desk.folder)
        occasion.tell("the same beside a mail of 20 MB")
        mails = desk.mails(plan.mails)
        large = desk.workload.large_mail(LARGE)
        mails[len(mails) // 2] = large
        beside = send_at(server.port, mails, moments)
        wait_until_settled(desk.folder)
    small = [wait for message_id, wait in beside.waited.items() if message_id != large.message_id]
    values = {
        "mails_per_second": round(rate, 1),
        "p50_ms": percentile(list(alone.waited.values()), 50),
        "p99_ms": percentile(list(alone.waited.values()), 99),
        "max_ms": percentile(list(alone.waited.values()), 100),
        "beside_20_mb_p99_ms": percentile(small, 99),
        "beside_20_mb_max_ms": percentile(small, 100),
        "client_late_ms": round(1000 * max(alone.late, beside.late), 1),
    }
    lines = (
        f"open loop, {rate:.0f} mails/s: the time from the final dot to 250",
        f"alone: p50 {values['p50_ms']} ms, p99 {values['p99_ms']} ms, longest {values['max_ms']} ms",
        f"beside a mail of 20 MB: p99 {values['beside_20_mb_p99_ms']} ms, longest {values['beside_20_mb_max_ms']} ms",
        f"the client itself was late by {values['client_late_ms']} ms at most",
    )
    return Extra("accept latency", lines, values)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The smallest value, in milliseconds, that `percent` of the values do not exceed; 0 for no values."""
    ordered = sorted(seconds)
    if not ordered:
        return 0.0
    return round(1000 * ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 1)
