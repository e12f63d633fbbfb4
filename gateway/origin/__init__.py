"""Where a mail comes from, by our own checks: DNS, SPF, DKIM, DMARC, ARC; and the signatures of our own letters."""
