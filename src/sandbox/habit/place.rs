//! Where the token stands: in a header, in a cookie, alone, deep in the body, behind a second
//! request, or beside what else consumers need.

use hyper::StatusCode;

use super::{Habit, body, expires_in, json, usual_body};
use crate::sandbox::{
    reply::Reply,
    system::plain::{Granted, Visit},
    ticket::{Kind, Ticket},
};

/// A session of two requests must be used within so many seconds.
const SESSION: u64 = 60;

pub(super) const HABITS: &[Habit] = &[
    Habit::grant("nested_token", "token and lifetime stand in `data.tokens[0]`", |granted| {
        let (token, lifetime) = (granted.occasion.uuid(), granted.lifetime);
        json(format!(r#"{{"data":{{"tokens":[{{"value":"{token}","ttl":{lifetime}}}]}}}}"#))
    })
    .keys("response: { access_token: data.tokens.0.value, expires_in: data.tokens.0.ttl }"),
    Habit::grant("whole_body", "the body is the token and nothing else", |granted| {
        Reply::typed(StatusCode::OK, "text/plain", granted.occasion.uuid())
    })
    .keys(r#"response: { access_token: ".", lifetime: 1h }"#),
    Habit::grant("xml_reply", "the reply is an XML document", |granted| {
        let (token, lifetime) = (granted.occasion.uuid(), granted.lifetime);
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><token>{token}</token>\
             <expires_in>{lifetime}</expires_in></response>\n"
        );
        Reply::typed(StatusCode::OK, "application/xml", document)
    })
    .keys("response: { access_token: response.token, expires_in: response.expires_in }"),
    Habit::grant("token_in_header", "the token stands in the header `X-Auth-Token`", |granted| {
        json("{}".to_owned()).header("x-auth-token", granted.occasion.uuid())
    })
    .keys("response: { access_token: { header: X-Auth-Token }, lifetime: 30m }"),
    Habit::grant("token_in_cookie", "the token stands in the cookie `B1SESSION`", |granted| {
        let cookie = format!("B1SESSION={}; Path=/; HttpOnly", granted.occasion.uuid());
        json(r#"{"SessionTimeout":30}"#.to_owned()).header("set-cookie", cookie)
    })
    .keys(
        "response: { access_token: { cookie: B1SESSION }, expires_in: SessionTimeout, \
         expires_in_unit: minutes }",
    ),
    Habit::grant(
        "further_fields",
        "consumers also need `instance_url` and `id_token`",
        |granted| {
            let fields = format!(
                r#","instance_url":"https://eu7.example.com","id_token":"{}""#,
                granted.jwt(granted.lifetime)
            );
            json(body(granted, &expires_in(granted), &fields))
        },
    )
    .keys("response: { fields: { instance_url: instance_url, id_token: id_token } }"),
    Habit::grant("token_characters", "the token has a bar and an exclamation mark", |granted| {
        let token = granted.occasion.uuid();
        json(usual_body(granted).replacen(&token, &format!("{token}!|"), 1))
    })
    .keys("response: { token_characters: visible }"),
    Habit::grant("two_steps", "a session first; it gets the token at `/exchange`", |granted| {
        json(format!(r#"{{"session":"{}"}}"#, session(granted).sealed()))
    })
    .keys(
        "steps: [{ take: { session: session }, url: \"@SITE@/exchange\", \
         headers: { x-session: \"${session}\" } }]",
    )
    .beside("/exchange", exchange),
];

fn session(granted: &Granted<'_>) -> Ticket {
    let occasion = granted.occasion;
    Ticket::first(Kind::Session, "", "", occasion.identifier(), occasion.expiry(SESSION))
}

/// The second request: the session in a header.
fn exchange(visit: &Visit<'_>) -> Reply {
    let sent = visit.request.headers.get("x-session").and_then(|value| value.to_str().ok());
    let ticket = sent.and_then(Ticket::opened);
    if !ticket.is_some_and(|ticket| ticket.is_good(Kind::Session, "", "", visit.occasion.now)) {
        let description = "The header X-Session holds no session that is still good.";
        return Reply::error(StatusCode::UNAUTHORIZED, "invalid_session", description);
    }
    let (token, lifetime) = (visit.occasion.uuid(), visit.occasion.lifetime(3600));
    json(format!(r#"{{"access_token":"{token}","expires_in":{lifetime}}}"#))
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{asked, assert_complete, header, text, visit},
        *,
    };
    use crate::sandbox::{memory::Memory, request::tests::request};

    const ROWS: [(&str, &str, &str); 6] = [
        ("nested_token", "", r#"{"data":{"tokens":[{"value":"TOKEN","ttl":3600}]}}"#),
        ("whole_body", "content-type: text/plain", "TOKEN"),
        (
            "xml_reply",
            "content-type: application/xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><token>TOKEN</token>\
             <expires_in>3600</expires_in></response>\n",
        ),
        ("token_in_header", "x-auth-token: TOKEN", "{}"),
        (
            "token_in_cookie",
            "set-cookie: B1SESSION=TOKEN; Path=/; HttpOnly",
            r#"{"SessionTimeout":30}"#,
        ),
        (
            "token_characters",
            "",
            r#"{"access_token":"TOKEN!|","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#,
        ),
    ];

    #[test]
    fn each_habit_puts_the_token_where_it_says() {
        for (name, wanted, body) in ROWS {
            let reply = asked(name, 1);
            assert_eq!((reply.status.as_u16(), &*text(&reply)), (200, body), "{name}");
            if let Some((field, value)) = wanted.split_once(": ") {
                let found = header(&reply, field).replace(super::super::tests::TOKEN, "TOKEN");
                assert_eq!(found, value, "{name}");
            }
        }
        let others = ["further_fields", "two_steps"];
        assert_complete(HABITS, ROWS.iter().map(|row| row.0).chain(others));
    }

    #[test]
    fn further_fields_stand_beside_the_token() {
        let reply = asked("further_fields", 1);
        let said: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!(said["instance_url"], "https://eu7.example.com");
        assert!(said["id_token"].as_str().is_some_and(|token| token.starts_with("eyJ")));
    }

    #[test]
    fn the_second_step_wants_what_the_first_one_gave() {
        let first = asked("two_steps", 1);
        let said: serde_json::Value = serde_json::from_slice(&first.body).expect("JSON");
        let session = said["session"].as_str().expect("a session");
        for (name, session, status) in [("right", session, 200), ("made up", "x", 401)] {
            let headers = [("x-session", session)];
            let second = request("/habit/two_steps/exchange", &headers, "");
            let reply = visit(&Memory::default(), &second, 2);
            assert_eq!(reply.status.as_u16(), status, "{name}");
        }
    }
}
