//! The verbs that only look: `check`, `status`, `wait`, `get`.

use serde_json::{Value, json};

use crate::{
    fixture::{Credential, Fixture, SECRET},
    wait::{until, wall},
};

#[test]
fn check_knows_good_from_bad_and_asks_only_when_told_to() {
    let good = Credential::new("a");
    let wrong = Credential { secret: "secrets/usertesting", ..good };
    let down = Credential { path: "/habit/service_unavailable/token", ..good };
    let missing = Credential { secret: "secrets/nowhere", ..good };
    let unknown = Credential { more: "scoop: a", ..good };
    // (case, credential, arguments, exit code, requests)
    let cases: [(&str, Credential<'_>, &[&str], i32, usize); 8] = [
        ("good", good, &[], 0, 0),
        ("good, online", good, &["--online"], 0, 1),
        ("a wrong secret", wrong, &[], 0, 0),
        ("a wrong secret, online", wrong, &["--online"], 69, 1),
        ("an outage, online", down, &["--online"], 75, 1),
        ("no secret file", missing, &[], 78, 0),
        ("no secret file, syntax alone", missing, &["--syntax"], 0, 0),
        ("an unknown key", unknown, &["--online"], 78, 0),
    ];
    for (case, credential, arguments, code, requests) in cases {
        let fixture = Fixture::new();
        fixture.configure(&[credential]);
        let ended = fixture.tokenward(&[&["check"], arguments].concat());
        assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
        assert_eq!(fixture.sandbox().requests().len(), requests, "{case}");
        assert!(!fixture.path("out").exists() && !fixture.path("state").exists(), "{case}");
        assert!(!ended.stderr.contains(SECRET) && !ended.stdout.contains(SECRET), "{case}");
    }
}

#[test]
fn check_in_a_new_folder_misses_no_directory_that_run_will_make() {
    let fixture = Fixture::new();
    fixture.configure(&[Credential::new("a")]);
    let ended = fixture.tokenward(&["check", "--config", "config.yaml"]);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""), "{ended:?}");
    fixture.write("out", "a file");
    let ended = fixture.tokenward(&["check", "--config", "config.yaml"]);
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.stderr.contains("1 problem with what it names"), "{ended:?}");
}

#[test]
fn who_only_looks_hears_of_errors_and_not_of_warnings() {
    let fixture = Fixture::new();
    let plain = Credential { secret: "in-plain-sight", more: "scoop: a", ..Credential::new("a") };
    fixture.configure(&[plain]);
    fixture.write(
        "config.yaml",
        &fixture.read("config.yaml").unwrap().replace("{ file: in-plain-sight }", "in-plain-sight"),
    );
    for (verb, warns) in [("check", true), ("status", false), ("wait", false), ("once", false)] {
        let ended = fixture.tokenward(&[verb]);
        assert_eq!(ended.code, Some(78), "{verb}: {ended:?}");
        assert!(ended.stderr.contains("`scoop` is not a key"), "{verb}: {ended:?}");
        assert_eq!(ended.stderr.contains("warning:"), warns, "{verb}: {ended:?}");
    }
}

#[test]
fn check_names_every_problem_with_its_place_and_its_mend() {
    let fixture = Fixture::new();
    let a = Credential { more: "scoop: [read]", ..Credential::new("a") };
    let b = Credential { more: "scope_separator: [',']", ..Credential::new("b") };
    fixture.configure(&[a, b]);
    let ended = fixture.tokenward(&["check"]);
    let lines = |name| {
        let text = fixture.read("config.yaml").unwrap();
        text.lines().position(|line| line.contains(&format!("  {name}: "))).unwrap() + 1
    };
    for wanted in [
        format!("config.yaml:{}:", lines("a")),
        "did you mean `scope`?".into(),
        format!("config.yaml:{}:", lines("b")),
        "`scope_separator` is a list".into(),
        "2 errors".into(),
    ] {
        assert!(ended.stderr.contains(&wanted), "{wanted} is missing in\n{}", ended.stderr);
    }
}

