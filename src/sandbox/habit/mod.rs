//! Bad habits: the server `plain` with one thing wrong, asked for by name in the path, so that a
//! configuration alone can ask for them. A new one is a row.

mod authentication;
mod connection;
mod failure;
mod lifetime;
mod shape;

use hyper::StatusCode;

use super::{
    occasion::Occasion,
    reply::Reply,
    request::{BasicReading, Request},
    system::plain::{self, Granted},
};

/// Every habit, by what it is about.
pub(super) const HABITS: [(&str, &[Habit]); 5] = [
    ("How long the token lives", lifetime::HABITS),
    ("The shape of the reply", shape::HABITS),
    ("Failures and limits", failure::HABITS),
    ("The connection", connection::HABITS),
    ("Client authentication", authentication::HABITS),
];

/// One thing that is wrong with a server.
pub(super) struct Habit {
    pub(super) name: &'static str,
    /// What it does, in one line.
    pub(super) does: &'static str,
    act: Act,
}

/// Where a habit shows.
enum Act {
    /// A good request is answered in this way.
    Grant(fn(&Granted<'_>) -> Reply),
    /// A bad request is answered in this way.
    Refuse(fn() -> Reply),
    /// Every request is answered in this way.
    Always(fn(&Request, &Occasion<'_>) -> Reply),
    /// Basic credentials are read in this way alone.
    Read(BasicReading),
}

/// Every habit.
pub(super) fn all() -> impl Iterator<Item = &'static Habit> {
    HABITS.iter().flat_map(|(_, habits)| *habits)
}

/// The habit of this path.
pub(super) fn at(path: &str) -> Option<&'static Habit> {
    let name = path.strip_prefix("/habit/")?.strip_suffix("/token")?;
    all().find(|habit| habit.name == name)
}

impl Habit {
    const fn grant(name: &'static str, does: &'static str, act: fn(&Granted<'_>) -> Reply) -> Self {
        Self { name, does, act: Act::Grant(act) }
    }

    const fn always(
        name: &'static str,
        does: &'static str,
        act: fn(&Request, &Occasion<'_>) -> Reply,
    ) -> Self {
        Self { name, does, act: Act::Always(act) }
    }

    /// The one place where habits are applied.
    pub(super) fn answer(&self, request: &Request, occasion: &Occasion<'_>) -> Reply {
        let reading = match self.act {
            Act::Always(answer) => return answer(request, occasion),
            Act::Read(reading) => reading,
            Act::Grant(_) | Act::Refuse(_) => BasicReading::Either,
        };
        match (plain::grant(request, occasion, reading), &self.act) {
            (Ok(granted), Act::Grant(answer)) => answer(&granted),
            (Ok(granted), _) => usual(&granted),
            (Err(_), Act::Refuse(answer)) => answer(),
            (Err(refusal), _) => refusal,
        }
    }
}

/// A reply without fault, with an opaque token: the `exp` of a JWT would soften what a habit says
/// about the lifetime.
fn usual(granted: &Granted<'_>) -> Reply {
    json(usual_body(granted))
}

fn usual_body(granted: &Granted<'_>) -> String {
    body(granted, &expires_in(granted), &granted.scope_member())
}

fn expires_in(granted: &Granted<'_>) -> String {
    format!(r#","expires_in":{}"#, granted.lifetime)
}

/// The usual members, with these in place of lifetime and scope.
fn body(granted: &Granted<'_>, lifetime: &str, scope: &str) -> String {
    let token = granted.occasion.uuid();
    format!(r#"{{"access_token":"{token}","token_type":"Bearer"{lifetime}{scope}}}"#)
}

fn json(body: String) -> Reply {
    Reply::json(StatusCode::OK, body)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, request},
    };

    /// The token that [`with_occasion`] issues.
    pub(super) const TOKEN: &str = "30313233-3435-4637-b839-616263646566";

    /// How a habit answers a good request, for the time `turn`.
    pub(super) fn asked(name: &str, turn: u64) -> Reply {
        let body = "grant_type=client_credentials&scope=a+b&client_id=sandbox-client&\
                    client_secret=sandbox%2Bsecret%2F100%25";
        ask(name, body, turn)
    }

    /// How a habit answers a wrong secret.
    pub(super) fn asked_badly(name: &str) -> Reply {
        let body = "grant_type=client_credentials&client_id=sandbox-client&client_secret=wrong";
        ask(name, body, 1)
    }

    fn ask(name: &str, body: &str, turn: u64) -> Reply {
        let path = format!("/habit/{name}/token");
        let request = request(&path, &[FORM], body);
        let habit = at(&path).expect(name);
        with_occasion(|occasion| {
            occasion.turn = turn;
            habit.answer(&request, occasion)
        })
    }

    /// The body, with `TOKEN` for the token.
    pub(super) fn text(reply: &Reply) -> String {
        String::from_utf8_lossy(&reply.body).replace(TOKEN, "TOKEN")
    }

    /// A header's value, empty if absent.
    pub(super) fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
        reply.headers.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    /// That a table of expectations has a row for each habit of a file, and no other.
    pub(super) fn assert_complete<'a>(habits: &[Habit], rows: impl Iterator<Item = &'a str>) {
        let names: BTreeSet<&str> = habits.iter().map(|habit| habit.name).collect();
        assert_eq!(rows.collect::<BTreeSet<_>>(), names);
        assert_eq!(names.len(), habits.len(), "a name is used twice");
    }

    #[test]
    fn names_lead_to_their_habits_and_are_used_once() {
        let names: BTreeSet<&str> = all().map(|habit| habit.name).collect();
        assert_eq!(names.len(), all().count());
        for name in names {
            assert_eq!(at(&format!("/habit/{name}/token")).map(|habit| habit.name), Some(name));
        }
        for path in ["/habit/none_such/token", "/habit/bom", "/habit//token", "/bom/token"] {
            assert!(at(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_wrong_secret_is_refused_unless_the_habit_is_about_that() {
        for habit in all() {
            let reply = asked_badly(habit.name);
            match habit.act {
                Act::Grant(_) | Act::Read(_) => assert_eq!(reply.status, 401, "{}", habit.name),
                Act::Refuse(_) => assert_ne!(reply.status, 401, "{}", habit.name),
                Act::Always(_) => {}
            }
        }
    }
}
