use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;

use super::*;
use crate::{
    clock::{Now, WallTime},
    credential::{Access, Template, TemplatePart, TokenField},
    error::Fault,
    token::{Expiry, Lifetime},
};

const EXPIRES_AT: i64 = 1_790_000_000;

fn token(access_token: &str, expires_at: i64) -> IssuedToken {
    let requested_at = Now { wall: WallTime::from_seconds(expires_at - 60), ..Now::default() };
    IssuedToken {
        token_type: "bearer".into(),
        scope: Some("a:read b".into()),
        ..IssuedToken::bearer(access_token.into(), requested_at, Duration::from_secs(60))
    }
}

fn output(path: &str, content: Content) -> Output {
    let access = Arc::new(Access { mode: 0o640, owner: None, group: None });
    Output { path: Path::new(path).into(), content, access }
}

fn token_file(path: &str) -> Output {
    output(path, Content::TokenFile { newline: false })
}

fn env_file(path: &str, variables: &[(&str, TemplatePart)]) -> Output {
    let variables = variables
        .iter()
        .map(|(name, part)| ((*name).into(), Template([part.clone()].into())))
        .collect();
    output(path, Content::EnvFile { variables })
}

fn field(field: TokenField) -> TemplatePart {
    TemplatePart::Field(field)
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn read(directory: &TempDir, path: &str) -> String {
    fs::read_to_string(directory.path().join(path)).unwrap()
}

#[test]
fn each_kind_of_output_has_its_bytes() {
    use TokenField::{AccessToken, ExpiresAt, TokenType};
    let token = token("t-1/~=", EXPIRES_AT);
    let full = [("T", field(AccessToken)), ("X", field(ExpiresAt)), ("Y", field(TokenType))];
    let expiry = Some("1790000000");
    for (case, output, expected, neighbour) in [
        ("token", token_file("o"), "t-1/~=", expiry),
        ("line", output("o", Content::TokenFile { newline: true }), "t-1/~=\n", expiry),
        ("env", env_file("o", &full), "T=t-1/~=\nX=1790000000\nY=bearer\n", None),
        ("env without expiry", env_file("o", &full[..1]), "T=t-1/~=\n", expiry),
        (
            "json",
            output("o", Content::JsonFile),
            "{\"access_token\":\"t-1/~=\",\"expires_at\":1790000000,\
             \"scope\":\"a:read b\",\"token_type\":\"bearer\"}\n",
            None,
        ),
    ] {
        let directory = directory();
        publish(directory.path(), &[output], None, &token).unwrap();
        assert_eq!(read(&directory, "o"), expected, "{case}");
        let found = fs::read_to_string(directory.path().join("o.expires_at")).ok();
        assert_eq!(found.as_deref(), neighbour, "{case}");
    }
}

#[test]
fn each_kind_of_output_shows_the_scheme_and_the_fields_of_the_reply() {
    use TokenField::{AccessToken, Authorization, Reply};
    let mut token = token("t-1", EXPIRES_AT);
    token.fields = [("api_domain".into(), "eu.example".into())].into();
    let text = |text: &str| TemplatePart::Text(text.into());
    let named = |name: &str| field(Reply(name.into()));
    let lines = [
        text("header = \"Authorization: "),
        field(Authorization),
        text("\"\nurl = \"https://"),
        named("api_domain"),
        text("/v1"),
        named("absent"),
        text("\"\n"),
    ];
    let curl = Content::TemplateFile { text: Template(lines.into()) };
    let variables = [("T", field(AccessToken)), ("D", named("api_domain")), ("N", named("absent"))];
    let raw = [("A", field(Authorization))];
    let expiry = Some("1790000000");
    let file = |authorization: &str| {
        format!("header = \"Authorization: {authorization}\"\nurl = \"https://eu.example/v1\"\n")
    };
    for (scheme, output, expected, neighbour) in [
        (None, output("o", curl.clone()), file("Bearer t-1"), expiry),
        (Some("token"), output("o", curl.clone()), file("token t-1"), expiry),
        (Some(""), output("o", curl), file("t-1"), expiry),
        (None, env_file("o", &variables), "T=t-1\nD=eu.example\nN=\n".into(), expiry),
        (Some(""), env_file("o", &raw), "A=t-1\n".into(), expiry),
        (
            None,
            output("o", Content::JsonFile),
            "{\"access_token\":\"t-1\",\"api_domain\":\"eu.example\",\
             \"expires_at\":1790000000,\"scope\":\"a:read b\",\"token_type\":\"bearer\"}\n"
                .into(),
            None,
        ),
    ] {
        let directory = directory();
        publish(directory.path(), &[output], scheme, &token).unwrap();
        assert_eq!(read(&directory, "o"), expected, "{scheme:?}");
        let found = fs::read_to_string(directory.path().join("o.expires_at")).ok();
        assert_eq!(found.as_deref(), neighbour, "{expected}");
    }
    // A space would need a quote, which docker does not know.
    let directory = directory();
    let error =
        publish(directory.path(), &[env_file("o", &raw)], Some("token"), &token).unwrap_err();
    assert_eq!(error.reason(), "variable_value");
}

#[test]
fn what_was_published_is_what_is_found() {
    let shows_expiry = [("T", field(TokenField::AccessToken)), ("X", field(TokenField::ExpiresAt))];
    for output in [
        token_file("a/b/token"),
        output("token.json", Content::JsonFile),
        env_file("env", &shows_expiry),
        env_file("env", &shows_expiry[..1]),
    ] {
        let directory = directory();
        let find = || expiry_on_disk(directory.path(), &output).unwrap();
        let outputs = std::slice::from_ref(&output);
        assert_eq!(find(), OnDisk::Missing, "{output:?}");
        for expires_at in [EXPIRES_AT, EXPIRES_AT + 60, EXPIRES_AT - 60] {
            publish(directory.path(), outputs, None, &token("x", expires_at)).unwrap();
            let expiry = Expiry::at(expires_at);
            assert_eq!(find(), OnDisk::Valid { expiry }, "{output:?}");
        }
        let lasting = IssuedToken { lifetime: Lifetime::UNLIMITED, ..token("x", EXPIRES_AT) };
        publish(directory.path(), outputs, None, &lasting).unwrap();
        assert_eq!(find(), OnDisk::Valid { expiry: Expiry::Never }, "{output:?}");
        fs::File::create(directory.path().join(&output.path)).unwrap();
        assert_eq!(find(), OnDisk::Foreign, "an empty file is no token: {output:?}");
    }
}

#[test]
fn what_is_not_ours_is_foreign() {
    let directory = directory();
    let root = directory.path();
    fs::create_dir(root.join("folder")).unwrap();
    symlink("folder", root.join("link")).unwrap();
    fs::File::create(root.join("file")).unwrap();
    for path in ["folder", "link", "file"] {
        assert_eq!(expiry_on_disk(root, &token_file(path)), Ok(OnDisk::Foreign), "{path}");
    }
    let elsewhere = expiry_on_disk(root, &token_file("link/token")).unwrap_err();
    assert_eq!(elsewhere.reason(), "symbolic_link");
    let nowhere = expiry_on_disk(&root.join("absent"), &token_file("token"));
    assert_eq!(nowhere, Ok(OnDisk::Missing));
}

#[test]
fn only_what_changed_is_named() {
    let directory = directory();
    let outputs = [token_file("a/token"), output("b.json", Content::JsonFile)];
    let changed =
        |token: &IssuedToken| publish(directory.path(), &outputs, None, token).unwrap().changed;
    let both: Vec<Box<str>> = vec!["a/token".into(), "b.json".into()];
    assert_eq!(changed(&token("x", EXPIRES_AT)), both);
    assert!(changed(&token("x", EXPIRES_AT)).is_empty());
    assert_eq!(changed(&token("x", EXPIRES_AT + 1)), both, "the neighbour changed");
    fs::remove_file(directory.path().join("a/token")).unwrap();
    assert_eq!(changed(&token("x", EXPIRES_AT + 1)), both[..1]);
}

#[test]
fn one_bad_output_does_not_stop_the_others() {
    let directory = directory();
    fs::create_dir(directory.path().join("taken")).unwrap();
    let spaced = TemplatePart::Text("Bearer s3cret".into());
    let mut no_group = token_file("no_group");
    Arc::make_mut(&mut no_group.access).group = Some("no-such-group".into());
    let outputs = [
        token_file("taken"),
        env_file("env", &[("AUTHORIZATION", spaced)]),
        no_group,
        token_file("../escape"),
        token_file("good"),
    ];
    let error = publish(directory.path(), &outputs, None, &token("t0k3n", EXPIRES_AT)).unwrap_err();
    assert_eq!(error.publication.changed, ["good".into()]);
    let reasons: Vec<_> = error.failures.iter().map(OutputError::reason).collect();
    assert_eq!(reasons, ["is_a_folder", "variable_value", "unknown_group", "outside_directory"]);
    assert_eq!((error.fault(), error.reason()), (Fault::Local, "is_a_folder"));
    let text = error.to_string();
    assert!(text.contains("AUTHORIZATION") && text.contains("no-such-group"), "{text}");
    assert!(!text.contains("t0k3n") && !text.contains("s3cret"), "{text}");
    assert_eq!(read(&directory, "good"), "t0k3n");
}

#[test]
fn a_token_is_never_believed_to_live_longer_than_it_does() {
    // The second write fails, because a folder has its name; the first must be the careful one.
    let later = directory();
    publish(later.path(), &[token_file("t")], None, &token("old", EXPIRES_AT)).unwrap();
    fs::remove_file(later.path().join("t")).unwrap();
    fs::create_dir(later.path().join("t")).unwrap();
    publish(later.path(), &[token_file("t")], None, &token("new", EXPIRES_AT + 60)).unwrap_err();
    assert_eq!(read(&later, "t.expires_at"), EXPIRES_AT.to_string());
    publish(later.path(), &[token_file("t")], None, &token("new", EXPIRES_AT - 60)).unwrap_err();
    assert_eq!(read(&later, "t.expires_at"), (EXPIRES_AT - 60).to_string());
}

#[test]
fn wrong_permissions_are_put_right() {
    let directory = directory();
    let outputs = [token_file("t")];
    publish(directory.path(), &outputs, None, &token("x", EXPIRES_AT)).unwrap();
    for name in ["t", "t.expires_at"] {
        let path = directory.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let publication =
            publish(directory.path(), &outputs, None, &token("x", EXPIRES_AT)).unwrap();
        assert_eq!(publication.changed, ["t".into()]);
        assert_eq!(fs::metadata(path).unwrap().mode() & 0o7777, 0o640, "{name}");
    }
}

#[test]
fn preflight_finds_every_problem_and_leaves_nothing() {
    let directory = directory();
    let root = directory.path();
    fs::create_dir_all(root.join("taken.expires_at")).unwrap();
    fs::create_dir(root.join("token")).unwrap();
    symlink("/tmp", root.join("link")).unwrap();
    let mut no_owner = token_file("n");
    Arc::make_mut(&mut no_owner.access).owner = Some("no-such-user".into());
    for (output, reason) in [
        (token_file("good"), None),
        (token_file("new/folder/token"), None),
        (token_file("taken"), Some("is_a_folder")),
        (token_file("link/token"), Some("symbolic_link")),
        (token_file("../token"), Some("outside_directory")),
        (token_file("/token"), Some("outside_directory")),
        (token_file(""), Some("outside_directory")),
        (env_file("e", &[("A-B", field(TokenField::AccessToken))]), Some("variable_name")),
        (env_file("e", &[("A", TemplatePart::Text("Bearer ".into()))]), Some("variable_value")),
        (no_owner, Some("unknown_owner")),
    ] {
        let found = preflight(root, std::slice::from_ref(&output));
        let reasons: Vec<_> = found.iter().map(OutputError::reason).collect();
        assert_eq!(reasons, reason.into_iter().collect::<Vec<_>>(), "{output:?}");
    }
    let missing = preflight(&root.join("absent"), &[token_file("a"), token_file("b")]);
    assert_eq!(missing.len(), 1, "the directory is told once: {missing:?}");
    assert_eq!(fs::read_dir(root).unwrap().count(), 3);
}

#[test]
fn leftovers_are_swept_from_every_folder_once() {
    let directory = directory();
    let outputs = [token_file("a/x"), token_file("a/y"), token_file("z"), token_file("absent/w")];
    publish(directory.path(), &outputs[..3], None, &token("x", EXPIRES_AT)).unwrap();
    for folder in ["", "a"] {
        let leftover = directory.path().join(folder).join(".tokenward-00112233aabbccdd");
        fs::File::create(leftover).unwrap();
    }
    assert_eq!(sweep(directory.path(), &outputs), 2);
    assert_eq!(sweep(directory.path(), &outputs), 0);
    assert_eq!(read(&directory, "a/x"), "x");
}
