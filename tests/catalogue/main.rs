//! Each preset of the catalogue, with its own example, asked of the sandbox in its provider's place.

mod log_in;
mod playing;
#[path = "../shared/write.rs"]
mod write;

use std::{fmt::Write as _, io::Write as _, process::Command, sync::Arc, time::Duration};

use playing::Playing;
use tokenward::{
    acquire::{AcquireError, Acquirer, Attempt, HttpClients},
    clock::{Clock, SystemClock},
    credential::{ClientAuthentication, Credential},
    daemon::{Reading, Surroundings},
    plan::catalogue::{Catalogue, Preset},
    token::{IssuedToken, Lifetime, RefreshToken},
};
use write::write;

/// A refresh token of a log-in that was before.
const BEFORE: &str = "refresh-token-of-the-log-in";

fn catalogue() -> Catalogue {
    Catalogue::built_in().expect("a catalogue without problems")
}

fn previous() -> IssuedToken {
    IssuedToken {
        refresh_token: Some(RefreshToken::first(BEFORE.into())),
        origin: Some("log-in".into()),
        ..IssuedToken::bearer("before".into(), SystemClock.now(), Duration::from_secs(1))
    }
}

async fn acquire(acquirer: &Acquirer, it: &Credential) -> Result<IssuedToken, AcquireError> {
    let previous = it.grant.needs_login().then(previous);
    let attempt = Attempt {
        credential: it,
        sent_at: SystemClock.now(),
        deadline: Duration::from_secs(30),
        previous: previous.as_ref(),
        client_secret: 0,
    };
    acquirer.acquire(&attempt).await
}

#[tokio::test]
async fn each_preset_gets_the_token_that_its_provider_documents() {
    let catalogue = catalogue();
    let names: Vec<_> = catalogue.names().collect();
    let playing = Playing::of(&names);
    let mut reading = Reading::without_secrets(&playing.configuration(), &Surroundings::default());
    let plan = reading.plan.take().unwrap_or_else(|| panic!("{}", reading.report().join("\n")));
    let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
    let mut table = format!("{:24}  {:18}  {:19}  LIFETIME\n", "PRESET", "GRANT", "AUTHENTICATION");
    let mut failures = Vec::new();
    for preset in catalogue.presets() {
        let credential = plan.credential(preset.name).expect(preset.name);
        let outcome = acquire(&acquirer, credential).await;
        let checked = outcome.map_err(|error| error.to_string()).and_then(|token| {
            check(preset, credential, &token)?;
            Ok(token.lifetime)
        });
        match checked {
            Ok(lifetime) => table += &row(credential, lifetime),
            Err(problem) => failures.push(format!("{}: {problem}", preset.name)),
        }
    }
    // Not `println!`: of a test that passes, the test runner keeps that to itself.
    std::io::stderr().write_all(table.as_bytes()).unwrap();
    assert!(failures.is_empty(), "{} presets fail:\n{}", failures.len(), failures.join("\n"));
}

fn row(credential: &Credential, lifetime: Lifetime) -> String {
    let authentication = match &credential.client.authentication {
        ClientAuthentication::None => "none",
        ClientAuthentication::ClientSecretBasic(_) => "client_secret_basic",
        ClientAuthentication::ClientSecretPost => "client_secret_post",
        ClientAuthentication::Jwt(_) => "private_key_jwt",
        ClientAuthentication::TlsClientAuth => "tls_client_auth",
    };
    let assumed = if lifetime.source.assumption().is_some() { ", assumed" } else { "" };
    let mut row = String::new();
    let (name, grant) = (credential.name.as_str(), credential.grant.name());
    let seconds = lifetime.duration.as_secs();
    let _ = writeln!(row, "{name:24}  {grant:18}  {authentication:19}  {seconds} s{assumed}");
    row
}

/// Whether the token is what the documented reply says.
fn check(preset: Preset<'_>, credential: &Credential, token: &IssuedToken) -> Result<(), String> {
    match preset.reply.lifetime {
        None if token.lifetime.source.assumption().is_some() => {}
        None => return Err("a lifetime that the reply does not say".into()),
        // A date has whole seconds.
        Some(documented) if token.lifetime.source.assumption().is_none() => {
            let got = token.lifetime.duration;
            if documented.abs_diff(got) > Duration::from_secs(2) {
                return Err(format!("it lives for {got:?} and not for {documented:?}"));
            }
        }
        Some(_) => return Err("the lifetime of the reply was not found".into()),
    }
    let missing = credential.reply.fields.iter().find(|(name, _)| token.field(name).is_none());
    if let Some((name, _)) = missing {
        return Err(format!("the field `{name}` was not found"));
    }
    match (&credential.renewal, &token.refresh_token) {
        (None, None) => Ok(()),
        (Some(_), Some(refresh)) => check_refresh(preset, credential, token, refresh),
        _ => Err("there is a refresh token where none is wanted, or none where one is".into()),
    }
}

fn check_refresh(
    preset: Preset<'_>,
    credential: &Credential,
    token: &IssuedToken,
    refresh: &RefreshToken,
) -> Result<(), String> {
    let renews_itself = credential.reply.refresh_token == credential.reply.access_token;
    let replaced = renews_itself || preset.reply.body.contains("${refresh_token}");
    if refresh.rotates != replaced {
        return Err(format!("the refresh token was replaced: {}", refresh.rotates));
    }
    if renews_itself && refresh.value != token.access_token {
        return Err("the token was not kept for the next".into());
    }
    Ok(())
}

fn tokenward(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_tokenward")).args(arguments).output().expect("the program")
}

#[test]
fn the_example_of_each_preset_can_be_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    for preset in catalogue().presets() {
        let shown = String::from_utf8(tokenward(&["providers", preset.name]).stdout).unwrap();
        let (_, example) = shown.split_once("\nversion: 1\n").expect(preset.name);
        write(&path, format!("version: 1\n{example}"));
        let path = path.to_str().unwrap();
        let checked = tokenward(&["check", "--syntax", "--config", path]);
        let told = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success() && told.is_empty(), "{}: {told}\n{shown}", preset.name);
    }
}

#[test]
fn each_preset_says_where_its_facts_come_from() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/providers");
    let mut presets = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2) {
            let [before, line] = pair else { continue };
            let is_name = line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':');
            if is_name && !line.contains('#') {
                presets += 1;
                assert!(before.starts_with("  # "), "{}: {line} has no source", path.display());
            }
        }
    }
    assert_eq!(presets, catalogue().presets().count(), "a file is not in the catalogue");
}
