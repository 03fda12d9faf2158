//! The HTTP routes that operators and probes read; binds no socket.
