//! Bad configurations and what is said about them, the example, and laws over all inputs.
//!
//! Each file in `tests/problems` holds a configuration and, below a line of dashes, exactly what
//! is reported. `UPDATE_PROBLEMS=1 cargo test --test configuration` writes the reports anew; read
//! the difference before you keep it.

#[path = "shared/write.rs"]
mod write;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;
use tokenward::{
    config::{self, Loaded, problem::Problem},
    credential::{Credential, ValueSource},
    plan::{self, Environment, Plan, catalogue::Catalogue},
    secret::Secret,
};
use write::write;

const LINE: &str = "--------\n";

/// What every secret in `tests/problems` contains.
const SECRET: &str = "hunter2";

fn environment() -> Environment<'static> {
    Environment {
        state_directory: Some("/state".into()),
        runtime_directory: Some("/run".into()),
        credentials_directory: Some("/credentials".into()),
        ..Environment::default()
    }
}

fn build(loaded: &Loaded) -> (Option<Plan>, Vec<Problem>) {
    plan::build(loaded, &environment())
}

/// Loads a text as `config.yaml` in a folder of its own.
fn load(text: impl AsRef<[u8]>) -> (tempfile::TempDir, Loaded) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.yaml");
    write(&path, text);
    let loaded = config::load(&path);
    (folder, loaded)
}

/// Every problem as it is shown, without the name of the temporary folder.
fn report(text: impl AsRef<[u8]>) -> String {
    let (folder, loaded) = load(text);
    let (_, problems) = build(&loaded);
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    let folder = format!("{}/", folder.path().display());
    shown.join("\n").replace(&folder, "")
}

fn good(text: &str) -> Plan {
    let (_folder, loaded) = load(text);
    let (plan, problems) = build(&loaded);
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    plan.unwrap_or_else(|| panic!("{}", shown.join("\n")))
}

fn credential(keys: &str) -> Arc<Credential> {
    let text = format!("version: 1\ncredentials:\n  one:\n{}", indent(keys));
    Arc::clone(good(&text).credential("one").expect("the credential"))
}

fn indent(keys: &str) -> String {
    let lines: Vec<_> = keys.lines().map(|line| format!("    {}", line.trim_start())).collect();
    lines.join("\n")
}

#[test]
fn every_problem_is_reported_with_its_place_and_its_mend() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("tests/problems")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() > 10, "the corpus is there");
    for file in files {
        let text = fs::read_to_string(&file).expect("a case");
        let (input, expected) = text.split_once(LINE).unwrap_or((&text, ""));
        let found = report(input) + "\n";
        assert!(!found.contains(SECRET), "{} shows a secret:\n{found}", file.display());
        if std::env::var_os("UPDATE_PROBLEMS").is_some() {
            write(&file, format!("{input}{LINE}{found}").as_bytes());
        } else {
            assert!(found == expected, "{}:\n{found}", file.display());
        }
    }
}

#[test]
fn what_is_not_text_is_refused_by_name() {
    let deep = "a: ".to_owned() + &"[".repeat(5000);
    let rows: [(&str, Vec<u8>, &str); 6] = [
        ("empty", Vec::new(), "`configuration` lacks `version`"),
        ("not UTF-8", b"version: 1\nlisten: \xff".to_vec(), "is not UTF-8 text (line 2)"),
        ("NUL", b"version: 1\0".to_vec(), "config.yaml:1:"),
        ("only a comment", b"# nothing\n".to_vec(), "`configuration` lacks `version`"),
        ("deep flow", deep.into_bytes(), "nested"),
        ("deep block", "- ".repeat(5000).into_bytes(), "nested"),
    ];
    for (name, bytes, expected) in rows {
        let found = report(bytes);
        assert!(found.contains(expected), "{name}: {found}");
    }
}

#[test]
fn a_byte_order_mark_moves_no_column() {
    let plain = report("version: 1\nlisen: x\n");
    assert_eq!(report("\u{feff}version: 1\nlisen: x\n"), plain);
    assert!(plain.contains("config.yaml:2:1: `lisen`"), "{plain}");
}

#[test]
fn a_missing_file_is_a_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let loaded = config::load(&folder.path().join("none.yaml"));
    let (plan, problems) = build(&loaded);
    assert!(plan.is_none());
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    assert!(shown.join("\n").contains("none.yaml: No such file"), "{shown:?}");
}

#[test]
fn the_example_has_no_problem_but_the_password() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.yaml");
    let loaded = config::load(&path);
    let (plan, problems) = build(&loaded);
    let shown: Vec<_> = problems.iter().map(|problem| loaded.render(problem)).collect();
    assert_eq!(shown.len(), 1, "{}", shown.join("\n"));
    assert!(shown.iter().all(|text| text.contains("warning: the grant `password`")), "{shown:?}");
    assert!(plan.is_some_and(|plan| plan.credentials.len() >= 20));
}

#[test]
fn the_catalogue_has_no_problem() {
    let catalogue = Catalogue::built_in().map_err(|problems| format!("{problems:?}"));
    // What each preset does is tried in `tests/catalogue/`.
    assert!(catalogue.expect("a catalogue").names().count() >= 45);
}

