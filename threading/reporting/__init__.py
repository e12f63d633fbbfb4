"""What a desk has done in a span of time, in figures. Not here: how they are drawn or sent."""
