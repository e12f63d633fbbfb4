"""What follows from mail that machines send, and from letters of ours that did not arrive."""
