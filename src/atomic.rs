//! Files that are replaced whole.
