//! From a good configuration to a plan, and from one plan to the next.

mod grants;
mod inputs;
#[path = "../shared/write.rs"]
mod write;

use std::{path::Path, sync::Arc, time::Duration};

use tokenward::{
    config,
    credential::{
        Access, BasicEncoding, BodyFormat, Calendar, ClientAuthentication, Content, Credential,
        FieldPath, LifetimeField, LifetimeUnit, Location, Notification, TemplatePart, TokenField,
        UnitAction, ValueSource, Zone,
    },
    plan::{self, Environment, Plan, difference},
    secret::Secret,
};
use write::write;

/// The plan of a configuration with these credentials; its sources are read by `read`.
fn plan_read(text: &str, read: &dyn Fn(&ValueSource) -> Option<Secret>) -> Plan {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.yaml");
    write(&path, text);
    let loaded = config::load(&path);
    let environment = Environment {
        state_directory: Some("/state:/other".into()),
        runtime_directory: Some("/outputs".into()),
        credentials_directory: Some("/credentials".into()),
        read,
        ..Environment::default()
    };
    let (plan, problems) = plan::build(&loaded, &environment);
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    plan.unwrap_or_else(|| panic!("{}", shown.join("\n")))
}

fn plan(text: &str) -> Plan {
    plan_read(text, &|_| None)
}

/// A credential with these keys, beside those that it needs.
fn credential(keys: &str) -> Arc<Credential> {
    let plan = plan(&format!(
        "version: 1\ncredentials:\n  one:\n    token_endpoint: https://login.example.com/t\n    \
         client_id: id\n    client_secret: {{ file: /secret }}\n{}\n",
        keys.lines().map(|line| format!("    {line}\n")).collect::<Vec<_>>().concat()
    ));
    Arc::clone(plan.credential("one").expect("the credential"))
}

/// A field of the reply's body.
fn field(path: &str) -> Location {
    Location::Field(FieldPath(path.split('.').map(Into::into).collect()))
}

#[test]
fn what_is_not_said_is_what_the_table_says() {
    let credential = credential("outputs: [{ token_file: t }]");
    assert_eq!(
        credential.client.authentication,
        ClientAuthentication::ClientSecretBasic(BasicEncoding::Form)
    );
    assert_eq!(credential.parameters.body, BodyFormat::Form);
    assert_eq!(credential.parameters.timeout, Duration::from_secs(30));
    assert_eq!(credential.reply.access_token, field("access_token"));
    assert_eq!(credential.reply.lifetime, None);
    let refresh = &credential.refresh;
    assert!((refresh.at - 0.75).abs() < 1e-9 && (refresh.jitter - 0.05).abs() < 1e-9);
    assert_eq!(refresh.min_remaining, Duration::from_secs(60));
    assert_eq!(refresh.min_interval, Duration::from_secs(10));
    assert_eq!(refresh.assume_lifetime, Duration::from_secs(3600));
    assert_eq!(
        credential.outputs[0].access,
        Access { mode: 0o640, owner: None, group: None }.into()
    );
}

#[test]
fn the_credential_comes_before_its_preset_and_the_preset_before_defaults() {
    let plan = plan(
        "version: 1
defaults: { timeout: 7s, mode: 0600, group: g, refresh: { at: 0.5, jitter: 0.1 } }
credentials:
  one:
    provider: 360learning
    client_id: id
    client_secret: { env: SECRET }
    headers: { accept: text/plain, x-more: a }
    refresh: { at: 0.6 }
    outputs: [{ token_file: { path: t, mode: 0440 } }]
",
    );
    let one = plan.credential("one").expect("the credential");
    assert_eq!(one.parameters.body, BodyFormat::Json, "the preset");
    assert_eq!(one.parameters.timeout, Duration::from_secs(7), "defaults");
    assert!((one.refresh.at - 0.6).abs() < 1e-9, "the credential");
    assert!((one.refresh.jitter - 0.1).abs() < 1e-9, "defaults, key by key");
    let literal = |text: &str| ValueSource::Literal(Secret::from(text));
    assert_eq!(
        *one.parameters.headers,
        [("accept".into(), literal("text/plain")), ("x-more".into(), literal("a"))]
    );
    assert_eq!(one.outputs[0].access.mode, 0o440, "the output");
    assert_eq!(one.outputs[0].access.group.as_deref(), Some("g"));
}

