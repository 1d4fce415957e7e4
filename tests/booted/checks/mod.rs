//! What must be seen on a booted system. One file for each concern.

pub mod consumers;
pub mod hardening;
pub mod instances;
pub mod journal;
pub mod leave;
pub mod permissions;
pub mod reload;
pub mod restart;
pub mod start;
