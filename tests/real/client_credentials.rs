//! Scenarios with the grant `client_credentials`, against each server.

use std::{collections::BTreeSet, slice, time::Duration};

use crate::{
    now,
    server::{Client, Server},
    software::{BasicEncoding, Software},
    tokenward::{Credential, Tokenward},
    wait_until,
};

const FORM: &str = "{ client_secret_basic: { encoding: form } }";
const RAW: &str = "{ client_secret_basic: { encoding: raw } }";

const BASIC: Credential<'_> = Credential {
    name: "basic",
    client_id: "basic",
    client_secret: "fXk2basicQ7vm9RtLw4",
    authentication: "client_secret_basic",
    scope: "read",
    refresh: "{ at: 0.5, jitter: 0, min_remaining: 1s, min_interval: 3s }",
};

const POST: Credential<'_> = Credential {
    name: "post",
    client_id: "post",
    client_secret: "pZ8postH3ncY6jTsVb1",
    authentication: "client_secret_post",
    ..BASIC
};

const ODD_POST: Credential<'_> = Credential {
    name: "odd_post",
    client_id: "we:ird%+ id too",
    client_secret: "p:o%s+t/e=t &",
    ..POST
};

const ODD_FORM: Credential<'_> = Credential {
    name: "odd_form",
    client_id: "we:ird%+ id",
    client_secret: "s:e%c+r/e=t &",
    authentication: FORM,
    ..BASIC
};

/// Without a colon in the id, which a raw Basic header cannot carry (RFC 7617, section 2).
const ODD_RAW: Credential<'_> = Credential {
    name: "odd_raw",
    client_id: "we ird%+ id",
    client_secret: "r:a%w+r/e=t &",
    authentication: RAW,
    ..BASIC
};

/// The client with odd characters in its id and secret, written as `software` wants it.
fn odd_basic(software: &Software) -> Credential<'static> {
    match software.basic_encoding {
        BasicEncoding::Form => ODD_FORM,
        BasicEncoding::Raw => ODD_RAW,
    }
}

/// The same client, written the other way.
fn odd_basic_in_the_other_encoding(software: &Software) -> Credential<'static> {
    match software.basic_encoding {
        BasicEncoding::Form => Credential { authentication: RAW, ..ODD_FORM },
        BasicEncoding::Raw => Credential { authentication: FORM, ..ODD_RAW },
    }
}

const AN_HOUR: Duration = Duration::from_secs(3600);

/// A server that knows all clients above.
fn start(software: &'static Software, lifetime: Duration) -> Server {
    let clients = [BASIC, POST, ODD_POST, ODD_FORM, ODD_RAW].map(|credential| {
        let authentication = if credential.authentication == "client_secret_post" {
            "client_secret_post"
        } else {
            "client_secret_basic"
        };
        let secret = Some(credential.client_secret.to_owned());
        let client = Client::new(credential.client_id, "client_credentials", authentication);
        Client { secret, ..client }
    });
    Server::start(software, lifetime, &clients)
}

pub fn each_authentication_gets_a_token(software: &'static Software) {
    let server = start(software, AN_HOUR);
    let credentials = [BASIC, POST, ODD_POST, odd_basic(software)];
    let tokenward = Tokenward::new(&server.token_endpoint(), &credentials);

    let ended = tokenward.once();

    assert_eq!(ended.code, Some(0), "{}", ended.text);
    assert_eq!(server.tokens_issued(), credentials.len());
    let tokens: BTreeSet<_> = credentials.iter().map(|c| tokenward.token(c.name)).collect();
    assert_eq!(tokens.len(), credentials.len(), "each has a token of its own");
    for Credential { name, .. } in credentials {
        let token = tokenward.token(name).expect(name);
        assert!(token.len() >= 20, "{name}: the whole token and not a piece");
        assert_eq!(tokenward.token_in_env_file(name), token, "{name}");
    }
}

