//! Learnosity Feedback Aide: `POST https://feedbackaide.learnosity.com/api/token`.
//!
//! Documented: Basic authentication, a form, the scopes, the three members of the reply in their
//! order, `bearer` in lower case, an opaque token, 7200 seconds. No error is documented: those
//! here are of RFC 6749, section 5.2.

use hyper::{Method, StatusCode};

use super::{Answer, Endpoint, System, either};
use crate::sandbox::{
    occasion::Occasion,
    reply::Reply,
    request::{BasicReading, Client, Request},
};

pub(super) const SYSTEM: System = System {
    name: "learnosity",
    is: "Learnosity Feedback Aide: Basic only, one token for each feedback session, opaque token",
    endpoints: &[Endpoint {
        path: PATH,
        client: &CLIENT,
        preset: Some("learnosity-feedback-aide"),
        keys: "",
    }],
    answer: |request, occasion| either(token(request, occasion)),
    outage: |_| {
        let description = "The service is temporarily unavailable.";
        Reply::error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description)
    },
};

const PATH: &str = "/learnosity/api/token";
const CLIENT: Client = Client { id: "sandbox-learnosity-key", secret: "sandbox-learnosity-secret" };
const LIFETIME: u64 = 7200;

fn token(request: &Request, occasion: &Occasion<'_>) -> Answer {
    let refuse = |code, description| Err(Reply::error(StatusCode::BAD_REQUEST, code, description));
    if request.path != PATH {
        return Err(Reply::error(StatusCode::NOT_FOUND, "not_found", "No such resource."));
    }
    if request.method != Method::POST {
        let reply = Reply::error(
            StatusCode::METHOD_NOT_ALLOWED,
            "invalid_request",
            "The token endpoint takes POST only.",
        );
        return Err(reply.header("allow", "POST"));
    }
    let Some(parameters) = request.form() else {
        return refuse("invalid_request", "The request body must be form-encoded.");
    };
    if !request.basic().is_some_and(|sent| sent.are_of(&CLIENT, BasicReading::Either)) {
        let description = "The key or the secret is wrong or missing.";
        let reply = Reply::error(StatusCode::UNAUTHORIZED, "invalid_client", description);
        return Err(reply.header("www-authenticate", r#"Basic realm="feedbackaide""#));
    }
    match parameters.one("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            return refuse("unsupported_grant_type", "Only client_credentials is supported.");
        }
        None => return refuse("invalid_request", "The grant_type parameter is missing."),
    }
    if !is_scope(parameters.one("scope").unwrap_or_default()) {
        return refuse(
            "invalid_scope",
            "The scope must name api:feedbackaide, and beside it only \
             feedback_session_uuid:UUID:RO, feedback_session_uuid:UUID:RW, state:grade or \
             state:review.",
        );
    }
    let lifetime = occasion.lifetime(LIFETIME);
    Ok(Reply::json(
        StatusCode::OK,
        format!(
            "{{\n\"access_token\": \"{}\",\n\"token_type\": \"bearer\",\n\"expires_in\": \
             {lifetime}\n}}",
            occasion.uuid(),
        ),
    ))
}

fn is_scope(scope: &str) -> bool {
    let known = |value: &str| match value.split(':').collect::<Vec<_>>()[..] {
        ["api", "feedbackaide"] | ["state", "grade" | "review"] => true,
        ["feedback_session_uuid", uuid, "RO" | "RW"] => is_uuid(uuid),
        _ => false,
    };
    scope.split(' ').all(known) && scope.split(' ').any(|value| value == "api:feedbackaide")
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        occasion::tests::with_occasion,
        request::tests::{FORM, JSON, basic, request},
    };

    const GRANT: &str = "grant_type=client_credentials&scope=api%3Afeedbackaide+\
                         feedback_session_uuid%3A82629d39-c9b5-4acc-8edc-0f2e34c0b07c%3ARW";

    fn answer(method: Method, authorization: &str, media: (&str, &str), body: &str) -> Reply {
        let mut request = request(PATH, &[media, ("authorization", authorization)], body);
        request.method = method;
        with_occasion(|occasion| (SYSTEM.answer)(&request, occasion))
    }

    #[test]
    fn the_reply_is_the_documented_one() {
        let reply = answer(Method::POST, &basic(CLIENT.id, CLIENT.secret), FORM, GRANT);
        assert_eq!(reply.status, 200);
        // The page lost its braces and indents; the three lines between them are the page's own.
        let documented = "{\n\"access_token\": \"3e1db5b8-68fd-497d-9221-c98f3d5bb457\",\n\
                          \"token_type\": \"bearer\",\n\"expires_in\": 7200\n}";
        let issued = "30313233-3435-4637-b839-616263646566";
        let expected = documented.replace("3e1db5b8-68fd-497d-9221-c98f3d5bb457", issued);
        assert_eq!(String::from_utf8_lossy(&reply.body), expected);
    }

    #[test]
    fn each_bad_request_is_refused_in_its_own_words() {
        let good = basic(CLIENT.id, CLIENT.secret);
        let posted = format!("{GRANT}&client_id={}&client_secret={}", CLIENT.id, CLIENT.secret);
        let wrong_grant = GRANT.replace("client_credentials", "password");
        let rows = [
            ("GET", Method::GET, &*good, FORM, GRANT, 405, "invalid_request"),
            ("JSON", Method::POST, &good, JSON, "{}", 400, "invalid_request"),
            ("secret", Method::POST, &basic(CLIENT.id, "x"), FORM, GRANT, 401, "invalid_client"),
            ("in the body", Method::POST, "", FORM, &posted, 401, "invalid_client"),
            ("no grant", Method::POST, &good, FORM, "scope=x", 400, "invalid_request"),
            ("grant", Method::POST, &good, FORM, &wrong_grant, 400, "unsupported_grant_type"),
            (
                "no scope",
                Method::POST,
                &good,
                FORM,
                "grant_type=client_credentials",
                400,
                "invalid_scope",
            ),
        ];
        for (name, method, authorization, media, body, status, error) in rows {
            let reply = answer(method, authorization, media, body);
            assert_eq!(reply.status.as_u16(), status, "{name}");
            let body: serde_json::Value = serde_json::from_slice(&reply.body).expect(name);
            assert_eq!(body["error"], error, "{name}");
        }
    }

    #[test]
    fn scopes_are_those_of_the_documentation() {
        let session = "feedback_session_uuid:82629d39-c9b5-4acc-8edc-0f2e34c0b07c";
        for (scope, good) in [
            ("api:feedbackaide".to_owned(), true),
            (format!("api:feedbackaide {session}:RO"), true),
            (format!("{session}:RW api:feedbackaide state:grade"), true),
            ("api:feedbackaide state:review".to_owned(), true),
            (format!("{session}:RW"), false),
            (format!("api:feedbackaide {session}:WO"), false),
            ("api:feedbackaide feedback_session_uuid:7:RW".to_owned(), false),
            (format!("api:feedbackaide {}:RO", session.replace("b07c", "b07g")), false),
            ("api:feedbackaide  state:grade".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_scope(&scope), good, "{scope:?}");
        }
    }
}
