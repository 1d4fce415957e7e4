//! An env file says the same to systemd, to shells and to docker, or is not written.

use std::{iter, path::Path};

use proptest::{collection::vec, prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tokenward::{
    credential::{Content, Output, Template, TemplatePart, TokenField},
    publish::publish,
};

use crate::{output, readers::read_with_all, token};

fn env_file(variables: impl IntoIterator<Item = (String, TemplatePart)>) -> Output {
    let template = |(name, part): (String, TemplatePart)| (name.into(), Template([part].into()));
    output("env", Content::EnvFile { variables: variables.into_iter().map(template).collect() })
}

/// The reason for which the value of an access token is refused, if it is.
fn refusal(directory: &Path, value: &str) -> Option<&'static str> {
    let output = env_file([("T".to_owned(), TemplatePart::Field(TokenField::AccessToken))]);
    publish(directory, &[output], None, &token(value, 0)).err().map(|error| error.reason())
}

/// Tokens of RFC 6750, section 2.1, and what else a provider may send.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9._~+/-]{1,60}={0,2}",
        "[A-Za-z0-9_@%+=:,./~-]{0,12}",
        "[~:=/a]{1,5}",
        "[ -~]{0,3}",
        "\\PC{0,2}",
        "[\\x00-\\x7f]{0,3}",
    ]
}

#[test]
fn what_is_written_is_read_alike_by_all() {
    let directory = tempfile::tempdir().unwrap();
    let tree = vec(value(), 3_000).new_tree(&mut TestRunner::default()).unwrap();
    let mut values = tree.current();
    values.extend((0..=127_u8).map(|byte| char::from(byte).to_string()));
    values.extend((0..=127_u8).map(|byte| format!("a{}b", char::from(byte))));
    values.retain(|value| match refusal(directory.path(), value) {
        None => true,
        Some("variable_value") => false,
        Some(other) => panic!("{value:?}: {other}"),
    });
    assert!(values.len() > 1_000, "too few are left to show anything: {}", values.len());

    let names = (0..).map(|number| format!("TOKENWARD_TEST_{number}"));
    let variables = iter::zip(names, values).collect::<Vec<_>>();
    let texts =
        variables.iter().cloned().map(|(name, value)| (name, TemplatePart::Text(value.into())));
    publish(directory.path(), &[env_file(texts)], None, &token("x", 0)).unwrap();
    for (reader, found) in read_with_all(&directory.path().join("env")) {
        for (name, value) in &variables {
            // An empty value is no value to `environment.d`, unlike `EnvironmentFile=`.
            let found = found.get(name).map_or("", String::as_str);
            assert_eq!(found, value, "{reader}");
        }
    }
}

#[test]
fn every_bearer_token_that_a_shell_leaves_alone_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    proptest!(|(value in "[A-Za-z0-9._+/-][A-Za-z0-9._~+/-]{0,60}={0,2}")| {
        prop_assert_eq!(refusal(directory.path(), &value), None);
    });
}

#[test]
fn what_would_be_read_differently_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    for (case, value) in [
        ("a space ends the word in a shell", "Bearer x"),
        ("docker keeps quotes", "\"x\""),
        ("docker keeps quotes", "'x'"),
        ("a shell expands it", "x$HOME"),
        ("a shell runs it", "x`id`"),
        ("docker keeps it, the others do not", "x\\y"),
        ("the line would go on in the next", "x\\"),
        ("a line break ends it", "x\ny"),
        ("a shell expands it to a home", "~"),
        ("and after a colon", "x:~root"),
        ("and bash after an equals sign", "x=~root"),
        ("two commands", "x;y"),
        ("in the background", "x&y"),
        ("docker and systemd want UTF-8, shells do not care", "é"),
        ("nothing can hold it", "x\0y"),
    ] {
        assert_eq!(refusal(directory.path(), value), Some("variable_value"), "{case}");
    }
}

#[test]
fn docker_reads_the_longest_line_that_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let longest = "x".repeat(64 * 1024 - 1 - "T=".len());
    assert_eq!(refusal(directory.path(), &format!("{longest}x")), Some("variable_too_long"));
    assert_eq!(refusal(directory.path(), &longest), None);
    for (reader, found) in read_with_all(&directory.path().join("env")) {
        assert_eq!(found.get("T"), Some(&longest), "{reader}");
    }
}

#[test]
fn names_are_those_of_every_shell() {
    let directory = tempfile::tempdir().unwrap();
    for (name, reason) in [
        ("A_b9", None),
        ("_x", None),
        ("", Some("variable_name")),
        ("9A", Some("variable_name")),
        ("A-B", Some("variable_name")),
        ("A B", Some("variable_name")),
        ("É", Some("variable_name")),
        ("A=B", Some("variable_name")),
    ] {
        let output = env_file([(name.to_owned(), TemplatePart::Text("x".into()))]);
        let error = publish(directory.path(), &[output], None, &token("x", 0)).err();
        assert_eq!(error.map(|error| error.reason()), reason, "{name:?}");
    }
}
