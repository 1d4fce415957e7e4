//! Memory that is given back.
//!
//! The tree of a configuration is several times as large as the plan that comes of it, and is
//! dropped before the daemon settles. In the common heap its place would stay ours for ever: what
//! is built meanwhile lies above it, and glibc gives back only the end of a heap. But glibc also
//! gives each thread a heap of its own, and the next thread takes over the heap of one that has
//! ended. So the tree grows on one such thread and falls on another.

use std::hint::black_box;

/// Freeing this much at once makes glibc join all that is free, and give back the end of the heap
/// (`FASTBIN_CONSOLIDATION_THRESHOLD`). A block of twice the size would have pages of its own.
const BLOCK: usize = 64 << 10;

/// Makes a value in a heap apart.
pub fn make<T: Send>(make: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        scope.spawn(make).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Drops a value that was made apart, and gives its heap back.
pub fn give_back<T: Send>(value: T) {
    make(|| {
        drop(value);
        drop(black_box(Vec::<u8>::with_capacity(BLOCK)));
    });
}
