//! Whatever the sandbox says about itself is a configuration that can be loaded, and the program
//! gets a token with it wherever there is one to get.

#[path = "shared/write.rs"]
mod write;

use std::{collections::BTreeSet, path::Path, process::Command, sync::Arc, time::Duration};

use tokenward::{
    clock::SystemClock,
    daemon::{Reading, Surroundings},
    sandbox::{Offer, Options, Sandbox, write_keys},
};
use write::write;

/// A credential with an offer's keys, in place of those that they replace.
fn credential(offer: &Offer, keys: &Path) -> String {
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
    let name = offer.system;
    format!(
        "  {name}: {{ {}, timeout: 2s, outputs: [{{ token_file: {name} }}] }}\n",
        all.join(", ")
    )
}

fn configuration(credentials: &str) -> String {
    format!(
        "version: 1\nstate_directory: state\noutput_directory: out\n\
         limits: {{ concurrent_requests: 32, endpoint_requests_per_second: 1000 }}\n\
         credentials:\n{credentials}"
    )
}

/// What is wrong with a configuration, if it cannot be used.
fn problems(folder: &Path, text: &str) -> Option<String> {
    let path = folder.join("config.yaml");
    write(&path, text);
    let reading = Reading::of_text(&path, &Surroundings::default());
    reading.plan.is_none().then(|| reading.report().join("\n"))
}

#[tokio::test]
async fn the_keys_of_every_offer_make_a_good_credential() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Options::default(), Arc::new(SystemClock)).await.unwrap();
    let offers = [sandbox.trials(), sandbox.habits()].concat();
    assert!(offers.len() > 100, "{}", offers.len());
    for offer in offers.iter().chain(&sandbox.offers()).filter(|offer| offer.preset.is_none()) {
        let text = configuration(&credential(offer, folder.path()));
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

/// Where the first request gets no token, and why.
const WITHOUT_TOKEN: [&str; 5] = [
    // Somebody has to log in.
    "authorization_code browser_denied browser_other_issuer browser_other_state device_code \
     device_denied device_expired device_slow_down oauth1_clock_ahead oauth1_clock_behind \
     oauth1_confirmed_in_capitals oauth1_denied oauth1_problems oauth1_revoked oauth1_session \
     oauth1_unconfirmed",
    // The second request gets it.
    "clock_ahead clock_behind flaky lost_answer lost_answer_forgiven",
    // The first secret is not good, or the metadata are not the issuer's.
    "second_secret other_issuer",
    // There is no token that may be published.
    "empty_body empty_token huge_body no_token rescue token_with_newline truncated_json",
    // Every request fails.
    "closes_connection cut_off error_list error_object error_problem forbidden_empty hangs \
     html_gateway_page leaks_secret_in_error limit_as_bad_request ok_false ok_with_error \
     rate_limit_reset rate_limit_reset_delta redirect_302 redirect_307 refresh_revoked \
     refresh_revoked_oddly service_unavailable stalls throttled_as_invalid_grant \
     too_many_requests too_many_requests_date wait_in_description",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_token_is_had_wherever_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["state", "out"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    write_keys(folder.path()).unwrap();
    let options = Options { lifetime: Some(Duration::from_secs(3600)), ..Options::default() };
    let sandbox = Sandbox::start(options, Arc::new(SystemClock)).await.unwrap();
    let github = sandbox.offers().into_iter().filter(|offer| offer.system == "github-app");
    let trials: Vec<_> = sandbox.trials().into_iter().chain(github).collect();
    // The habits of wrong clocks have the address of all others, and assertions of others would be
    // dated by them: so those are asked for first.
    let mut log = String::new();
    for offers in [&trials, &sandbox.habits()] {
        let credentials: String = offers.iter().map(|it| credential(it, folder.path())).collect();
        write(&path("config.yaml"), configuration(&credentials));
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
        command.args(["once", "--config"]).arg(path("config.yaml"));
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        log += &String::from_utf8_lossy(&ended.stderr);
    }
    let offers = [trials, sandbox.habits()].concat();
    let names = |with: bool| {
        let names = offers.iter().map(|offer| offer.system);
        names.filter(|name| path("out").join(name).exists() == with).collect::<BTreeSet<_>>()
    };
    assert_eq!(
        names(false),
        WITHOUT_TOKEN.iter().flat_map(|names| names.split(' ')).collect(),
        "{log}"
    );
}