#[test]
fn a_probe_arrives() {
    let one = credential(
        "variables: { tenant: acme }
probe:
  url: https://api/${tenant}
  headers: { X-Token: \"${access_token}\" }
  schedule: '0 */15 * * * *'
  timezone: Europe/London",
    );
    let zone = Zone::find("Europe/London").expect("a zone");
    let probe = one.probe.as_deref().expect("a probe");
    assert_eq!(probe.url.as_str(), "https://api/acme");
    assert!(probe.headers[0].1.is(&TokenField::AccessToken));
    assert_eq!(Some(&probe.calendar), Calendar::parse("0 */15 * * * *", zone).as_ref());
}

#[test]
fn every_key_arrives() {
    let one = credential(
        "variables: { tenant: acme }
client_authentication: client_secret_post
body: query
scope: a b
scope_separator: ','
audience: [\"x-${tenant}\"]
resource: https://r
parameters: { org: \"${tenant}\", n: 5 }
response: { access_token: a.0.b, expires_in_unit: milliseconds, error: e.code }
refresh: { schedule: '0 0 3 * * *', timezone: Europe/London }
outputs:
  - env_file: { path: \"${tenant}/env\", variables: { A: \"t:${access_token}@${tenant}\" } }
notify:
  - signal: { pid_file: run.pid }
  - command: [/bin/true, x]
  - systemd: app@${tenant}.service
  - systemd: { unit: b.timer, action: restart, timeout: 5s }",
    );
    assert_eq!(one.client.authentication, ClientAuthentication::ClientSecretPost);
    assert_eq!(one.parameters.body, BodyFormat::Query);
    assert_eq!(&*one.scope, "a,b");
    assert_eq!(*one.parameters.audience, ["x-acme".into()]);
    assert_eq!(one.parameters.extra[0].1, ValueSource::Literal(Secret::from("acme")));
    assert_eq!(one.reply.access_token, field("a.0.b"));
    let path = FieldPath(["expires_in".into()].into());
    let lifetime = LifetimeField::At { path, unit: LifetimeUnit::Milliseconds };
    assert_eq!(one.reply.lifetime, Some(lifetime));
    let calendar = Calendar::parse("0 0 3 * * *", Zone::find("Europe/London").expect("a zone"));
    assert_eq!(one.refresh.calendar, calendar);
    assert!(calendar.is_some(), "a schedule");
    assert_eq!(&*one.outputs[0].path, Path::new("acme/env"));
    let Content::EnvFile { variables } = &one.outputs[0].content else { panic!("an env file") };
    assert_eq!(
        *variables[0].1.0,
        [
            TemplatePart::Text("t:".into()),
            TemplatePart::Field(TokenField::AccessToken),
            TemplatePart::Text("@acme".into()),
        ]
    );
    let Notification::Signal { pid_file, signal } = &*one.notifications[0] else {
        panic!("a signal")
    };
    assert!(pid_file.is_absolute() && pid_file.ends_with("run.pid"));
    assert_eq!(*signal, nix::sys::signal::Signal::SIGHUP as i32);
    for (unit, action, seconds) in [
        ("app@acme.service", UnitAction::TryReloadOrRestart, 90),
        ("b.timer", UnitAction::Restart, 5),
    ] {
        let timeout = Duration::from_secs(seconds);
        let expected = Notification::Systemd { unit: unit.into(), action, timeout };
        assert!(one.notifications.iter().any(|found| **found == expected), "{unit}");
    }
}

#[test]
fn directories_come_from_the_environment_unless_they_are_given() {
    let settings = plan("version: 1\nstate_directory: state\n").settings;
    assert!(settings.state_directory.is_absolute() && settings.state_directory.ends_with("state"));
    assert_eq!(settings.output_directory, Path::new("/outputs"));
    let settings = plan("version: 1\nlimits: { concurrent_requests: 3 }\n").settings;
    assert_eq!(settings.state_directory, Path::new("/state"), "the first that systemd lists");
    assert_eq!(settings.concurrent_requests, 3);
    assert_eq!(settings.grace_period, Duration::from_secs(25));
}

/// Two credentials; the second's secret is read by `read`, the first has none to read.
fn pair(scope: &str, read: &dyn Fn(&ValueSource) -> Option<Secret>) -> Plan {
    plan_read(
        &format!(
            "version: 1\ncredentials:\n  command: {{ provider: usertesting, client_id: x, \
             client_secret: {{ command: [/bin/x] }}, outputs: [{{ token_file: a }}] }}\n  file: {{ \
             provider: usertesting, client_id: x, client_secret: {{ file: /secret }}, scope: \
             {scope}, outputs: [{{ token_file: b }}] }}\n"
        ),
        read,
    )
}

fn secret(text: &'static str) -> impl Fn(&ValueSource) -> Option<Secret> {
    move |source| {
        assert!(!matches!(source, ValueSource::Command(_)), "a command is never run for this");
        Some(text.into())
    }
}

#[test]
fn only_what_changed_is_in_the_difference() {
    let before = pair("a", &secret("1"));
    assert_eq!(difference(&before, &pair("a", &secret("1"))), plan::Changes::default());
    for (what, after) in [("scope", pair("b", &secret("1"))), ("secret", pair("a", &secret("2")))] {
        let changes = difference(&before, &after);
        let [(old, new)] = changes.changed.as_slice() else { panic!("{what}: {changes:?}") };
        assert_eq!((old.name.as_str(), new.name.as_str()), ("file", "file"), "{what}");
        assert!(changes.added.is_empty() && changes.removed.is_empty(), "{what}");
    }
    let nothing = plan("version: 1\n");
    assert_eq!(difference(&nothing, &before).added.len(), 2);
    assert_eq!(difference(&before, &nothing).removed.len(), 2);
}

#[test]
fn an_unreadable_secret_is_no_change_and_hides_none() {
    let before = pair("a", &secret("1"));
    let mut unread = pair("a", &|_| None);
    assert_eq!(difference(&before, &unread), plan::Changes::default());
    unread.inherit(&before);
    assert_eq!(difference(&unread, &pair("a", &secret("1"))), plan::Changes::default());
    assert_eq!(difference(&unread, &pair("a", &secret("2"))).changed.len(), 1);
}

#[test]
fn everything_that_can_change_a_plan_is_watched() {
    let plan = plan(
        "version: 1\ncredentials:
  one:
    token_endpoint: https://login.example.com/t
    ca_file: /ca.pem
    client_id: { file: /id }
    client_secret: { systemd_credential: secret }
    headers: { x-a: { file: /header } }
    outputs: [{ token_file: t }]
",
    );
    for path in ["/ca.pem", "/id", "/credentials/secret", "/header"] {
        assert!(plan.watched.iter().any(|watched| watched == Path::new(path)), "{path}");
    }
    assert!(plan.watched.iter().any(|watched| watched.ends_with("config.yaml")));
}
