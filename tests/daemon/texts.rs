//! The verbs that print a text: `schema`, `completions`, `man`, `--help`, `--version`.

use serde_json::Value;

use crate::fixture::Fixture;

fn printed(arguments: &[&str]) -> String {
    let ended = Fixture::new().tokenward(arguments);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    ended.stdout
}

/// Each key of the example, without its comments.
fn keys(text: &str, indent: usize) -> Vec<&str> {
    let lines = text.lines().filter(|line| line.len() - line.trim_start().len() == indent);
    let keys = lines.filter_map(|line| line.trim().split_once(':'));
    keys.map(|(key, _)| key).filter(|key| !key.starts_with('#')).collect()
}

#[test]
fn the_schema_knows_every_key_of_the_example() {
    let schema: Value = serde_json::from_str(&printed(&["schema"])).unwrap();
    assert!(schema["$schema"].as_str().unwrap().starts_with("https://json-schema.org/"));
    let example = include_str!("../../config.example.yaml");
    let top = keys(example, 0);
    assert!(top.len() > 5, "{top:?}");
    for key in top {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    let everything = schema.to_string();
    for key in keys(example, 4) {
        assert!(everything.contains(&format!("\"{key}\"")), "{key}");
    }
}

#[test]
fn completions_and_the_man_page_know_the_verbs() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(printed(&["completions", shell]).contains("wait"), "{shell}");
    }
    let page = printed(&["man"]);
    assert!(page.contains(".TH tokenward 1") && page.contains("sandbox"), "{page}");
    let page = printed(&["man", "login"]);
    for wanted in [".TH tokenward-login 1", "paste", "config"] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    assert_eq!(Fixture::new().tokenward(&["man", "log-in"]).code, Some(64));
}

#[test]
fn the_command_line_explains_itself() {
    assert!(printed(&["--help"]).contains("Usage: tokenward"));
    assert!(printed(&["once", "--help"]).contains("--timeout"));
    assert_eq!(printed(&["--version"]), format!("tokenward {}\n", env!("CARGO_PKG_VERSION")));
    for wrong in [&[][..], &["refresh-all"], &["get"], &["wait", "--timeout", "soon"]] {
        assert_eq!(Fixture::new().tokenward(wrong).code, Some(64), "{wrong:?}");
    }
}
