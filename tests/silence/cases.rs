//! Every way to fail, as credentials of one configuration.

use std::fmt::Write;

use tokenward::sandbox::Sandbox;

use crate::{
    echo::{PARTS, PLACES},
    program::Program,
};

/// What the sandbox wants.
pub const SANDBOX_SECRET: &str = "sandbox+secret/100%";

/// Secrets in which every encoding has something to do.
pub const ODD_SECRETS: [&str; 8] = [
    "percent%41%zz%25secret",
    "amp&ersand=equals&secret",
    "plus+and space +secret",
    r#"quote"back\slash'secret<tag>"#,
    "umlaut-äöü-秘密-secret",
    " spaces around a secret ",
    "${variable}$secret$$%{x}",
    "hash#semi;slash/question?secret",
];

/// Secrets that stand somewhere else than in `client_secret`.
pub const ELSEWHERE: [(&str, &str); 6] = [
    ("in_the_query", "s3cret-of/the+query%"),
    ("in_a_header", "s3cret of a header; x=1"),
    ("in_a_parameter", "s3cret&of=a parameter"),
    ("printed", "s3cret that a program prints"),
    ("in_two_lines", "s3cret in the first line\nand s3cret in the second"),
    ("as_a_word_of_the_program", "--s3cret=beside-the-program"),
];

/// Writes the secrets to files, and a program that prints one.
pub fn write_secrets(program: &Program) {
    for (index, secret) in ODD_SECRETS.iter().enumerate() {
        program.write(&format!("odd{index}"), secret);
    }
    for (name, secret) in ELSEWHERE {
        program.write(name, secret);
    }
    program.write("sandbox", SANDBOX_SECRET);
    let printed = ELSEWHERE[3].1;
    program.write("twice", printed.repeat(50_000));
    program.write("not_text", [printed.as_bytes(), b"\xff"].concat());
}

/// A directory with the secrets, and with what runs besides us: programs that may print anything.
pub fn with_programs() -> Program {
    let program = Program::new();
    write_secrets(&program);
    program.write("print", "cat /proc/$$/cmdline >> told; cat \"$1\"; cat \"$1\" >&2; exit $2");
    program.write(
        "tell",
        "cat /proc/$$/cmdline /proc/$$/environ - >> told; cat out/*; [ \"$1\" != fail ]",
    );
    program
}

/// A server that repeats secrets, in each part of the request, at each place of its reply: one
/// secret of `every` for each pair of the two, and each secret at the usual place.
pub fn repeated(server: &str, every: usize) -> String {
    let mut yaml = String::new();
    for (index, _) in ODD_SECRETS.iter().enumerate() {
        for (row, place) in PLACES.into_iter().enumerate() {
            for (column, part) in PARTS.into_iter().enumerate() {
                if place != "description" && !(index + row + column).is_multiple_of(every) {
                    continue;
                }
                let shape = match part {
                    "request_line" => "client_authentication: client_secret_post, body: query",
                    "authorization" => "client_authentication: client_secret_basic",
                    "pair" => "client_authentication: { client_secret_basic: { encoding: raw } }",
                    "body" | "html_body" | "base64_body" => {
                        "client_authentication: client_secret_post"
                    }
                    _ => "client_authentication: client_secret_post, body: json",
                };
                let name = format!("{place}-{part}-{index}");
                let url = format!("http://{server}/{place}/{part}");
                entry(&mut yaml, &name, &url, &format!("{{ file: odd{index} }}"), shape);
            }
        }
    }
    yaml
}

/// Every bad habit of the sandbox with the right secret, asked in one of three ways or in its own,
/// and every system with a wrong one.
pub fn habits(sandbox: &Sandbox, relay: &str) -> String {
    let mut yaml = String::new();
    let shapes = [
        ("basic", "{ env: SANDBOX_SECRET }", "client_authentication: client_secret_basic"),
        (
            "json",
            "{ command: [sh, print, sandbox, 0] }",
            "client_authentication: client_secret_post, body: json",
        ),
        (
            "query",
            r#""sandbox+secret/100%""#,
            "client_authentication: client_secret_post, body: query",
        ),
    ];
    let here = sandbox.address().to_string();
    for (row, habit) in sandbox.habits().into_iter().enumerate() {
        let (name, url) = (habit.system, habit.token_endpoint.replace(&here, relay));
        for (column, (kind, source, shape)) in shapes.into_iter().enumerate() {
            if name == "leaks_secret_in_error" || row % shapes.len() == column {
                let own = habit.keys.replace(&here, relay);
                let shape = if own.is_empty() { shape } else { &own };
                let shape = format!("{shape}, notify: [{{ command: [sh, tell] }}]");
                let name = format!("{name}-{kind}");
                if own.contains("issuer: ") {
                    discovered(&mut yaml, &name, source, &shape);
                } else {
                    entry(&mut yaml, &name, &url, source, &shape);
                }
            }
        }
    }
    for (index, offer) in sandbox.offers().iter().enumerate() {
        let provider = offer.preset.map_or(String::new(), |name| format!("provider: {name}, "));
        let variables = "variables: { session: a, tenant: b }";
        let shape = format!("{provider}{variables}");
        let name = format!("wrong-{index}-{}", offer.system);
        entry(&mut yaml, &name, &offer.token_endpoint, "{ file: odd0 }", &shape);
    }
    yaml
}

