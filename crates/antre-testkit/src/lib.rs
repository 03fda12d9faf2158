//! Real Redis servers and a fault proxy for tests.
