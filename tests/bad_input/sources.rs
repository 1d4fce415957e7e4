//! Secrets that cannot be read, and endpoints that cannot be reached.

use std::fs;

use nix::{sys::stat::Mode, unistd::mkfifo};

use crate::{CONFIG, Scene, TEMPORARY, UNAVAILABLE, assert_says};

#[test]
fn an_unreadable_secret_is_named_before_and_after_the_start() {
    let scene = Scene::new();
    fs::create_dir(scene.program.path("directory")).unwrap();
    mkfifo(&scene.program.path("pipe"), Mode::S_IRWXU).unwrap();
    scene.program.write("huge", vec![b'x'; 2 << 20]);
    scene.program.write("empty", "\n");
    scene.program.write("binary", b"\xff\xfe");
    for (case, keys, texts) in [
        ("absent", "client_secret: { file: absent }", ["/absent does not exist", "create it"]),
        ("a directory", "client_secret: { file: directory }", ["/directory is no", "name one"]),
        ("a named pipe", "client_secret: { file: pipe }", ["/pipe is no regular", "name one"]),
        ("2 MiB", "client_secret: { file: huge }", ["/huge gives more than 1 MiB", "check that"]),
        ("empty", "client_secret: { file: empty }", ["/empty is empty", "put the value there"]),
        ("binary", "client_secret: { file: binary }", ["/binary is not text", "encode"]),
        ("no variable", "client_secret: { env: TW_ABSENT }", ["TW_ABSENT is not set", "set it"]),
        (
            "a parameter",
            "parameters: { key: { file: absent } }",
            ["/absent does not exist", "create it"],
        ),
        ("a header", "headers: { x-key: { file: absent } }", ["/absent does not exist", "create"]),
        ("no authorities", "ca_file: absent", ["/absent", "name a readable file of PEM"]),
    ] {
        let https = "token_endpoint: https://127.0.0.1:1/";
        let keys =
            if case == "no authorities" { format!("{keys}\n    {https}") } else { keys.into() };
        scene.configure(&keys);
        let [place, mend] = texts;
        assert_says(case, &scene.program.verb(&["check"]), CONFIG, &["one: ", place, mend]);
        scene.forget();
        let once = scene.program.verb(&["once"]);
        assert_says(case, &once, TEMPORARY, &["credential=one", place, mend]);
        scene.nothing_is_lost(case);
    }
}

#[test]
fn an_endpoint_that_gives_no_token_is_named_with_the_mend() {
    let scene = Scene::new();
    for (case, url, code, texts) in [
        (
            "nobody listens",
            "http://127.0.0.1:1/token".to_owned(),
            TEMPORARY,
            ["cannot connect to http://127.0.0.1:1", "check the URL"],
        ),
        (
            "no such host",
            "https://no-such-host.invalid/token".to_owned(),
            TEMPORARY,
            ["https://no-such-host.invalid", "check"],
        ),
        (
            "no TLS",
            format!("https://{}/token", scene.server.address),
            TEMPORARY,
            ["no trusted connection to https://127.0.0.1", "ca_file"],
        ),
        (
            "no such path",
            format!("http://{}/nothing/here", scene.server.address),
            UNAVAILABLE,
            ["answered 404", "check token_endpoint"],
        ),
    ] {
        scene.configure(&format!("token_endpoint: {url}"));
        assert_says(case, &scene.program.verb(&["check", "--online"]), code, &texts);
        scene.forget();
        assert_says(case, &scene.program.verb(&["once"]), code, &texts);
        scene.nothing_is_lost(case);
    }
}