#[test]
fn presets_give_the_endpoint_of_each_site() {
    let keys = "
        provider: learn-link
        client_secret: { env: SECRET }
        outputs: [{ token_file: t }]";
    for (variables, url) in [
        ("tenant: eu_A", "https://public.api.learn.link/oauth2/token/eu_A"),
        ("tenant: a/b, site: mea", "https://public.api.mea.learn.tech/oauth2/token/a%2Fb"),
        ("tenant: t, site: staging", "https://public.api.learnstaging.link/oauth2/token/t"),
        (
            "tenant: t, site: mea-staging, surface: user",
            "https://user.api.meastaging.learn.tech/oauth2/token/t",
        ),
    ] {
        let credential = credential(&format!("{keys}\n        variables: {{ {variables} }}"));
        assert_eq!(credential.endpoint.url.as_str(), url, "{variables}");
    }
    let own = "\n        variables: { tenant: t }\n        client_id: mine";
    let credential = credential(&format!("{keys}{own}"));
    assert_eq!(credential.client.id, Some(ValueSource::Literal(Secret::from("mine"))));
}

#[test]
fn included_credentials_join_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.yaml");
    fs::create_dir(folder.path().join("conf.d")).expect("a folder");
    let one = |name: &str| {
        format!(
            "credentials: {{ {name}: {{ provider: usertesting, client_id: {{ env: A }}, \
             client_secret: {{ file: s }}, outputs: [{{ token_file: {name} }}] }} }}
"
        )
    };
    write(&path, format!("version: 1\ninclude: conf.d/*.yaml\n{}", one("a")).as_bytes());
    write(&folder.path().join("conf.d/b.yaml"), one("b").as_bytes());
    write(&folder.path().join("conf.d/.c.yaml"), b"not: read\n");
    let loaded = config::load(&path);
    let (plan, problems) = build(&loaded);
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    let names: Vec<_> = plan.credentials.iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names, ["a", "b"]);
    for watched in ["config.yaml", "conf.d", "conf.d/b.yaml", "conf.d/s", "s"] {
        assert!(plan.watched.contains(&folder.path().join(watched)), "{watched}");
    }

    write(&folder.path().join("conf.d/d.yaml"), (one("a") + "limits: hunter2\n").as_bytes());
    let loaded = config::load(&path);
    let (plan, problems) = build(&loaded);
    assert!(plan.is_none());
    let shown: String = problems.iter().map(|problem| loaded.render(problem) + "\n").collect();
    assert!(shown.contains("d.yaml:1:16: `a` is given twice"), "{shown}");
    assert!(shown.contains("d.yaml:2:1: `limits` cannot stand in an included file"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_hundred_billion_laughs_are_refused_at_once() {
    let mut text = String::from("a: &a [lol]\n");
    for level in 'b'..='k' {
        let before = char::from(level as u8 - 1);
        let aliases = vec![format!("*{before}"); 10].join(", ");
        let _ = writeln!(text, "{level}: &{level} [{aliases}]");
    }
    let found = report(text);
    assert!(found.starts_with("config.yaml:1:7: an anchor of YAML is not supported"), "{found}");
}

#[test]
fn ten_thousand_credentials_share_what_they_have_in_common() {
    let mut text = String::from("version: 1\ncredentials:\n");
    for number in 0..10_000 {
        let _ = write!(
            text,
            "  c{number:05}:\n    provider: usertesting\n    client_id: {{ env: ID }}\n    \
             client_secret: {{ file: /s/{number} }}\n    outputs: [{{ token_file: {number}/t }}]\n"
        );
    }
    let plan = good(&text);
    let first = plan.credentials.first().expect("a credential");
    assert_eq!(plan.credentials.len(), 10_000);
    assert!(size_of::<Credential>() <= 256, "{}", size_of::<Credential>());
    for one in &plan.credentials {
        assert!(Arc::ptr_eq(&one.endpoint, &first.endpoint));
        assert!(Arc::ptr_eq(&one.parameters, &first.parameters));
        assert!(Arc::ptr_eq(&one.reply, &first.reply));
        assert!(Arc::ptr_eq(&one.refresh, &first.refresh));
    }
}

/// A configuration with a secret in every place that can hold one.
const DAMAGED: &str = "version: 1
credentials:
  one:
    token_endpoint: https://u:hunter2@h/?k=hunter2
    client_id: x
    client_secret: SECRET
    parameters: { a: hunter2, b: 1 }
    headers:
      x-a: hunter2 # hunter2
    nonsense: hunter2
    outputs: hunter2
";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing that can stand in a file makes the reader panic.
    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let found = report(bytes);
        prop_assert!(!found.contains("panicked"), "{found}");
    }

    /// However a configuration is damaged, the secret in it is never shown.
    #[test]
    fn no_problem_shows_a_secret(
        style in 0..6usize,
        at in any::<prop::sample::Index>(),
        damage in "[\\[\\]{}:,#&*!|>'\"%@` \t\n-]{1,3}",
        remove in 0..2usize,
    ) {
        let secret = [
            "hunter2",
            "'hunter2 ]'",
            "\"a: hunter2\"",
            "hunter2\n      hunter2",
            "|\n      hunter2\n      hunter2 x",
            "{ fiel: hunter2 }",
        ][style];
        let text = DAMAGED.replace("SECRET", secret);
        // Damage the structure around secrets, but do not turn a secret into a key by removing
        // the key in front of it: then no program could know what it is.
        let places = text.match_indices(|c: char| !c.is_ascii_alphanumeric());
        let places: Vec<usize> = places.map(|(at, _)| at).collect();
        let place = places[at.index(places.len())];
        let end = (place + remove).min(text.len());
        let mut damaged = text.clone();
        if text.is_char_boundary(end) {
            damaged.replace_range(place..end, &damage);
        }
        let found = report(&damaged);
        prop_assert!(!found.contains("hunter2"), "{damaged}\n{found}");
    }
}
