"""What a spec and a schema tell of the mapping between them, as guesses that give their reasons.

proposal = propose(document, schema)          by names, types, keys and constraints alone
proposal = confirm(proposal, observations)    corrected by what the running API was seen to write
text = render(proposal)                       gen-suite.yaml, each guess with its evidence
merged = merge(old_text, proposal, base)      into a file that people have written in
"""

from .guess import THRESHOLD, Guess, Proposal

__all__ = ["THRESHOLD", "Guess", "Proposal"]
