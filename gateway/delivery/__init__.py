"""Delivery: how letters go out. A sender claims due letters, hands them to the relay, and writes down the outcome of each.

The octets of a letter are final when it is queued; nothing is composed here (see `templates`). This room knows SMTP replies,
retries, and the trouble of a relay. What an outcome means for a ticket is decided in `threading`.
"""