pub fn refusals_name_the_credential_and_show_no_secret(software: &'static Software) {
    let server = start(software, AN_HOUR);
    let wrong = "wr0ngSecretNobodyHas";
    let refusals = &software.refusals;
    let rows = [
        (Credential { client_secret: wrong, ..BASIC }, Some(refusals.wrong_secret)),
        (Credential { client_secret: wrong, ..POST }, Some(refusals.wrong_secret)),
        (odd_basic_in_the_other_encoding(software), Some(refusals.other_encoding)),
        (Credential { name: "odd_scope", scope: "nope", ..BASIC }, refusals.unknown_scope),
    ];

    for (credential, refusal) in rows {
        let Credential { name, authentication, client_secret, .. } = credential;
        let tokenward = Tokenward::new(&server.token_endpoint(), slice::from_ref(&credential));
        let ended = tokenward.once();

        let row = format!("{name} with {authentication}:\n{}", ended.text);
        assert!(!ended.text.contains(client_secret), "shows the secret: {row}");
        assert_eq!(ended.code, Some(if refusal.is_some() { 69 } else { 0 }), "{row}");
        assert_eq!(tokenward.token(name).is_none(), refusal.is_some(), "{row}");
        if let Some(refusal) = refusal {
            assert!(ended.text.contains(name), "does not name the credential: {row}");
            assert!(ended.text.contains(refusal), "does not say `{refusal}`: {row}");
        }
    }
}

pub fn short_lifetimes_are_refreshed_gently(software: &'static Software) {
    // Due after 2 s, but asked for no more often than every 3 s (`min_interval` of `BASIC`).
    let server = start(software, Duration::from_secs(4));
    let tokenward = Tokenward::new(&server.token_endpoint(), &[BASIC]);

    let started = now();
    let daemon = tokenward.run();
    let mut tokens = BTreeSet::new();
    wait_until("the fourth token", || {
        tokens.extend(tokenward.token(BASIC.name));
        tokens.len() == 4
    });
    assert_eq!(daemon.terminate(), Some(0));

    let intervals = usize::try_from(now().since(started).as_secs() / 3).unwrap();
    let issued = server.tokens_issued();
    assert!(issued <= intervals + 1, "{issued} tokens in {intervals} intervals and a bit");
}

pub fn an_outage_is_survived(software: &'static Software) {
    let lifetime = Duration::from_secs(4);
    let mut server = start(software, lifetime);
    let tokenward = Tokenward::new(&server.token_endpoint(), &[BASIC]);
    let daemon = tokenward.run();
    wait_until("the first token", || tokenward.token(BASIC.name).is_some());

    server.stop();
    let last_good = tokenward.token(BASIC.name);
    let stopped = now();
    let once = Tokenward::new(&server.token_endpoint(), &[POST]).once();
    assert_eq!(once.code, Some(75), "an outage may pass: {}", once.text);
    wait_until("the token to expire", || now().since(stopped) > lifetime);
    assert_eq!(tokenward.token(BASIC.name), last_good, "a failure takes no token away");

    server.start_again();
    wait_until("a token after the outage", || tokenward.token(BASIC.name) != last_good);
    assert_eq!(daemon.terminate(), Some(0));
}

pub fn a_restart_with_valid_tokens_sends_no_request(software: &'static Software) {
    let server = start(software, AN_HOUR);
    let tokenward = Tokenward::new(&server.token_endpoint(), &[BASIC]);
    let daemon = tokenward.run();
    wait_until("the first token", || tokenward.token(BASIC.name).is_some());
    let token = tokenward.token(BASIC.name);
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(server.tokens_issued(), 1);

    // A second credential shows when the second daemon has got to work.
    tokenward.configure(&server.token_endpoint(), &[BASIC, POST]);
    let daemon = tokenward.run();
    wait_until("the new credential's token", || tokenward.token(POST.name).is_some());
    assert_eq!(daemon.terminate(), Some(0));
    assert_eq!(server.tokens_issued(), 2, "one for each credential");
    assert_eq!(tokenward.token(BASIC.name), token);

    assert_eq!(tokenward.once().code, Some(0));
    assert_eq!(server.tokens_issued(), 2, "`once` finds nothing due");
}
