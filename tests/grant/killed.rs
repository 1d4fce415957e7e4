//! Killed between any two system calls, from the lock to the last output, the program loses no
//! refresh token.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    thread,
};

use crate::{
    left_out::left_out,
    machine::Machine,
    say,
    server::Server,
    traced::{End, GATE, follow},
};

/// Each waits most of its time: `min_interval` holds after a crash as well.
const AT_ONCE: usize = 4;

/// Between the request and the save, a refresh can hardly need fewer.
const FEWEST_CALLS: u32 = 30;

#[test]
fn a_refresh_killed_between_any_two_system_calls_loses_no_refresh_token() {
    let first = begun();
    let calls = match follow(first.machine.copy().command(&GATE, "once"), None) {
        Ok(End::Exited(0, calls)) => calls,
        Ok(end) => panic!("a refresh that nobody kills: {end:?}"),
        Err(errno) => return left_out("killing a refresh between system calls", errno.desc()),
    };
    assert!(calls > FEWEST_CALLS, "{calls} calls: are they seen?");
    assert_eq!(first.server.grant().current, 2, "it was a refresh");
    let (next, forgiven) = (AtomicU32::new(1), AtomicU64::new(0));
    let worker = || {
        let begun = begun();
        loop {
            // A few more, because threads do not always run alike.
            let point = next.fetch_add(1, Relaxed);
            if point > calls + 3 {
                break;
            }
            forgiven.fetch_add(try_point(&begun, point), Relaxed);
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(worker))));
    say(&format!(
        "killed between system calls: points tried: {calls}, refresh tokens lost: 0, \
         answers that died with the process and were given again: {}",
        forgiven.into_inner()
    ));
}

/// A grant with a token whose refresh is due.
struct Begun {
    machine: Machine,
    server: Server,
}

fn begun() -> Begun {
    let server = Server::start();
    let machine = Machine::new(&server.address);
    let (code, text) = machine.once();
    assert_eq!((code, server.grant().current, machine.kept()), (Some(0), 1, 1), "{text}");
    // In two seconds it is; each try takes some of that.
    let is_due = (0..200).any(|_| {
        assert_eq!(machine.copy().once().0, Some(0));
        server.grant().current > 1
    });
    assert!(is_due, "the refresh never comes");
    server.reset(1);
    Begun { machine, server }
}

/// Kills a refresh before the call of this number, and starts again. Says how often the server
/// had to forgive a refresh token whose answer had died with the process.
fn try_point(begun: &Begun, point: u32) -> u64 {
    let Begun { machine, server } = begun;
    let machine = machine.copy();
    server.reset(1);
    let end = follow(machine.command(&GATE, "once"), Some(point)).unwrap();
    let (kept, published) = (machine.kept(), machine.published());
    assert!(published.iter().all(|number| *number <= kept), "{point}: {published:?}, {kept}");
    assert!([kept, kept + 1].contains(&server.grant().current), "{point}: {kept}");

    machine.run(|running| {
        running.until(|| machine.kept() > 1 && machine.published() == [machine.kept(); 2]);
    });
    let grant = server.grant();
    assert_eq!(grant.refused, 0, "{point}, {end:?}: a refresh token is lost");
    assert_eq!(machine.kept(), grant.current, "{point}, {end:?}");
    assert_eq!(machine.published(), [grant.current; 2], "{point}, {end:?}");
    grant.forgiven
}
