//! What the process does for its secrets before it reads the first one.
//!
//! `PR_SET_NO_NEW_PRIVS` is left to the unit (`NoNewPrivileges=`): it would pass to every command
//! that we run and never go away, and a `notify` command may well be `sudo systemctl reload nginx`.

use nix::sys::{
    prctl::set_dumpable,
    resource::{Resource, setrlimit},
    stat::{Mode, umask},
};

/// No core dump, no other process of our user that could read our memory, and nobody else's eyes on
/// a file before it has the mode that it was meant to have. Commands that we run inherit all but
/// the second (`execve(2)`).
pub fn seal() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    let sealed = setrlimit(Resource::RLIMIT_CORE, 0, 0).and_then(|()| set_dumpable(false));
    // To ask for less is always allowed; where a filter of system calls thinks otherwise, tokens
    // that are fresh are worth more than a seal.
    if let Err(errno) = sealed {
        eprintln!("tokenward: memory is not sealed: {errno}; allow prctl and setrlimit");
    }
}
