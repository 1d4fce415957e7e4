//! OAuth 1.0a: answers that clients trip over, a log-in that is refused, and tokens that end.

use super::{Act, Habit};
use crate::sandbox::system::{
    oauth1::{self, Quirk},
    plain::Manner,
};

pub(super) const KEYS: &str = oauth1::KEYS;

/// Ten minutes.
const FAR: i64 = 600;

const fn habit(name: &'static str, does: &'static str, quirk: Quirk) -> Habit {
    Habit::new(name, does, Act::OAuth1(quirk))
}

const fn with_clock(name: &'static str, does: &'static str, clock_ahead: i64) -> Habit {
    habit(name, does, Quirk::None).in_manner(Manner { clock_ahead, ..Manner::GOOD })
}

pub(super) const HABITS: &[Habit] = &[
    habit(
        "oauth1_confirmed_in_capitals",
        "`oauth_callback_confirmed` is `TRUE`",
        Quirk::ConfirmedInCapitals,
    ),
    habit("oauth1_unconfirmed", "there is no `oauth_callback_confirmed`", Quirk::Unconfirmed),
    habit("oauth1_denied", "the user does not agree", Quirk::Denied),
    habit(
        "oauth1_problems",
        "refusals have an `oauth_problem`, in the body and in the header",
        Quirk::Problems,
    ),
    habit(
        "oauth1_session",
        "`oauth_expires_in` is an hour, and `oauth_session_handle` gets another token",
        Quirk::Session,
    ),
    habit("oauth1_revoked", "no resource takes the token", Quirk::Revoked),
    with_clock("oauth1_clock_ahead", "the server's clock is 10 minutes ahead", FAR),
    with_clock("oauth1_clock_behind", "the server's clock is 10 minutes behind", -FAR),
];

#[cfg(test)]
mod tests {
    use super::{
        super::{at, tests::assert_complete},
        *,
    };
    use crate::sandbox::{
        habit::tests::header,
        system::oauth1::tests::{Server, value},
    };

    fn server(site: &'static str) -> Server {
        let mut server = Server::at(site, |request, occasion| {
            at(&request.path).expect("a habit").answer(request, occasion)
        });
        let habit = at(&format!("{site}/token")).expect("a habit");
        server.ahead = habit.manner.clock_ahead;
        server
    }

    #[test]
    fn the_callback_is_confirmed_in_capitals_or_not_at_all() {
        for (site, expected) in [
            ("/habit/oauth1_confirmed_in_capitals", Some("TRUE")),
            ("/habit/oauth1_unconfirmed", None),
            ("/habit/oauth1_denied", Some("true")),
        ] {
            let (_, body, _) = server(site).ask("/initiate", [""; 2], &[("oauth_callback", "oob")]);
            assert_eq!(value(&body, "oauth_callback_confirmed").as_deref(), expected, "{site}");
        }
    }

    #[test]
    fn a_denial_goes_back_without_a_verifier() {
        let mut server = server("/habit/oauth1_denied");
        let callback = [("oauth_callback", "http://127.0.0.1:9/cb")];
        let token = value(&server.ask("/initiate", [""; 2], &callback).1, "oauth_token");
        let location = server.browse(&token.expect("a token"));
        assert!(location.starts_with("http://127.0.0.1:9/cb?oauth_problem=user_refused&"));
        assert!(!location.contains("verifier"), "{location}");
    }

    #[test]
    fn a_problem_is_named_in_body_and_header() {
        let mut server = server("/habit/oauth1_problems");
        for (endpoint, token, problem) in [
            ("/resource", ["x", "y"], "token_rejected"),
            ("/initiate", ["", ""], "parameter_absent"),
        ] {
            let (_, body, reply) = server.ask(endpoint, token, &[]);
            assert_eq!(value(&body, "oauth_problem").as_deref(), Some(problem));
            let named = format!(r#"OAuth realm="sandbox", oauth_problem="{problem}""#);
            assert_eq!(header(&reply, "www-authenticate"), named);
        }
        server.ahead = FAR;
        let (_, body, _) = server.ask("/initiate", ["", ""], &[("oauth_callback", "oob")]);
        let acceptable = value(&body, "oauth_acceptable_timestamps");
        assert_eq!(acceptable.as_deref(), Some("1790000300-1790000900"));
    }

    #[test]
    fn a_session_handle_gets_another_token() {
        let mut server = server("/habit/oauth1_session");
        let [token, secret] = server.temporary();
        let verifier = server.browse(&token).split_off("The verifier is ".len());
        let verifier = [("oauth_verifier", &*verifier)];
        let (_, body, _) = server.ask("/token", [&token, &secret], &verifier);
        assert_eq!(value(&body, "oauth_expires_in").as_deref(), Some("3600"));
        let handle = value(&body, "oauth_session_handle").expect("a handle");
        let pair = |body: &str| ["oauth_token", "oauth_token_secret"].map(|n| value(body, n));
        let [Some(token), Some(secret)] = pair(&body) else { panic!("no token: {body}") };
        let handle = [("oauth_session_handle", &*handle)];
        assert_eq!(server.ask("/resource", [&token, &secret], &[]).0, 200);
        let wrong = [("oauth_session_handle", "x")];
        assert_eq!(server.ask("/token", [&token, &secret], &wrong).0, 401);
        let (status, body, _) = server.ask("/token", [&token, &secret], &handle);
        assert_eq!(
            (status, value(&body, "oauth_session_handle").as_deref()),
            (200, Some(handle[0].1))
        );
        assert_ne!(value(&body, "oauth_token"), Some(token));
    }

    #[test]
    fn no_resource_takes_a_token_that_was_taken_back() {
        let mut server = server("/habit/oauth1_revoked");
        let [token, secret] = server.log_in();
        assert_eq!(server.ask("/resource", [&token, &secret], &[]).0, 401);
    }

    #[test]
    fn a_clock_that_is_off_refuses_ours() {
        for site in ["/habit/oauth1_clock_ahead", "/habit/oauth1_clock_behind"] {
            let callback = [("oauth_callback", "oob")];
            let (status, body, _) = server(site).ask("/initiate", [""; 2], &callback);
            assert!(status == 401 && body.contains("clock"), "{site}: {status} {body}");
        }
        let names = [
            "oauth1_confirmed_in_capitals",
            "oauth1_unconfirmed",
            "oauth1_denied",
            "oauth1_problems",
            "oauth1_session",
            "oauth1_revoked",
            "oauth1_clock_ahead",
            "oauth1_clock_behind",
        ];
        assert_complete(HABITS, names.into_iter());
    }
}
