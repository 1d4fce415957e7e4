//! The first token: every system, every kind of output, the right bytes for the right reader.

use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use crate::{
    fixture::{Credential, Fixture, SECRET},
    wait::{until, wall},
};

/// (name, path in the sandbox, keys, `token_type` as the system writes it, lifetime)
pub const SYSTEMS: [(&str, &str, &str, &str, i64); 6] = [
    ("plain", "/plain/token", "client_id: sandbox-client, scope: [read]", "Bearer", 3600),
    (
        "learnosity",
        "/learnosity/api/token",
        "provider: learnosity-feedback-aide, client_id: sandbox-learnosity-key, \
         variables: { session: 3e1db5b8-68fd-497d-9221-c98f3d5bb457 }",
        "bearer",
        7200,
    ),
    (
        "learn-link",
        "/learn-link/public/oauth2/token/eu-west-2_SandboxAB",
        "provider: learn-link, variables: { tenant: eu-west-2_SandboxAB }, scope: [api/read]",
        "Bearer",
        3600,
    ),
    (
        "learn-link-user",
        "/learn-link/user/oauth2/token/eu-west-2_SandboxAB",
        "provider: learn-link, variables: { tenant: eu-west-2_SandboxAB }, \
         client_id: sandbox-learn-link-client, scope: [api/webhooks]",
        "Bearer",
        3600,
    ),
    (
        "usertesting",
        "/usertesting/oauth2/aus1p3vtd8vtm4Bxv0h8/v1/token",
        "provider: usertesting, client_id: sandbox-usertesting",
        "Bearer",
        3600,
    ),
    (
        "360learning",
        "/360learning/api/v2/oauth2/token",
        "provider: 360learning, client_id: sandbox-360learning",
        "Bearer",
        3600,
    ),
];

/// Writes a configuration with a credential of each system.
pub fn configure_systems(fixture: &Fixture) {
    let entry = |&(name, path, keys, ..): &(&str, &str, &str, &str, i64)| entry(name, path, keys);
    let entries: String = SYSTEMS.iter().map(entry).collect();
    let head = "version: 1\nstate_directory: state\noutput_directory: out\ncredentials:\n";
    fixture.write("config.yaml", &format!("{head}{entries}"));
}

fn entry(name: &str, path: &str, keys: &str) -> String {
    let system = name.strip_suffix("-user").unwrap_or(name);
    format!(
        "  {name}:
    {{ {keys},
      token_endpoint: '@BASE@{path}',
      client_secret: {{ file: secrets/{system} }},
      outputs: [
        {{ token_file: {name}/token }},
        {{ json_file: {{ path: {name}.json, mode: '0600' }} }},
        {{ env_file: {{ path: {name}.env, mode: '0440', variables:
          {{ TOKEN: '${{access_token}}', EXPIRES_AT: '${{expires_at}}' }} }} }} ] }}\n"
    )
}

#[test]
fn each_system_gives_a_first_token_to_each_kind_of_output() {
    let fixture = Fixture::new();
    configure_systems(&fixture);
    let before = wall().seconds();
    let _daemon = fixture.run();
    for (name, path, _, token_type, lifetime) in SYSTEMS {
        let json = format!("out/{name}.json");
        let env = format!("out/{name}.env");
        until(&env, || fixture.read(&env).is_some());
        let document: Value = serde_json::from_str(&fixture.read(&json).unwrap()).unwrap();
        let token = document["access_token"].as_str().unwrap();
        let expires_at = document["expires_at"].as_i64().unwrap();
        let earliest = before + lifetime;
        assert!((earliest..earliest + 30).contains(&expires_at), "{name} expires at {expires_at}");
        assert_eq!(document["token_type"], token_type, "{name}");
        assert_eq!(fixture.token(name).as_deref(), Some(token), "{name}");
        let neighbour = fixture.read(&format!("out/{name}/token.expires_at")).unwrap();
        assert_eq!(neighbour.trim_end(), expires_at.to_string(), "{name}");
        let lines = format!("TOKEN={token}\nEXPIRES_AT={expires_at}\n");
        assert_eq!(fixture.read(&env).unwrap(), lines, "{name}");
        assert_eq!(fixture.requests(path).len(), 1, "{name}");
    }
}

#[test]
fn each_output_has_its_mode_and_owner() {
    let fixture = Fixture::new();
    let owner = nix::unistd::getuid();
    let group = nix::unistd::getgid();
    let outputs = format!(
        "[ {{ token_file: NAME/token }},
           {{ token_file: {{ path: NAME/narrow, mode: '0400', newline: true }} }},
           {{ json_file: {{ path: NAME/json, mode: '0644', owner: '{owner}', group: '{group}' }} }} ]"
    );
    fixture.configure(&[Credential { outputs: &outputs, ..Credential::new("a") }]);
    let _daemon = fixture.run();
    until("the last output", || fixture.read("out/a/json").is_some());
    for (name, mode) in [
        ("token", 0o640),
        ("token.expires_at", 0o640),
        ("narrow", 0o400),
        ("narrow.expires_at", 0o400),
        ("json", 0o644),
    ] {
        let found = std::fs::metadata(fixture.path(&format!("out/a/{name}"))).unwrap();
        assert_eq!(found.mode() & 0o7777, mode, "{name}");
        assert_eq!((found.uid(), found.gid()), (owner.as_raw(), group.as_raw()), "{name}");
    }
    let token = fixture.token("a").unwrap();
    assert!(!token.ends_with('\n'), "no line break unless asked");
    assert_eq!(fixture.read("out/a/narrow").unwrap(), token + "\n", "and one when asked");
}

#[test]
fn secrets_and_directories_may_come_from_the_surroundings() {
    let fixture = Fixture::new();
    let id = "client_id: sandbox-client, token_endpoint: '@BASE@/plain/token'";
    let secret = fixture.path("secrets/plain");
    let sources = [
        ("env", "{ env: SECRET }".to_owned()),
        ("systemd", "{ systemd_credential: plain }".to_owned()),
        ("command", format!("{{ command: [cat, '{}'] }}", secret.display())),
        ("literal", SECRET.to_owned()),
    ];
    let entries = sources.each_ref().map(|(name, source)| {
        let outputs = format!("[ {{ token_file: {name}/token }} ]");
        format!("  {name}: {{ {id}, client_secret: {source}, outputs: {outputs} }}\n")
    });
    fixture.write("config.yaml", &format!("version: 1\ncredentials:\n{}", entries.concat()));
    let ended = fixture
        .command(&["once"])
        .env("SECRET", SECRET)
        .env("CREDENTIALS_DIRECTORY", fixture.path("secrets"))
        .env("STATE_DIRECTORY", fixture.path("state"))
        .env("RUNTIME_DIRECTORY", fixture.path("out"))
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{said}");
    assert!(said.contains("literal") && !said.contains(SECRET), "a warning: {said}");
    for (name, _) in sources {
        assert!(fixture.token(name).is_some(), "{name}");
    }
}
