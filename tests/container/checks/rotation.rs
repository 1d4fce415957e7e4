//! Tokens that are replaced again and again, and none for a while.

use super::output;
use crate::{
    application::{READS, ROTATIONS, TOKEN},
    http,
    node::Node,
    pod::Pod,
    wait::until,
};

const CREDENTIALS: usize = 50;
const ENOUGH: usize = 1_000;
/// In mebibytes. The aim is 8, which was met without the feature `kubernetes`. Most of it are pages of
/// the program and of the C library, which the kernel can drop, and of which a few more or less are in
/// memory at any time.
const LARGEST: f64 = 11.0;
/// What remains when all such pages are dropped.
const LARGEST_OF_ITS_OWN: f64 = 2.0;
/// A new token every second, though each would be good for an hour: so that all that were read can
/// be shown to the provider in the end.
const EVERY_SECOND: &str =
    "refresh: { at: 0.0001, jitter: 0, min_remaining: 0s, min_interval: 1s }";

pub fn is_small_at_rest(node: &Node) -> String {
    let pod = Pod::new(node, "rest");
    pod.configure(&[("app", &output("app"))]);
    let sidecar = pod.sidecar(None);
    pod.token(&sidecar, "app");
    until("to be ready", || http::status(pod.port, "/ready", None) == Some(200));
    let mebibytes = |field: &str| {
        let value = sidecar.status(field);
        value.trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    };
    let (resident, own) = (mebibytes("VmRSS"), mebibytes("RssAnon"));
    assert!(resident < LARGEST && own < LARGEST_OF_ITS_OWN, "{resident} MiB, {own} MiB");
    format!("{resident:.1} MiB resident, of which {own:.1} MiB are not pages of files")
}

pub fn under_a_reader(node: &Node) -> String {
    let pod = Pod::new(node, "rotation");
    let names: Vec<_> = (0..CREDENTIALS).map(|number| format!("app{number}")).collect();
    let keys = names.iter().map(|name| format!("{EVERY_SECOND}\n    {}", output(name)));
    let keys: Vec<_> = keys.collect();
    let credentials: Vec<_> = names.iter().zip(&keys).map(|(n, k)| (&**n, &**k)).collect();
    pod.configure(&credentials);
    let sidecar = pod.sidecar(None);
    for name in &names {
        pod.token(&sidecar, name);
    }

    let ended = pod.application((ROTATIONS, &ENOUGH.to_string())).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.text);
    let after = |word: &'static str| ended.text.lines().filter_map(move |l| l.strip_prefix(word));
    let tokens: Vec<_> = after(TOKEN).collect();
    assert!(tokens.len() >= ENOUGH, "{} rotations", tokens.len());
    for token in &tokens {
        let status = http::status(pod.provider.port, "/plain/check", Some(token));
        assert_eq!(status, Some(200), "a token that the provider has never issued");
    }
    let reads = after(READS).next().expect("a number of reads");
    format!("{} rotations, {reads} reads, 0 failed", tokens.len())
}
