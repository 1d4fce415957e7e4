use crate::{
    acquire::{
        AcquireError, RawResponse,
        attempt::HandedIn,
        fixture::{SENT_AT, attempt, credential, raw},
        redaction::Redaction,
        reply,
    },
    clock::WallTime,
    token::{IssuedToken, RefreshToken},
};

const ENDS: Option<WallTime> = Some(WallTime::from_seconds(1_700_000_000));

fn handed_in() -> HandedIn {
    let token = RefreshToken { value: "rt-1".into(), expires_at: ENDS, rotates: false };
    HandedIn { token: Some(token), origin: Some("origin".into()), is_new: false }
}

fn read(raw: &RawResponse) -> Result<IssuedToken, AcquireError> {
    reply::read(&attempt(&credential()), raw, Redaction::default(), Some(handed_in()))
}

#[test]
fn a_reply_replaces_the_refresh_token_only_with_another() {
    let in_an_hour = Some(SENT_AT.wall + std::time::Duration::from_secs(3600));
    // (case, further fields, refresh token, its end, whether it rotates)
    let cases = [
        ("none", "", "rt-1", ENDS, false),
        ("null", r#", "refresh_token": null"#, "rt-1", ENDS, false),
        ("empty", r#", "refresh_token": """#, "rt-1", ENDS, false),
        ("the same", r#", "refresh_token": "rt-1""#, "rt-1", ENDS, false),
        ("another", r#", "refresh_token": "rt-2""#, "rt-2", None, true),
        ("its end", r#", "refresh_expires_in": 3600"#, "rt-1", in_an_hour, false),
        ("its end as text", r#", "refresh_token_expires_in": "3600""#, "rt-1", in_an_hour, false),
        ("no end, says Keycloak", r#", "refresh_expires_in": 0"#, "rt-1", ENDS, false),
        (
            "another and its end",
            r#", "refresh_token": "rt-2", "x_refresh_token_expires_in": 3600"#,
            "rt-2",
            in_an_hour,
            true,
        ),
    ];
    for (case, fields, value, expires_at, rotates) in cases {
        let body = format!(r#"{{"access_token": "at"{fields}}}"#);
        let token = read(&raw(200, &[], body.as_bytes())).expect(case);
        let expected = RefreshToken { value: value.into(), expires_at, rotates };
        assert_eq!(token.refresh_token, Some(expected), "{case}");
        assert_eq!(token.origin.as_deref(), Some("origin"), "{case}");
    }
}

#[test]
fn the_end_of_a_refresh_token_is_read_wherever_it_is_said() {
    // Ours shows 2021-11-05T14:18:31Z, and the server's a quarter of an hour more.
    let ahead = [("Date", "Fri, 05 Nov 2021 14:33:31 GMT")];
    // (case, fields, seconds to the end: by our clock, by the server's)
    let cases = [
        ("in seconds", r#""refresh_token_expires_at": 1636125511"#, Some(3_600), Some(2_700)),
        ("in text", r#""refresh_expires_at": "1636125511""#, Some(3_600), Some(2_700)),
        ("in milliseconds", r#""refreshTokenExpiresAt": 1636125511000"#, Some(3_600), Some(2_700)),
        (
            "RFC 3339",
            r#""refresh_token_expiration": "2021-11-05T16:18:31+01:00""#,
            Some(3_600),
            Some(2_700),
        ),
        (
            "RFC 1123",
            r#""refresh_token_expire_at": "Fri, 05 Nov 2021 15:18:31 GMT""#,
            Some(3_600),
            Some(2_700),
        ),
        ("a span for a date", r#""refresh_token_expires_at": 3600"#, Some(3_600), Some(3_600)),
        ("a span", r#""refreshTokenExpiresIn": 3600"#, Some(3_600), Some(3_600)),
        ("another", r#""refreshExpiresIn": "3600""#, Some(3_600), Some(3_600)),
        (
            "two: the earlier",
            r#""refresh_expires_in": 3000, "refresh_expires_at": 1636125511"#,
            Some(3_000),
            Some(2_700),
        ),
        (
            "two, of which one says nothing",
            r#""refresh_expires_in": 0, "refreshExpiresAt": 1636125511"#,
            Some(3_600),
            Some(2_700),
        ),
        ("zero", r#""refresh_token_expires_at": 0"#, None, None),
        ("null", r#""refresh_token_expires_at": null"#, None, None),
        ("passed", r#""refresh_token_expires_at": 1636121900"#, None, None),
        ("passed at the server", r#""refresh_expires_at": 1636122000"#, Some(89), None),
        ("eleven years", r#""refresh_expires_at": "2032-11-05T00:00:00Z""#, None, None),
        ("never", r#""refresh_expires_at": "9999-12-31T23:59:59Z""#, None, None),
        ("a span of eleven years", r#""refresh_expires_in": 346896000"#, None, None),
        ("no date", r#""refresh_expires_at": "soon""#, None, None),
    ];
    for (case, fields, ours, servers) in cases {
        let body = format!(r#"{{"access_token": "at", "refresh_token": "rt-2", {fields}}}"#);
        for (headers, expected) in [(&[][..], ours), (&ahead[..], servers)] {
            let token = read(&raw(200, headers, body.as_bytes())).expect(case);
            let ends = token.refresh_token.expect(case).expires_at;
            let left = ends.map(|ends| ends.since(SENT_AT.wall).as_secs());
            assert_eq!(left, expected, "{case}, {headers:?}");
        }
    }
}

#[test]
fn of_an_unusable_reply_the_refresh_token_is_kept_and_what_it_leaves_open_is_known() {
    // (case, status, body, refresh token that is kept, whether it stays open what became of ours)
    let cases = [
        ("a bad token", 200, r#"{"access_token": "a b", "refresh_token": "rt-2"}"#, true, false),
        ("no token", 200, r#"{"refresh_token": "rt-2"}"#, true, false),
        ("a bad token alone", 200, r#"{"access_token": "a b"}"#, false, false),
        ("nothing of use", 200, r#"{"result": "0"}"#, false, true),
        ("half a reply", 200, r#"{"access_token": "a"#, false, true),
        ("a page", 200, "<html>", false, true),
        ("an error", 200, r#"{"error": "invalid_grant"}"#, false, false),
        ("an error beside one", 200, r#"{"ok": false, "refresh_token": "rt-2"}"#, false, false),
        ("a refusal", 400, r#"{"error": "invalid_grant", "refresh_token": "x"}"#, false, false),
        ("a refusal as a page", 403, "<html>", false, false),
        ("its own failure", 500, r#"{"error": "server_error"}"#, false, false),
        ("half a failure", 500, r#"{"err"#, false, true),
        ("a gateway", 502, "<html>", false, true),
        ("a gateway's time-out", 504, "", false, true),
        ("too busy", 503, "", false, false),
        ("a redirect", 302, "", false, false),
    ];
    for (case, status, body, kept, open) in cases {
        let error = read(&raw(status, &[], body.as_bytes())).expect_err(case);
        let rescued = error.rescued().map(|rescued| rescued.refresh_token.value.expose());
        assert_eq!(rescued, kept.then_some("rt-2"), "{case}");
        assert_eq!(error.leaves_open(), open, "{case}: {error}");
        assert!(!format!("{error} {error:?}").contains("rt-2"), "{case}: {error:?}");
    }
}

#[test]
fn what_an_earlier_reply_brought_outlives_every_end_of_the_attempt() {
    let location = [("Location", "https://idp.example/elsewhere")];
    // (case, status, headers, body)
    let cases: [(_, _, &[_], &[u8]); 4] = [
        ("a redirect", 302, &location, b""),
        ("a refusal", 400, &[], br#"{"error": "invalid_grant"}"#),
        ("no token", 200, &[], b"{}"),
        ("a bad token", 200, &[], br#"{"access_token": "a b"}"#),
    ];
    for (case, status, headers, body) in cases {
        let handed_in = Some(HandedIn { is_new: true, ..handed_in() });
        let reply = raw(status, headers, body);
        let error = reply::read(&attempt(&credential()), &reply, Redaction::default(), handed_in)
            .unwrap_err();
        let kept = error.rescued().map(|rescued| rescued.refresh_token.value.expose());
        assert_eq!(kept, Some("rt-1"), "{case}");
    }
}
