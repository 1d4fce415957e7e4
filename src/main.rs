//! The `tokenward` program: parse the command line, run the verb, exit with its code.

use std::process::ExitCode;

/// Every freed heap block is wiped, so that no copy of a token outlives its use, whichever
/// library made the copy.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    tokenward::cli::main()
}
