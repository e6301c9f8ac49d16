"""Gaming: late entries before cut-offs, breaks at targets and deadlines, and spot checks."""
