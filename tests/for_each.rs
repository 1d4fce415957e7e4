//! One configured credential, many tokens: from a list to credentials, and what a list can do
//! wrong.

#[path = "shared/write.rs"]
mod write;

use std::{
    fs,
    path::{Component, Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use proptest::prelude::*;
use tempfile::TempDir;
use tokenward::{
    clock::{Clock, SystemClock},
    credential::{Credential, OnRemove},
    daemon::{Reading, Surroundings},
    plan::{Plan, difference},
};
use write::write;

/// A folder with a configuration and the lists that it names.
struct Fixture(TempDir);

/// A credential of which each token has an output of its own.
const EACH: &str = "provider: usertesting, client_id: x, client_secret: { env: A }, \
                    outputs: [{ token_file: '${v}/token' }]";

impl Fixture {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        write(&path, bytes);
    }

    /// What comes of one credential, `one`, with these keys.
    fn read(&self, keys: &str) -> Reading {
        let head = "version: 1\nstate_directory: /state\noutput_directory: /outputs\n";
        self.write("config.yaml", format!("{head}credentials:\n  one: {{ {keys} }}\n"));
        Reading::without_secrets(&self.path("config.yaml"), &Surroundings::default())
    }

    /// Its plan, and every problem without its place.
    fn plan(&self, keys: &str) -> (Option<Plan>, Vec<String>) {
        let reading = self.read(keys);
        let folder = format!("{}/", self.0.path().display());
        let told = reading.problems.iter().map(|it| it.message.replace(&folder, "")).collect();
        (reading.plan, told)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The plan with the values of a file.
    fn of_file(&self, bytes: impl AsRef<[u8]>) -> (Option<Plan>, Vec<String>) {
        self.write("list", bytes);
        self.plan(&format!("for_each: {{ v: {{ file: list }} }}, {EACH}"))
    }
}

fn names(plan: Option<&Plan>) -> Vec<&str> {
    plan.map_or_else(Vec::new, |plan| plan.credentials.iter().map(|it| it.name.as_str()).collect())
}

/// What is the case, the file, the names that come of it, and the problems.
type Case<'a> = (&'a str, &'a [u8], &'a [&'a str], &'a [&'a str]);

#[test]
fn a_bad_line_harms_only_itself() {
    let fixture = Fixture::new();
    let left_out = "it cannot be part of a name";
    let cases: [Case<'_>; 8] = [
        ("lines", b"a\nb\n", &["one@a", "one@b"], &[]),
        ("no line break at the end", b"a\nb", &["one@a", "one@b"], &[]),
        ("what says nothing", b"# a list\n\n  a \r\n\t\n#b\n", &["one@a"], &[]),
        (
            "twice",
            b"a\nb\na\na\n",
            &["one@a", "one@b"],
            &["lines 3, 4 of list are left out: it stands there already"],
        ),
        (
            "characters",
            b"a\n../up\nhunter2!\n\xc3\xa4\nb c\n",
            &["one@a"],
            &["lines 2, 3, 4, 5 of list are left out: it cannot be part of a name"],
        ),
        (
            "one that would hide",
            b".a\nb\n",
            &["one@b"],
            &["line 1 of list is left out: it cannot be part of a name"],
        ),
        ("nothing at all", b"", &[], &["`one` has no value for `v`: nothing is kept fresh"]),
        (
            "many",
            b"!\n!1\n!2\n!3\n!4\n!5\n!6\n!7\n!8\n!9\n!a\n!b\nz\n",
            &["one@z"],
            &[
                "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more of list are left out: it cannot be part \
               of a name",
            ],
        ),
    ];
    for (case, bytes, expected, told) in cases {
        let (plan, problems) = fixture.of_file(bytes);
        assert!(plan.is_some(), "{case}: {problems:?}");
        assert_eq!(names(plan.as_ref()), expected, "{case}");
        assert_eq!(problems, told, "{case}");
    }
    let (plan, problems) = fixture.of_file(format!("{}\na\n", "x".repeat(127)));
    assert_eq!(names(plan.as_ref()), ["one@a"], "too long for a name");
    assert_eq!(problems, [format!("line 1 of list is left out: {left_out}")]);
}

#[test]
fn a_list_that_cannot_be_read_is_an_error() {
    let fixture = Fixture::new();
    let long = "a\n".repeat(1 << 20);
    let cases: [(&str, Option<&[u8]>, &str); 3] = [
        ("missing", None, "does not exist"),
        ("not text", Some(b"a\n\xff\n"), "is not text in UTF-8"),
        ("too long", Some(long.as_bytes()), "gives more than 1 MiB"),
    ];
    for (case, bytes, said) in cases {
        if let Some(bytes) = bytes {
            fixture.write("list", bytes);
        }
        let keys = format!("for_each: {{ v: {{ file: list }} }}, {EACH}");
        let (plan, problems) = fixture.plan(&keys);
        assert!(plan.is_none(), "{case}");
        let [problem] = problems.as_slice() else { panic!("{case}: {problems:?}") };
        assert!(problem.contains(said), "{case}: {problem}");
        let watched = fixture.read(&keys).watched();
        assert!(watched.contains(&fixture.path("list")), "{case}: what mends it is noticed");
    }
    let (plan, problems) = fixture.plan(&format!("for_each: {{ v: {{ folder: none }} }}, {EACH}"));
    assert!(plan.is_none() && problems.len() == 1, "{problems:?}");
}

#[test]
fn values_come_from_a_list_a_file_or_a_folder() {
    let fixture = Fixture::new();
    fixture.write("list", "b\n# a comment\na\n");
    for name in ["names/b", "names/a", "names/.hidden", "names/..data/b"] {
        fixture.write(name, "");
    }
    for (from, watched) in
        [("list: [b, a]", None), ("file: list", Some("list")), ("folder: names", Some("names"))]
    {
        let (plan, problems) = fixture.plan(&format!("for_each: {{ v: {{ {from} }} }}, {EACH}"));
        let plan = plan.unwrap_or_else(|| panic!("{from}: {problems:?}"));
        assert_eq!(names(Some(&plan)), ["one@a", "one@b"], "{from}");
        assert_eq!(problems, <[String; 0]>::default(), "{from}");
        let lists = plan.watched.iter().filter(|path| !path.ends_with("config.yaml"));
        let expected: Vec<_> = watched.iter().map(|name| fixture.path(name)).collect();
        assert_eq!(lists.cloned().collect::<Vec<_>>(), expected, "{from}");
    }
}

#[test]
fn the_value_comes_before_variables_and_goes_wherever_they_go() {
    let keys = "for_each: { v: { list: [a/b, acme] } }, variables: { v: other },
        token_endpoint: 'https://${v}.example.com/t', client_authentication: none,
        scope: '${v}.read', headers: { x-tenant: '${v}' },
        outputs: [{ env_file: { path: '${v}', variables: { TENANT: '${v}' } } }]";
    let (plan, problems) = Fixture::new().plan(keys);
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    let one = plan.credential("one@acme").expect("its credential");
    assert_eq!(one.endpoint.url.as_str(), "https://acme.example.com/t");
    assert_eq!(&*one.scope, "acme.read");
    assert_eq!(&*one.outputs[0].path, Path::new("acme"));
    assert_eq!(plan.credentials.len(), 1);
}

#[test]
fn what_leaves_takes_its_outputs_along_unless_told_otherwise() {
    let fixture = Fixture::new();
    let single = EACH.replace("${v}", "v");
    for (keys, expected) in [
        (format!("for_each: {{ v: {{ list: [a] }} }}, {EACH}"), OnRemove::Remove),
        (format!("for_each: {{ v: {{ list: [a] }} }}, on_remove: keep, {EACH}"), OnRemove::Keep),
        (single.clone(), OnRemove::Keep),
        (format!("on_remove: remove, {single}"), OnRemove::Remove),
    ] {
        let (plan, problems) = fixture.plan(&keys);
        let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
        assert_eq!(plan.credentials[0].on_remove, expected, "{keys}");
    }
}

#[test]
fn only_the_values_that_came_or_went_are_in_the_difference() {
    let fixture = Fixture::new();
    let (before, _) = fixture.of_file("a\nb\nc\n");
    let (after, _) = fixture.of_file("d\nc\nb\n");
    let changes = difference(&before.expect("a plan"), &after.expect("a plan"));
    let names =
        |of: &[Arc<Credential>]| of.iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        (names(&changes.added), names(&changes.removed)),
        (vec!["one@d".into()], vec!["one@a".into()])
    );
    assert_eq!(changes.changed, []);
}

fn ten_thousand_lines() -> String {
    let numbers: Vec<_> = (0..10_000).map(|number: u32| number.to_string()).collect();
    numbers.join("\n")
}

#[test]
fn ten_thousand_values_share_what_they_have_in_common() {
    let fixture = Fixture::new();
    let lines = ten_thousand_lines();
    let start = SystemClock.now().boot;
    let (plan, problems) = fixture.of_file(&lines);
    let took = SystemClock.now().boot.since(start);
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    let first = plan.credentials.first().expect("a credential");
    assert_eq!(plan.credentials.len(), 10_000);
    for one in &plan.credentials {
        assert!(Arc::ptr_eq(&one.endpoint, &first.endpoint), "one request budget");
        assert!(Arc::ptr_eq(&one.client, &first.client));
        assert!(Arc::ptr_eq(&one.parameters, &first.parameters));
        assert!(Arc::ptr_eq(&one.reply, &first.reply));
        assert!(Arc::ptr_eq(&one.refresh, &first.refresh));
    }
    // A build for release takes a twentieth of this.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn what_is_wrong_with_ten_thousand_is_said_once() {
    let fixture = Fixture::new();
    fixture.write("list", ten_thousand_lines());
    let same = EACH.replace("${v}", "all");
    let (plan, problems) = fixture.plan(&format!("for_each: {{ v: {{ file: list }} }}, {same}"));
    assert!(plan.is_none());
    assert_eq!(problems, ["every token of this `for_each` would be written to the same place"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in a list, every output lies in the output directory, each in its own
    /// place, and nothing about another line is different.
    #[test]
    fn no_value_leads_out_of_the_output_directory(
        lines in prop::collection::vec(
            prop_oneof![any::<String>(), "[./a~:@-]{0,6}", "\\.\\./[a-z/.]{0,9}"], 0..6),
    ) {
        let fixture = Fixture::new();
        let (plan, problems) = fixture.of_file(format!("good\n{}", lines.join("\n")));
        let plan = plan.ok_or_else(|| TestCaseError::fail(format!("{problems:?}")))?;
        prop_assert!(plan.credential("one@good").is_some());
        let mut paths = std::collections::BTreeSet::new();
        for credential in &plan.credentials {
            for output in &credential.outputs {
                let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
                prop_assert!(output.path.components().all(plain), "{:?}", output.path);
                prop_assert!(paths.insert(output.path.clone()), "{:?} twice", output.path);
            }
        }
    }
}
