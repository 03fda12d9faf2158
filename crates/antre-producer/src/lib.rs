//! Puts invoice jobs into Antre's queue and waits for their results.
