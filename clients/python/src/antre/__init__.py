"""Client of Antre."""
