use crate::{
    acquire::{
        AcquireError,
        fixture::{self, SECRET, path, raw},
    },
    credential::{Location, ReplyShape, TokenCharacters},
    error::Fault::{self, Permanent, Transient},
};

/// Name, status and body of a reply; the token in it, its type and its scope.
type TokenRow = (&'static str, u16, &'static str, &'static str, &'static str, Option<&'static str>);

/// One row for each shape of a reply with a token in it.
#[rustfmt::skip]
const TOKENS: [TokenRow; 21] = [
    ("Learnosity", 200, r#"{"access_token":"0fd5-4c","token_type":"bearer","expires_in":7200}"#, "0fd5-4c", "bearer", None),
    ("learn.link", 200, r#"{"access_token":"a.b.c","token_type":"Bearer","expires_in":3600}"#, "a.b.c", "Bearer", None),
    ("UserTesting", 200, r#"{"token_type":"Bearer","expires_in":3600,"access_token":"e.y.J","scope":"studies:read"}"#, "e.y.J", "Bearer", Some("studies:read")),
    ("360Learning", 200, r#"{"access_token":"t","token_type":"bearer","expires_in":"3600"}"#, "t", "bearer", None),
    ("Sentry", 201, r#"{"access_token":"t"}"#, "t", "Bearer", None),
    ("GitHub", 200, "access_token=gho_1&scope=&token_type=bearer", "gho_1", "bearer", None),
    ("old Facebook", 200, "access_token=t%2B1&expires=5183999", "t+1", "Bearer", None),
    ("byte order mark", 200, "\u{feff}{\"access_token\":\"t\"}", "t", "Bearer", None),
    ("white space", 200, "\r\n {\"access_token\":\"t\"}\n", "t", "Bearer", None),
    ("padding", 200, r#"{"access_token":"AbC/+._~-=="}"#, "AbC/+._~-==", "Bearer", None),
    ("null scope", 200, r#"{"access_token":"t","scope":null}"#, "t", "Bearer", None),
    ("list scope", 200, r#"{"access_token":"t","scope":["a","b"]}"#, "t", "Bearer", Some("a b")),
    ("comma scope", 200, r#"{"access_token":"t","scope":"a,b"}"#, "t", "Bearer", Some("a,b")),
    ("scope with lines", 200, r#"{"access_token":"t","scope":" a\nb "}"#, "t", "Bearer", Some("a b")),
    ("scope with NUL", 200, r#"{"access_token":"t","scope":"a\u0000"}"#, "t", "Bearer", None),
    ("odd type", 200, r#"{"access_token":"t","token_type":"Application Access Token"}"#, "t", "Application Access Token", None),
    ("type with lines", 200, r#"{"access_token":"t","token_type":"a\nEVIL=1"}"#, "t", "Bearer", None),
    ("null type", 200, r#"{"access_token":"t","token_type":null}"#, "t", "Bearer", None),
    ("ok", 200, r#"{"ok":true,"access_token":"t"}"#, "t", "Bearer", None),
    ("no error", 200, r#"{"access_token":"t","error":null,"errors":[],"error_code":0}"#, "t", "Bearer", None),
    ("code of success", 200, r#"{"access_token":"t","code":"200","message":"done"}"#, "t", "Bearer", None),
];

#[test]
fn every_shape_of_a_good_reply_is_understood() {
    for (name, status, body, token, token_type, scope) in TOKENS {
        let issued = fixture::read(&raw(status, &[], body.as_bytes())).unwrap();
        assert_eq!(issued.access_token.expose(), token, "{name}");
        assert_eq!(&*issued.token_type, token_type, "{name}");
        assert_eq!(issued.scope.as_deref(), scope, "{name}");
        assert_eq!(issued.requested_at, fixture::SENT_AT, "{name}");
    }
}

#[test]
fn headers_do_not_decide_what_a_body_is() {
    for kind in ["text/html", "text/plain", "application/x-www-form-urlencoded", ""] {
        let reply = raw(200, &[("Content-Type", kind)], br#"{"access_token":"t"}"#);
        assert_eq!(fixture::read(&reply).unwrap().access_token.expose(), "t", "{kind}");
    }
}

#[test]
fn the_token_is_found_where_the_provider_puts_it() {
    for (at, body) in [
        ("token.accessToken", r#"{"token":{"accessToken":"t"}}"#),
        ("tokens.1.value", r#"{"tokens":[{"value":"x"},{"value":"t"}]}"#),
        ("", "t\n"),
        ("", "t=="),
        ("", r#""t""#),
        ("response.session.0.id", "<response><session><id>t</id></session><session/></response>"),
        ("session.#text", "<session kind='a'>t</session>"),
        ("", "t"),
    ] {
        let shape = ReplyShape { access_token: Location::Field(path(at)), ..fixture::shape() };
        let issued = fixture::read_as(shape, &raw(200, &[], body.as_bytes())).unwrap();
        assert_eq!(issued.access_token.expose().trim_end_matches('='), "t", "{at} {body}");
    }
}

#[test]
fn a_token_may_have_all_visible_characters_where_they_are_usual() {
    let shape = ReplyShape { token_characters: TokenCharacters::Visible, ..fixture::shape() };
    for (token, flaw) in [
        (r#"a|b!{c}=d,\"e\""#, None),
        ("==", None),
        ("a b", Some("token_characters")),
        (r"a\nb", Some("token_characters")),
        (r"a\u007fb", Some("token_characters")),
        ("ä", Some("token_characters")),
        ("", Some("token_empty")),
    ] {
        let body = format!(r#"{{"access_token":"{token}"}}"#);
        let read = fixture::read_as(shape.clone(), &raw(200, &[], body.as_bytes()));
        let error = read.err();
        assert_eq!(error.as_ref().map(AcquireError::reason), flaw, "{token}");
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(!text.contains("RFC 6750"), "{text}");
    }
}

#[test]
fn a_token_that_is_more_than_a_token_is_refused() {
    let long = "x".repeat(64 * 1024);
    for (name, token, reason) in [
        ("line break", r"a\nb", "token_characters"),
        ("space", "a b", "token_characters"),
        ("not ASCII", "ä", "token_characters"),
        ("quote", r#"a\"b"#, "token_characters"),
        ("padding inside", "a=b", "token_characters"),
        ("only padding", "==", "token_characters"),
        ("empty", "", "token_empty"),
        ("64 KiB and one", &format!("{long}x"), "token_too_long"),
    ] {
        let body = format!(r#"{{"access_token":"{token}"}}"#);
        let error = fixture::read(&raw(200, &[], body.as_bytes())).unwrap_err();
        assert_eq!((error.reason(), error.fault()), (reason, Permanent), "{name}");
    }
    let body = format!(r#"{{"access_token":"{long}"}}"#);
    assert!(fixture::read(&raw(200, &[], body.as_bytes())).is_ok());
}

/// One row for each way to refuse: status and body, then fault, label and what is shown.
#[rustfmt::skip]
const REFUSALS: [(u16, &str, Fault, &str, &str); 56] = [
    // RFC 6749, section 5.2.
    (400, r#"{"error":"invalid_request"}"#, Permanent, "invalid_request", r#"400: "invalid_request"; check"#),
    (401, r#"{"error":"invalid_client","error_description":"Wrong"}"#, Permanent, "invalid_client", r#""invalid_client: Wrong""#),
    (400, r#"{"error":"invalid_client"}"#, Permanent, "invalid_client", "check client_id, client_secret"),
    (403, r#"{"error":"invalid_client"}"#, Permanent, "invalid_client", ""),
    (400, r#"{"error":"invalid_grant"}"#, Permanent, "invalid_grant", "check what the grant hands in"),
    (400, r#"{"error":"unauthorized_client"}"#, Permanent, "unauthorized_client", ""),
    (400, r#"{"error":"unsupported_grant_type"}"#, Permanent, "unsupported_grant_type", ""),
    (400, r#"{"error":"invalid_scope"}"#, Permanent, "invalid_scope", "check scope"),
    (400, r#"{"error":"invalid_target"}"#, Permanent, "invalid_target", "check audience and resource"),
    (403, r#"{"error":"access_denied"}"#, Permanent, "access_denied", ""),
    (400, r#"{"error":"server_error"}"#, Transient, "server_error", ""),
    (400, r#"{"error":"temporarily_unavailable"}"#, Transient, "temporarily_unavailable", ""),
    (400, "error=invalid_client&error_description=Wrong+id", Permanent, "invalid_client", ": Wrong id"),
    // glewlwyd.
    (403, "", Permanent, "http_status", "answered 403 with an empty body; check client_id"),
    (400, r#"{"error":"scope_invalid"}"#, Permanent, "invalid_scope", "scope_invalid"),
    // learn.link, which is NestJS.
    (401, r#"{"status":401,"error":"Unauthorized","message":"No"}"#, Permanent, "http_status", r#""Unauthorized: No""#),
    (401, r#"{"status":401,"error":"Unauthorized","message":{"message":"No","x":1}}"#, Permanent, "http_status", r#""Unauthorized: No""#),
    (400, r#"{"statusCode":400,"error":"Bad Request","message":["a is b","c"]}"#, Permanent, "http_status", r#""Bad Request: a is b""#),
    (400, r#"{"status":400.0,"message":{}}"#, Permanent, "http_status", r#""400.0""#),
    // Okta's platform.
    (429, r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#, Transient, "throttled", "E0000047: API call"),
    (401, r#"{"errorCode":"E0000011","errorSummary":"Invalid token"}"#, Permanent, "http_status", "E0000011: Invalid token"),
    // Fitbit, HubSpot, Google, Facebook, problem+json, Zoho, Slack, GitHub, Coros.
    (401, r#"{"errors":[{"errorType":"invalid_client","message":"No"}],"success":false}"#, Permanent, "invalid_client", ": No"),
    (400, r#"{"status":"BAD_REFRESH_TOKEN","message":"No","correlationId":"1"}"#, Permanent, "invalid_grant", "BAD_REFRESH_TOKEN: No"),
    (400, r#"{"error":{"code":400,"message":"No","status":"INVALID_ARGUMENT"}}"#, Permanent, "http_status", r#""400: No""#),
    (400, r#"{"error":{"message":"No","type":"OAuthException","code":190}}"#, Permanent, "http_status", r#""190: No""#),
    (400, r#"{"type":"about:blank","title":"Bad","status":400,"detail":"No"}"#, Permanent, "http_status", r#""Bad: No""#),
    (400, r#"{"error":"Access Denied","status":"failure"}"#, Transient, "throttled", "Access Denied"),
    (200, r#"{"ok":false,"error":"invalid_refresh_token"}"#, Permanent, "invalid_grant", ""),
    (200, r#"{"ok":false,"access_token":"t"}"#, Transient, "error_reply", "look up in the provider's"),
    (200, r#"{"error":"bad_refresh_token","error_description":"Old"}"#, Permanent, "invalid_grant", ": Old"),
    (200, "error=incorrect_client_credentials", Permanent, "invalid_client", ""),
    (200, r#"{"error":"invalid_scope","access_token":"t"}"#, Permanent, "invalid_scope", ""),
    (200, r#"{"result":"5002","message":"No"}"#, Transient, "no_token", r#""5002: No""#),
    // No token, no error.
    (200, "{}", Transient, "no_token", "answered 200 without a token"),
    (200, r#"{"access_token":7.5}"#, Transient, "no_token", ""),
    (200, "", Transient, "no_token", "with an empty body"),
    (200, "welcome", Transient, "no_token", "with plain text"),
    (200, "<html>secret</html>", Transient, "html_reply", "with an HTML page instead of a token"),
    (200, r#"{"access_token":"t""#, Transient, "malformed_reply", "with malformed JSON or XML"),
    (200, "<r><token>t</r>", Transient, "malformed_reply", ""),
    (200, "<r><token>t</token></r>", Transient, "no_token", "answered 200 without a token"),
    (401, "<error><code>E1</code><message>No</message></error>", Permanent, "http_status", r#""E1: No""#),
    // Gateways.
    (502, "<html>", Transient, "html_reply", ""),
    (403, "<html>", Transient, "html_reply", ""),
    (404, "<html>", Permanent, "html_reply", ""),
    (500, r#"{"error":"invalid_client"}"#, Transient, "invalid_client", ""),
    (503, "", Transient, "http_status", ""),
    (408, "", Transient, "http_status", ""),
    (404, "", Permanent, "http_status", "check token_endpoint"),
    (405, "", Permanent, "http_status", "check token_endpoint"),
    (415, "", Permanent, "http_status", "check the body format"),
    // Throttling in disguise, and what only looks like it.
    (400, r#"{"error":"invalid_client","error_description":"The key expired after 30 seconds"}"#, Permanent, "invalid_client", ""),
    (429, "Too Many Requests", Transient, "throttled", ""),
    (400, r#"{"error":"invalid_grant","error_description":"AADSTS50196: loop"}"#, Transient, "throttled", ""),
    (400, r#"{"error":"invalid_request","error_description":"Try again in 420 seconds"}"#, Transient, "throttled", "asks to wait 420 s"),
    (403, r#"{"error":"AUTHENTICATION FAILED","message":"Retry after 30 seconds."}"#, Transient, "throttled", "asks to wait 30 s"),
];

#[test]
fn every_way_to_refuse_has_its_fault() {
    for (status, body, fault, reason, shown) in REFUSALS {
        let error = fixture::read(&raw(status, &[], body.as_bytes())).unwrap_err();
        let text = error.to_string();
        assert_eq!((error.fault(), error.reason()), (fault, reason), "{status} {body}: {text}");
        assert!(text.contains(shown), "{status} {body}: {text}");
        assert!(text.ends_with(error.advice()), "{text}");
        assert!(!text.contains("secret</"), "{text}");
    }
}

#[test]
fn an_error_is_found_where_the_provider_puts_it() {
    let shape = ReplyShape {
        error: Some(path("meta.failure")),
        error_description: Some(path("meta.why.0")),
        ..fixture::shape()
    };
    let body = br#"{"access_token":"t","meta":{"failure":"invalid_scope","why":["No"]}}"#;
    let error = fixture::read_as(shape, &raw(200, &[], body)).unwrap_err();
    assert!(error.to_string().contains(r#""invalid_scope: No""#), "{error}");
}

#[test]
fn a_redirect_says_where_it_points_and_no_more() {
    for (location, expected) in [
        ("https://idp.example/v2/token?code=hunter2#x", "points to https://idp.example/v2/token;"),
        ("/login?secret=hunter2", "points to https://idp.example/login;"),
        ("https://u:hunter2@other.example:8443/", "points to https://other.example:8443/;"),
        ("mailto:hunter2", "points to nowhere;"),
        ("", "points to https://idp.example/token;"),
    ] {
        let error = fixture::read(&raw(307, &[("location", location)], b"")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains("hunter2"), "{text}");
        assert_eq!((error.fault(), error.reason()), (Permanent, "redirect"));
    }
}

#[test]
fn an_echoed_token_is_not_shown() {
    let body = br#"{"error":"x","message":"hunter2 rt-12345","access_token":"hunter2","refresh_token":"rt-12345"}"#;
    let error = fixture::read(&raw(200, &[], body)).unwrap_err();
    assert!(error.to_string().contains("x: [redacted] [redacted]"), "{error}");
    let body = serde_json::json!({ "error": "x", "message": format!("expected: {SECRET}") });
    let error = fixture::read(&raw(400, &[], body.to_string().as_bytes())).unwrap_err();
    assert!(error.to_string().contains("expected: [redacted]"), "{error}");
}

/// Our clock shows 2021-11-05T14:18:31Z, which is 1636121911; the server's is 60 s ahead.
#[test]
fn the_servers_wish_to_wait_is_heard() {
    let date = ("Date", "Fri, 05 Nov 2021 14:19:31 GMT");
    for (name, status, header, value, expected) in [
        ("delta", 429, "Retry-After", "60", Some(60)),
        ("lower case", 503, "retry-after", " 7 ", Some(7)),
        ("other errors", 400, "Retry-After", "60", Some(60)),
        ("date", 429, "Retry-After", "Fri, 05 Nov 2021 14:20:31 GMT", Some(60)),
        ("old date", 429, "Retry-After", "Friday, 05-Nov-21 14:20:31 GMT", Some(60)),
        ("past date", 429, "Retry-After", "Fri, 05 Nov 2021 14:19:00 GMT", None),
        ("zero", 429, "Retry-After", "0", None),
        ("nonsense", 429, "Retry-After", "soon", None),
        ("negative", 429, "Retry-After", "-1", None),
        ("a year", 429, "Retry-After", "31536000", Some(86_400)),
        ("huge", 429, "Retry-After", "99999999999999999999999999", Some(86_400)),
        ("Okta", 429, "X-Rate-Limit-Reset", "1636122000", Some(29)),
        ("GitHub", 429, "x-ratelimit-reset", "1636122000", Some(29)),
        ("overload", 503, "x-ratelimit-reset", "1636122000", Some(29)),
        ("delta reset", 429, "RateLimit-Reset", "30", Some(30)),
        ("a reset that comes with every reply", 401, "X-Rate-Limit-Reset", "1636122000", None),
    ] {
        let error = fixture::read(&raw(status, &[date, (header, value)], b"")).unwrap_err();
        assert_eq!(error.pause().map(|pause| pause.span.as_secs()), expected, "{name}");
    }
    let both = [("X-RateLimit-Reset", "30"), ("Retry-After", "20")];
    let error = fixture::read(&raw(429, &both, b"try again in 10 seconds")).unwrap_err();
    assert_eq!(error.pause().map(|pause| pause.span.as_secs()), Some(20));
    let error = fixture::read(&raw(429, &[], b"Try again in 2 minutes.")).unwrap_err();
    assert_eq!(error.pause().map(|pause| pause.span.as_secs()), Some(120));
    let good = raw(200, &[("Retry-After", "60")], br#"{"access_token":"t"}"#);
    assert!(fixture::read(&good).is_ok());
}
