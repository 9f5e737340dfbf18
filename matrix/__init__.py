"""Operations x concerns -> cells: what can be tested, what is, and what a gap needs to close."""
