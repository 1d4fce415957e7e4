//! Bad habits: the server `plain` with one thing wrong, asked for by name in the path, so that a
//! configuration alone can ask for them. A new one is a row.

mod authentication;
mod connection;
mod failure;
mod lifetime;
mod login;
mod oauth1;
mod place;
mod question;
mod refresh;
mod shape;

use hyper::StatusCode;

use super::{
    occasion::Occasion,
    reply::Reply,
    request::Request,
    system::{
        oauth1::{self as three_legs, Quirk},
        plain::{self, Granted, Manner, Visit},
    },
};
use crate::clock::WallTime;

/// Habits that are about one thing.
pub(super) struct Group {
    pub(super) about: &'static str,
    /// What the keys of each of them begin with.
    pub(super) keys: &'static str,
    pub(super) habits: &'static [Habit],
}

const fn group(about: &'static str, habits: &'static [Habit]) -> Group {
    Group { about, keys: "", habits }
}

/// Every habit, by what it is about.
pub(super) const HABITS: [Group; 10] = [
    group("How long the token lives", lifetime::HABITS),
    group("The shape of the reply", shape::HABITS),
    group("Where the token stands", place::HABITS),
    group("What the request must be", question::HABITS),
    Group { about: "Refresh tokens", keys: refresh::KEYS, habits: refresh::HABITS },
    group("Log-ins and metadata", login::HABITS),
    Group { about: "OAuth 1.0a", keys: oauth1::KEYS, habits: oauth1::HABITS },
    group("Failures and limits", failure::HABITS),
    group("The connection", connection::HABITS),
    group("Client authentication", authentication::HABITS),
];

/// One thing that is wrong with a server.
pub(super) struct Habit {
    pub(super) name: &'static str,
    /// What it does, in one line.
    pub(super) does: &'static str,
    /// Keys of a credential that gets a token all the same, or that meets the habit at all, beside
    /// those that say who asks. `@SITE@` stands for the URL of the server.
    pub(super) keys: &'static str,
    act: Act,
    manner: Manner,
    beside: Option<Beside>,
}

/// An endpoint that other servers have not, and how it answers.
#[derive(Clone, Copy)]
struct Beside {
    endpoint: &'static str,
    answer: fn(&Visit<'_>) -> Reply,
}

/// How the token endpoint answers.
enum Act {
    /// As it should; the manner is all.
    Usually,
    /// A good request is answered in this way.
    Grant(fn(&Granted<'_>) -> Reply),
    /// A bad request is answered in this way.
    Refuse(fn() -> Reply),
    /// Every request is answered in this way.
    Always(fn(&Request, &Occasion<'_>) -> Reply),
    /// All of the server is one of OAuth 1.0a.
    OAuth1(Quirk),
}

/// Every habit.
pub(super) fn all() -> impl Iterator<Item = &'static Habit> {
    HABITS.iter().flat_map(|group| group.habits)
}

/// The habit of this path.
pub(super) fn at(path: &str) -> Option<&'static Habit> {
    let (name, _) = path.strip_prefix("/habit/")?.split_once('/')?;
    all().find(|habit| habit.name == name)
}

impl Habit {
    const fn new(name: &'static str, does: &'static str, act: Act) -> Self {
        Self { name, does, keys: "", act, manner: Manner::GOOD, beside: None }
    }

    const fn grant(name: &'static str, does: &'static str, act: fn(&Granted<'_>) -> Reply) -> Self {
        Self::new(name, does, Act::Grant(act))
    }

    const fn always(
        name: &'static str,
        does: &'static str,
        act: fn(&Request, &Occasion<'_>) -> Reply,
    ) -> Self {
        Self::new(name, does, Act::Always(act))
    }

    const fn manner(name: &'static str, does: &'static str, manner: Manner) -> Self {
        Self::new(name, does, Act::Usually).in_manner(manner)
    }

    const fn in_manner(self, manner: Manner) -> Self {
        Self { manner, ..self }
    }

    const fn keys(self, keys: &'static str) -> Self {
        Self { keys, ..self }
    }

    const fn beside(self, endpoint: &'static str, answer: fn(&Visit<'_>) -> Reply) -> Self {
        Self { beside: Some(Beside { endpoint, answer }), ..self }
    }

    /// What its clock shows.
    pub(super) fn date(&self, now: WallTime) -> WallTime {
        now.shifted(self.manner.clock_ahead.saturating_mul(1000))
    }

    /// The one place where habits are applied.
    pub(super) fn answer(&self, request: &Request, occasion: &Occasion<'_>) -> Reply {
        let site = format!("/habit/{}", self.name);
        if let Act::OAuth1(quirk) = self.act {
            let visit = three_legs::Visit { site: &site, quirk, request, occasion };
            return three_legs::answer(&visit);
        }
        let visit = Visit { site: &site, manner: &self.manner, request, occasion };
        match (visit.endpoint(), self.beside) {
            ("/token", _) => self.answer_token_request(&visit),
            (endpoint, Some(beside)) if endpoint == beside.endpoint => (beside.answer)(&visit),
            _ => plain::beside_the_token(&visit),
        }
    }

    fn answer_token_request(&self, visit: &Visit<'_>) -> Reply {
        if let Act::Always(answer) = self.act {
            return answer(visit.request, visit.occasion);
        }
        match (plain::judge(visit), &self.act) {
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
    let (token, further) = (granted.occasion.uuid(), granted.further_members());
    format!(r#"{{"access_token":"{token}","token_type":"Bearer"{lifetime}{scope}{further}}}"#)
}

fn json(body: String) -> Reply {
    Reply::json(StatusCode::OK, body)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::sandbox::{
        memory::Memory,
        occasion::tests::with_memory,
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
        visit(&Memory::default(), &request(&path, &[FORM], body), turn)
    }

    /// How the habit of this path answers for the time `turn`, after what is remembered.
    pub(super) fn visit(memory: &Memory, request: &Request, turn: u64) -> Reply {
        let habit = at(&request.path).expect("a habit");
        with_memory(memory, |occasion| {
            occasion.turn = turn;
            habit.answer(request, occasion)
        })
    }

    /// A refresh with this token.
    pub(super) fn refresh(name: &str, token: &str) -> Request {
        let form = format!(
            "client_id=sandbox-client&client_secret=sandbox%2Bsecret%2F100%25&\
             grant_type=refresh_token&refresh_token={token}"
        );
        request(&format!("/habit/{name}/token"), &[FORM], &form)
    }

    /// The reply to a refresh with this token, and what it says.
    pub(super) fn refreshed(memory: &Memory, name: &str, token: &str, turn: u64) -> (Reply, Value) {
        let reply = visit(memory, &refresh(name, token), turn);
        let said = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply, said)
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
                Act::Grant(_) | Act::Usually | Act::OAuth1(_) => {
                    assert!(reply.status.is_client_error(), "{}", habit.name);
                }
                Act::Refuse(_) => assert_ne!(reply.status, 401, "{}", habit.name),
                Act::Always(_) => {}
            }
        }
    }
}
