//! What the kubelet swaps is noticed within a second, and touches only what it concerns.

use std::{os::unix::fs::symlink, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::json;

use crate::{
    fixture::{Credential, Fixture, SECRET, configuration},
    volume::Volume,
    wait::{boot, until, wall},
};

const RELOADED: &str = "configuration reloaded";

/// Far less than the half minute after which a change is noticed without an event; a slow machine
/// may take longer than the second that we promise.
const SOON: Duration = Duration::from_secs(5);

/// Reloads happen once for each swap, and soon. Says how soon.
fn noticed(fixture: &Fixture, what: &str, swap: impl FnOnce()) {
    let started = boot();
    fixture.after(RELOADED, swap);
    let took = boot().since(started);
    println!("{what}: noticed after {} ms", took.as_millis());
    assert!(took < SOON, "{what}: {took:?}");
}

/// A configuration in a volume, with an included file beside it.
fn configured(fixture: &Fixture, credentials: &[Credential<'_>], included: &str) -> [String; 2] {
    let text = configuration("include: etc/more.yaml\n", credentials);
    [text, format!("credentials:\n{included}")].map(|text| text.replace("@BASE@", &fixture.base()))
}

#[test]
fn every_kind_of_file_is_noticed_when_it_is_swapped() {
    let fixture = Fixture::new();
    let volume = |name: &str, files: &[(&str, &str)]| Volume::new(&fixture.path(name), files);
    let secrets = volume("var/secret", &[("a", SECRET)]);
    let authorities = volume("var/authorities", &[("ca.pem", "one")]);
    let list = volume("var/list", &[("tenants", "x\n")]);
    let a = Credential {
        path: "/habit/created/token",
        secret: "var/secret/a",
        more: "ca_file: var/authorities/ca.pem",
        ..Credential::new("a")
    };
    let each = Credential {
        outputs: "[ { token_file: 'each@${tenant}/token' } ]",
        more: "for_each: { tenant: { file: var/list/tenants } }",
        ..Credential::new("each")
    };
    let later = Credential::new("later");
    let third = Credential { secret: "../secrets/plain", ..Credential::new("third") };
    let [main, none] = configured(&fixture, &[a, each], "");
    let etc = volume("etc", &[("config.yaml", &main), ("more.yaml", &none)]);
    symlink("etc/config.yaml", fixture.path("config.yaml")).unwrap();
    let _daemon = fixture.run_until_published(&["a", "each@x"]);

    let [main, none] = configured(&fixture, &[a, each, later], "");
    noticed(&fixture, "a configuration", || {
        etc.swap(&[("config.yaml", &main), ("more.yaml", &none)]);
    });
    let [main, more] = configured(&fixture, &[a, each, later], &third.entry());
    noticed(&fixture, "an included file", || {
        etc.swap(&[("config.yaml", &main), ("more.yaml", &more)]);
    });
    noticed(&fixture, "a list", || list.swap(&[("tenants", "x\ny\n")]));
    noticed(&fixture, "authorities", || authorities.swap(&[("ca.pem", "two")]));
    fixture.wait_for_tokens(&["later", "third", "each@y"]);
    assert_eq!(fixture.requests(a.path).len(), 1, "nothing of all that concerns it");
    noticed(&fixture, "a secret", || secrets.swap(&[("a", "another")]));
    until("its use", || fixture.requests(a.path).len() == 2);
    noticed(&fixture, "a secret again", || secrets.swap(&[("a", SECRET)]));
    until("its use", || fixture.requests(a.path).len() == 3);
    assert_eq!(fixture.requests("/plain/token").len(), 4, "nobody else is asked again");
}

/// A service account's token, which is good for so many seconds.
fn service_account(subject: &str, seconds: i64, id: &str) -> String {
    let expires = wall().seconds() + seconds;
    let claims = json!({ "iss": "cluster", "sub": subject, "exp": expires, "jti": id });
    format!("e30.{}.x", BASE64.encode(claims.to_string()))
}

#[test]
fn a_service_account_token_that_is_renewed_costs_no_request() {
    let fixture = Fixture::new();
    let more = "grant: token_exchange, subject_token: { file: var/token }, \
                subject_token_type: urn:ietf:params:oauth:token-type:jwt";
    fixture.configure(&[Credential { more, ..Credential::new("a") }]);
    let expired = service_account("cart", -10, "1");
    let volume = Volume::new(&fixture.path("var"), &[("token", &expired)]);
    let requests = || fixture.requests("/plain/token").len();
    let _daemon = fixture.run();
    until("the refusal", || fixture.status_of("a")["parked"] == true);
    let problem = fixture.status_of("a")["problem"]["message"].to_string();
    for says in ["or it has expired", "whether a subject_token is still valid and meant for"] {
        assert!(problem.contains(says), "{problem}");
    }

    volume.swap(&[("token", &service_account("cart", 600, "2"))]);
    fixture.wait_for_tokens(&["a"]);
    assert_eq!(requests(), 2, "at once, though it was parked");
    let token = fixture.token("a");
    noticed(&fixture, "a renewed token", || {
        volume.swap(&[("token", &service_account("cart", 3600, "3"))]);
    });
    until("it stays fresh", || fixture.status_of("a")["standing"] == "fresh");
    assert_eq!((requests(), fixture.token("a")), (2, token.clone()));
    volume.swap(&[("token", &service_account("till", 3600, "4"))]);
    until("a token for another subject", || fixture.token("a") != token);
    assert_eq!(requests(), 3);
}
