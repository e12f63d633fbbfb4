"""Origin: our own checks of where a mail comes from (SPF, DKIM, DMARC, ARC), and the DKIM signatures of our own letters.

This room is where DNS is asked. It reports results; what a result allows its author to do is decided in `threading.trust`.
"""
