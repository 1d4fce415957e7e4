//! Whatever the sandbox says about itself is a configuration that can be loaded.

use std::{path::Path, sync::Arc};

use tokenward::{
    clock::SystemClock,
    config,
    plan::{self, Environment},
    sandbox::{Offer, Options, Sandbox, write_keys},
};

/// A configuration with an offer's keys, in place of those that they replace.
fn configuration(offer: &Offer, keys: &Path) -> String {
    let own = offer.keys.replace("@KEYS@", &keys.display().to_string());
    let said = |name: &str| own.starts_with(name) || own.contains(&format!(", {name}"));
    let usual = [
        ("token_endpoint: ", &*offer.token_endpoint, said("issuer: ")),
        ("client_id: ", offer.client_id, false),
        ("client_secret: ", offer.client_secret, offer.client_secret.is_empty()),
    ];
    let usual = usual.into_iter().filter(|(name, _, is_replaced)| !is_replaced && !said(name));
    let mut all: Vec<_> = usual.map(|(name, value, _)| format!("{name}\"{value}\"")).collect();
    all.extend((!own.is_empty()).then_some(own.clone()));
    all.push("outputs: [{ token_file: t }]".to_owned());
    format!("version: 1\ncredentials:\n  one: {{ {} }}\n", all.join(", "))
}

/// What is wrong with a configuration, if it cannot be used.
#[expect(clippy::disallowed_methods, reason = "a file of a test is no output")]
fn problems(folder: &Path, text: &str) -> Option<String> {
    let path = folder.join("config.yaml");
    std::fs::write(&path, text).unwrap();
    let loaded = config::load(&path);
    let environment = Environment {
        state_directory: Some("/state".into()),
        runtime_directory: Some("/outputs".into()),
        credentials_directory: None,
        read: &|_| None,
        values: &|_| None,
    };
    let (plan, problems) = plan::build(&loaded, &environment);
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    plan.is_none().then(|| shown.join("\n"))
}

#[tokio::test]
async fn the_keys_of_every_offer_make_a_good_credential() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options::default(), Arc::new(SystemClock)).await.unwrap();
    let offers = [sandbox.trials(), sandbox.habits()].concat();
    assert!(offers.len() > 100, "{}", offers.len());
    for offer in offers.iter().chain(&sandbox.offers()).filter(|offer| offer.preset.is_none()) {
        let text = configuration(offer, folder.path());
        assert_eq!(problems(folder.path(), &text), None, "{}:\n{text}", offer.system);
    }
}

#[test]
fn the_keys_are_written_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    write_keys(folder.path()).unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{text}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["ed25519.pem", "p256.pem", "p384.pem", "rsa.pem"]);
    let error = write_keys(&folder.path().join("none")).unwrap_err().to_string();
    assert!(error.contains("none"), "{error}");
}
