//! When to act: a pure state machine.
