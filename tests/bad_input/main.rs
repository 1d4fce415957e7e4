//! What users and machines do wrong: each has a clear error, an exit code, and costs nothing that
//! was there before.

mod configuration;
mod disk;
#[path = "../shared/disks.rs"]
mod disks;
#[path = "../shared/left_out.rs"]
mod left_out;
mod mounts;
mod outputs;
#[path = "../shared/own_mounts.rs"]
mod own_mounts;
mod permissions;
#[path = "../program/mod.rs"]
mod program;
mod running;
mod sources;
#[path = "../shared/volume.rs"]
mod volume;

use std::{collections::BTreeMap, path::PathBuf};

use left_out::left_out;
use program::{Ended, Program, Server, files};

/// The exit codes of `sysexits.h` that the program promises.
const OK: Option<i32> = Some(0);
const UNAVAILABLE: Option<i32> = Some(69);
const TEMPORARY: Option<i32> = Some(75);
const CONFIG: Option<i32> = Some(78);

/// A program that has published a good token.
struct Scene {
    program: Program,
    server: Server,
    good: BTreeMap<PathBuf, Vec<u8>>,
}

impl Scene {
    fn new() -> Self {
        let (program, server) = (Program::new(), Server::start());
        program.write("secret", "sandbox+secret/100%");
        let mut scene = Self { program, server, good: BTreeMap::new() };
        scene.configure("");
        let ended = scene.program.verb(&["once"]);
        assert_eq!(ended.code, OK, "{}", ended.text);
        scene.good = files(&scene.program.path("out"));
        assert_eq!(scene.good.len(), 2, "the token and its expiry");
        scene
    }

    /// One credential, `one`, with these keys besides the usual ones.
    fn configure(&self, keys: &str) {
        self.program.configure(&format!("credentials:\n{}", self.credential("one", keys)));
    }

    fn credential(&self, name: &str, keys: &str) -> String {
        let usual = [
            ("token_endpoint", format!("http://{}/plain/token", self.server.address)),
            ("client_id", "sandbox-client".to_owned()),
            ("client_secret", "{ file: secret }".to_owned()),
            ("outputs", format!("[{{ token_file: {name}/token }}]")),
        ];
        let missing = usual.iter().filter(|(key, _)| !keys.contains(&format!("{key}:")));
        let missing: String =
            missing.flat_map(|(key, value)| ["    ", key, ": ", value, "\n"]).collect();
        format!("  {name}:\n{missing}    {keys}\n")
    }

    /// Without its state, the program asks for a new token and wants to publish it.
    fn forget(&self) {
        std::fs::remove_dir_all(self.program.path("state")).unwrap();
    }

    /// The good token is there as it was, byte for byte, and nothing half-written beside it.
    fn nothing_is_lost(&self, case: &str) {
        assert_eq!(files(&self.program.path("out")), self.good, "{case}");
    }
}

fn assert_says(case: &str, ended: &Ended, code: Option<i32>, texts: &[&str]) {
    assert_eq!(ended.code, code, "{case}: {}", ended.text);
    for text in texts {
        assert!(ended.text.contains(text), "{case}: {text:?} is not in\n{}", ended.text);
    }
}
