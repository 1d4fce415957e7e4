//! What must survive a crash, and the single-writer lock.