/// Secrets in other places, sources that fail, and servers that cannot be reached.
pub fn elsewhere(server: &str) -> String {
    let mut yaml = String::new();
    let here = |part| format!("http://{server}/description/{part}");
    let sandbox = "{ file: sandbox }";
    let basic = "client_authentication: client_secret_basic";
    let key = "?key=s3cret-of/the%2Bquery%25";
    let rows = [
        ("query", here("request_line") + key, sandbox, basic),
        ("query-nobody", format!("http://127.0.0.1:1/{key}"), sandbox, "body: query"),
        ("query-tls", format!("https://{server}/{key}"), sandbox, "body: query"),
        ("query-dns", format!("https://no-such-host.invalid/{key}"), sandbox, "body: query"),
        ("header", here("body"), sandbox, "headers: { x-key: { file: in_a_header } }"),
        ("bad-header", here("body"), sandbox, "headers: { x-key: { file: in_two_lines } }"),
        ("parameter", here("body"), sandbox, "parameters: { x: { file: in_a_parameter } }"),
        ("assertion", here("body"), sandbox, "client_authentication: client_secret_jwt"),
        (
            "no-key",
            here("body"),
            sandbox,
            "grant: jwt_bearer, assertion: { key: { file: in_two_lines } }",
        ),
        ("two-lines", here("pair"), "{ file: in_two_lines }", basic),
        ("fails", here("body"), "{ command: [sh, print, printed, 3] }", basic),
        ("too-much", here("body"), "{ command: [sh, print, twice, 0] }", basic),
        ("no-text", here("body"), "{ command: [sh, print, not_text, 0] }", basic),
        ("too-much-in-file", here("body"), "{ file: twice }", basic),
        ("no-text-in-file", here("body"), "{ file: not_text }", basic),
        ("one-word", here("body"), r#"{ command: ["vault --s3cret=beside-the-program"] }"#, basic),
    ];
    for (name, url, source, shape) in rows {
        entry(&mut yaml, &format!("elsewhere-{name}"), &url, source, shape);
    }
    for (name, url, shape) in odd(server) {
        entry(&mut yaml, &format!("odd-{name}"), &url, "{ file: odd3 }", &shape);
    }
    let told = r#"notify: [{ command: ["tell --s3cret=beside-the-program"] }, { command: [sh, tell, fail] }]"#;
    entry(&mut yaml, "told-badly", &format!("http://{server}/lifetime/pair"), sandbox, told);
    yaml
}

/// Secrets in a prescribed body, in a query of its own, and in what one reply hands on to the next
/// request.
fn odd(server: &str) -> Vec<(&'static str, String, String)> {
    let here = |place, part| format!("http://{server}/{place}/{part}");
    let template = |kind, text| {
        format!(
            "client_authentication: client_secret_post, \
             body: {{ template: {{ content_type: {kind}, text: '{text}' }} }}"
        )
    };
    let xml = template("text/xml", "<s>${client_secret}</s>");
    let json = template("application/json", r#"{"client_secret":"${client_secret}"}"#);
    let step = format!(
        "steps: [{{ take: {{ t: access_token }}, url: '{}/${{t}}?t=${{t}}', method: POST, \
         headers: {{ x-key: {{ file: in_a_header }} }}, \
         parameters: {{ t: '${{t}}', x: {{ file: in_a_parameter }} }} }}]",
        here("description", "body")
    );
    let (line, body) = (here("description", "request_line"), here("description", "body"));
    vec![
        ("query", line, "query: { k: { file: in_the_query } }".into()),
        ("xml", body.clone(), xml.clone()),
        ("xml-page", here("html", "body"), xml),
        ("json", body, json.clone()),
        ("json-secret", here("list", "secret"), json),
        ("step", here("lifetime", "pair"), step),
        ("no-step", here("description", "pair"), "steps: [{ url: 'http://127.0.0.1:1/' }]".into()),
    ]
}

fn entry(yaml: &mut String, name: &str, url: &str, secret: &str, shape: &str) {
    discovered(yaml, name, secret, &format!("token_endpoint: \"{url}\", {shape}"));
}

/// An entry that says in its shape where tokens are asked for.
fn discovered(yaml: &mut String, name: &str, secret: &str, shape: &str) {
    writeln!(
        yaml,
        "  {name}: {{ client_id: sandbox-client, client_secret: {secret}, {shape}, \
         timeout: 2s, outputs: [{{ token_file: {name} }}] }}"
    )
    .unwrap();
}
