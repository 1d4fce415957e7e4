//! RFC 6749, section 6, with each manner of rotation.

use std::time::Duration;

use super::{Granted, Reply, Visit, invalid_grant};
use crate::{
    clock::WallTime,
    sandbox::{
        memory::Mark,
        system::plain::{Rotation, granted::Refresh},
        ticket::{Kind, Ticket},
    },
};

pub(in crate::sandbox) const GRANT_TYPE: &str = "refresh_token";

/// Any refresh token that begins so is the first one of a grant of its own, for whoever has to
/// begin with one.
const SEED: &str = "sandbox-refresh-token";
/// How long a refresh token that was replaced is forgiven.
const FORGIVEN_FOR: Duration = Duration::from_secs(60);
/// The number of a grant that was revoked: every refresh token is older.
const DEAD: u64 = u64::MAX;

/// Uses a refresh token.
pub(in crate::sandbox) fn renew<'a>(
    visit: &Visit<'_>,
    sent: &str,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let ticket = read(visit, sent, &granted.client_id).ok_or_else(|| {
        invalid_grant("The refresh token is unknown, expired or another client's.")
    })?;
    let now = visit.occasion.now;
    let next = match visit.manner.rotation {
        Rotation::Kept => None,
        Rotation::Added => Some(ticket.serial.saturating_add(1)),
        rotation @ (Rotation::Replaced | Rotation::Forgiven) => {
            let forgiving = rotation == Rotation::Forgiven;
            let name = mark(visit, &ticket.grant);
            let judged = visit
                .occasion
                .memory
                .change(&name, |mark| replace(ticket.serial, forgiving, now, mark));
            let replayed = "The refresh token was used before; all that came of it is revoked.";
            Some(judged.ok_or_else(|| invalid_grant(replayed))?)
        }
    };
    let scope = granted.scope.clone().or(ticket.scope);
    let token = next.map(|serial| {
        let first = first(visit, &granted.client_id, &ticket.grant);
        Ticket { serial, scope: scope.clone(), ..first }.sealed()
    });
    Ok(Granted {
        scope,
        refresh: Some(Refresh { grant: ticket.grant, token, was_renewed: true }),
        ..granted
    })
}

/// Begins a grant that can be renewed.
pub(super) fn begin<'a>(visit: &Visit<'_>, grant: String, granted: Granted<'a>) -> Granted<'a> {
    let first = first(visit, &granted.client_id, &grant);
    let token = Some(Ticket { scope: granted.scope.clone(), ..first }.sealed());
    Granted { refresh: Some(Refresh { grant, token, was_renewed: false }), ..granted }
}

/// Ends everything that came of a grant.
pub(super) fn revoke(visit: &Visit<'_>, grant: &str) {
    visit.occasion.memory.set(&mark(visit, grant), DEAD, visit.occasion.now);
}

/// Whether everything that came of a grant was revoked.
pub(in crate::sandbox) fn is_dead(visit: &Visit<'_>, grant: &str) -> bool {
    visit.occasion.memory.of(&mark(visit, grant)).is_some_and(|mark| mark.number == DEAD)
}

fn mark(visit: &Visit<'_>, grant: &str) -> String {
    visit.mark("grant", grant)
}

fn read(visit: &Visit<'_>, sent: &str, client_id: &str) -> Option<Ticket> {
    if sent.starts_with(SEED) {
        return Some(first(visit, client_id, sent));
    }
    Ticket::opened(sent).filter(|ticket| {
        ticket.is_good(Kind::RefreshToken, visit.site, client_id, visit.occasion.now)
    })
}

/// A refresh token of a grant, and the first one if there is no other.
fn first(visit: &Visit<'_>, client_id: &str, grant: &str) -> Ticket {
    let until = visit.occasion.expiry(visit.manner.refresh_lifetime);
    Ticket::first(Kind::RefreshToken, visit.site, client_id, grant.to_owned(), until)
}

/// The number of the next refresh token, if this one can be used; a replay revokes the grant. A
/// grant of which nothing is known (after a restart) goes on with the token that comes first.
fn replace(serial: u64, forgiving: bool, now: WallTime, mark: &mut Option<Mark>) -> Option<u64> {
    let latest = mark.unwrap_or(Mark { number: serial, at: now });
    if serial < latest.number {
        let is_previous = latest.number - serial == 1;
        if forgiving && is_previous && now.since(latest.at) <= FORGIVEN_FOR {
            return Some(latest.number);
        }
        *mark = Some(Mark { number: DEAD, at: now });
        return None;
    }
    let number = serial.saturating_add(1);
    *mark = Some(Mark { number, at: now });
    Some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sandbox::system::plain::tests::Server;

    fn renew(server: &mut Server, token: &str) -> (u16, Value) {
        server.post("/token", &format!("grant_type=refresh_token&refresh_token={token}"))
    }

    fn text(value: &Value) -> &str {
        value.as_str().unwrap_or_default()
    }

    #[test]
    fn a_refresh_token_is_replaced_and_its_replay_revokes_all_that_came_of_it() {
        let mut server = Server::new();
        let (status, first) = renew(&mut server, SEED);
        assert_eq!(status, 200, "{first}");
        let (_, second) = renew(&mut server, text(&first["refresh_token"]));
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert!(server.takes(&first["access_token"]) && server.takes(&second["access_token"]));
        let (status, replayed) = renew(&mut server, text(&first["refresh_token"]));
        assert_eq!((status, text(&replayed["error"])), (400, "invalid_grant"));
        assert_eq!(renew(&mut server, text(&second["refresh_token"])).0, 400, "the latest is dead");
        assert!(!server.takes(&second["access_token"]), "and so is its access token");
    }

    #[test]
    fn each_first_refresh_token_begins_a_grant_of_its_own() {
        let mut server = Server::new();
        for (name, token, status) in [
            ("one", "sandbox-refresh-token", 200),
            ("another", "sandbox-refresh-token-2", 200),
            ("a replay", "sandbox-refresh-token", 400),
            ("made up", "made-up", 400),
        ] {
            assert_eq!(renew(&mut server, token).0, status, "{name}");
        }
    }

    #[test]
    fn a_scope_stays_with_its_grant() {
        let mut server = Server::new();
        let form = format!("grant_type=refresh_token&scope=a&refresh_token={SEED}");
        let (_, first) = server.post("/token", &form);
        let (_, second) = renew(&mut server, text(&first["refresh_token"]));
        assert_eq!(text(&second["scope"]), "a");
    }

    fn at(second: i64) -> WallTime {
        WallTime::from_seconds(second)
    }

    #[test]
    fn a_replay_revokes_unless_it_is_forgiven() {
        for (name, serial, forgiving, second, latest, expected, left) in [
            ("the first", 0, false, 0, None, Some(1), 1),
            ("after a restart", 7, false, 0, None, Some(8), 8),
            ("the latest", 3, false, 0, Some(3), Some(4), 4),
            ("one before", 2, false, 0, Some(3), None, DEAD),
            ("one before, forgiven", 2, true, 60, Some(3), Some(3), 3),
            ("one before, too late", 2, true, 61, Some(3), None, DEAD),
            ("two before", 1, true, 0, Some(3), None, DEAD),
            ("of a grant that is dead", 3, true, 0, Some(DEAD), None, DEAD),
        ] {
            let mut mark = latest.map(|number| Mark { number, at: at(0) });
            assert_eq!(replace(serial, forgiving, at(second), &mut mark), expected, "{name}");
            assert_eq!(mark.map(|mark| mark.number), Some(left), "{name}");
        }
    }
}
