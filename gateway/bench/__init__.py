"""How fast this gateway is here: a workload, and what it costs next to the limits of the same machine, measured in the same run."""
