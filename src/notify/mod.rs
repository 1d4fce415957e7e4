//! Telling consumers that their outputs have changed.
