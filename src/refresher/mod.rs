//! The only loop: performs what the schedule decides.
