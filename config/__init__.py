"""What may be changed without programming: this node's settings, and the desk's policy. Imports nothing of ours."""
