//! What must be seen of each pattern. Each check returns the figure that is worth telling.

pub mod change;
pub mod identity;
pub mod jobs;
pub mod sidecars;
pub mod standalone;