#[test]
fn status_is_a_table_for_people_and_stable_json_for_programs() {
    let fixture = Fixture::new();
    let assumed = Credential { path: "/habit/expires_in_zero/token", ..Credential::new("zero") };
    fixture.configure(&[Credential::new("a"), assumed]);
    let before = fixture.tokenward(&["status"]);
    assert_eq!(before.code, Some(69));
    assert!(before.stdout.contains("no daemon has run"), "{before:?}");

    let daemon = fixture.run();
    until("it is ready", || fixture.tokenward(&["status"]).code == Some(0));
    let table = fixture.tokenward(&["status"]).stdout;
    let process = format!("process {}", daemon.pid());
    for wanted in [&process, "ready: 2 of 2", "lifetime assumed: the reply's is zero"] {
        assert!(table.contains(wanted), "{wanted} is missing in\n{table}");
    }
    let status = fixture.status();
    assert_eq!(status["ready"], true);
    assert_eq!(status["daemon"]["process_id"], daemon.pid());
    assert_eq!(status["daemon"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["daemon"]["configuration"], fixture.path("config.yaml").to_str().unwrap());
    assert_eq!(status["daemon"]["configuration_problem"], Value::Null);
    let now = wall().millis();
    for date in ["started_at", "configured_at"] {
        assert!((status["daemon"][date].as_i64().unwrap() - now).abs() < 60_000, "{date}");
    }
    let zero = fixture.status_of("zero");
    assert_eq!(zero["standing"], "fresh");
    assert_eq!(zero["lifetime_source"], json!({ "assumed": "zero" }));
    assert_eq!((&zero["failures"], &zero["problem"]), (&json!(0), &Value::Null));
    assert_eq!(zero["outputs"], json!([{ "path": "zero/token", "state": "valid" }]));
    let order = ["issued_at", "next_request_at", "expires_at"].map(|key| zero[key].as_i64());
    assert!(order.is_sorted() && order[0].is_some(), "{zero}");
    assert_eq!(fixture.status_of("a")["lifetime_source"], "expires_in");

    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(fixture.status()["daemon"]["process_id"], Value::Null);
    assert!(fixture.tokenward(&["status"]).stdout.contains("is not running"));
}

#[test]
fn wait_is_over_when_every_output_is_good_and_says_what_is_not() {
    let fixture = Fixture::new();
    let hangs = Credential { path: "/habit/hangs/token", ..Credential::new("hangs") };
    fixture.configure(&[Credential::new("a"), hangs]);
    let mut waiting = fixture.command(&["wait", "a"]).spawn().unwrap();
    assert!(waiting.try_wait().unwrap().is_none(), "nothing is there yet");
    let _daemon = fixture.run();
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    // (case, arguments, exit code, what it says)
    let cases: [(&str, &[&str], i32, &str); 4] = [
        ("one that is there", &["a", "--timeout", "0"], 0, ""),
        ("one that is not", &["hangs", "--timeout", "0"], 75, "hangs/token: it is not there"),
        ("all", &["--timeout", "1"], 75, "hangs/token"),
        ("an unknown one", &["b"], 64, "there is no credential \"b\""),
    ];
    for (case, arguments, code, says) in cases {
        let ended = fixture.tokenward(&[&["wait"], arguments].concat());
        assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
        assert!(ended.stderr.contains(says), "{case}: {ended:?}");
    }
}

#[test]
fn a_name_that_nobody_has_leads_to_those_that_were_meant() {
    let fixture = Fixture::new();
    let (outputs, more) = ("[ { token_file: 'NAME/${v}' } ]", "for_each: { v: { list: [x] } }");
    fixture.configure(&[Credential { outputs, more, ..Credential::new("tenants") }]);
    // (arguments, what it says)
    let cases = [
        (["get", "tenants"], "it has one for each value, such as tenants@x"),
        (["login", "tenants"], "it has one for each value, such as tenants@x"),
        (["get", "tenant@x"], "did you mean tenants@x?"),
        (["wait", "tenant@x"], "did you mean tenants@x?"),
        (["login", "nothing-like-it"], "`tokenward status` lists all"),
    ];
    for (arguments, says) in cases {
        let ended = fixture.tokenward(&arguments);
        assert_eq!(ended.code, Some(64), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(says), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn get_hands_out_the_token_in_four_forms() {
    let fixture = Fixture::new();
    let more = "scope: [read]";
    let odd = "authorization_scheme: token";
    fixture.configure(&[
        Credential { more, ..Credential::new("a") },
        Credential { more: odd, ..Credential::new("odd") },
    ]);
    assert_eq!(fixture.tokenward(&["get", "a"]).code, Some(69), "there is none yet");
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    let token = fixture.token("a").unwrap();
    let expires_at = fixture.read("out/a/token.expires_at").unwrap();
    let expires_at = expires_at.trim_end();
    let get = |format| {
        let ended = fixture.tokenward(&["get", "a", "--format", format]);
        assert_eq!(ended.code, Some(0), "{format}: {ended:?}");
        ended.stdout
    };
    assert_eq!(get("token"), format!("{token}\n"));
    assert_eq!(get("header"), format!("Authorization: Bearer {token}\n"));
    let header = fixture.tokenward(&["get", "odd", "--format", "header"]).stdout;
    assert_eq!(header, format!("Authorization: token {}\n", fixture.token("odd").unwrap()));
    assert_eq!(get("env"), format!("ACCESS_TOKEN={token}\nEXPIRES_AT={expires_at}\n"));
    let document: Value = serde_json::from_str(&get("json")).unwrap();
    let expires_at: i64 = expires_at.parse().unwrap();
    let expected = json!({
        "access_token": token,
        "token_type": "Bearer",
        "scope": "read",
        "expires_at": expires_at,
    });
    assert_eq!(document, expected);
    assert_eq!(fixture.tokenward(&["get", "b"]).code, Some(64));
}

#[test]
fn an_expired_token_is_never_handed_out_nor_called_good() {
    let fixture = Fixture::with_lifetime(1);
    fixture.configure(&[Credential::new("a")]);
    assert_eq!(fixture.tokenward(&["once"]).code, Some(0));
    let token = fixture.token("a").unwrap();
    until("it expires", || fixture.tokenward(&["get", "a"]).code != Some(0));
    // (verb, exit code)
    let cases: [(&[&str], i32); 2] = [(&["get", "a"], 69), (&["wait", "--timeout", "0"], 75)];
    for (verb, code) in cases {
        let ended = fixture.tokenward(verb);
        assert_eq!(ended.code, Some(code), "{verb:?}: {ended:?}");
        assert!(!ended.stdout.contains(&token) && ended.stderr.contains("expired"), "{ended:?}");
    }
    assert_eq!(fixture.status_of("a")["standing"], "expired");
}
