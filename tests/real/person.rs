//! Somebody who logs in: reads what `tokenward login` says, and does it in a browser.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use crate::{
    server::{Server, root},
    tokenward::Tokenward,
};

/// `tokenward login NAME`, with a person who does what it says. Gives what it printed after that,
/// or why it ended badly.
pub fn logs_in(tokenward: &Tokenward, name: &str, server: &Server) -> Result<String, String> {
    let mut login = tokenward
        .command("login")
        .arg(name)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(login.stdout.take().unwrap());
    let page = page(&mut output);
    if let Some(Err(trouble)) = page.as_deref().map(|page| visits(page, server)) {
        login.kill().unwrap();
        login.wait().unwrap();
        return Err(trouble);
    }
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    let ended = login.wait_with_output().unwrap();
    if ended.status.success() {
        return Ok(text);
    }
    Err(format!("{page:?} {text}{}", String::from_utf8_lossy(&ended.stderr)))
}

/// The page to open: of a device's, the one with the code in it.
fn page(output: &mut impl BufRead) -> Option<String> {
    let lines = output.lines().map_while(Result::ok);
    lines
        .map(|line| line.trim().to_owned())
        .find(|line| line.starts_with("http") && line.contains('?'))
}

/// Opens a page in a browser and agrees to all that is asked there.
fn visits(page: &str, server: &Server) -> Result<(), String> {
    let mut person = Command::new("python3");
    person.arg(root().join("tests/real/servers/person.py")).arg(page);
    // Where signing in takes more than a form, the server's script has done it.
    let cookies = server.file("cookies");
    if cookies.exists() {
        person.arg(cookies);
    }
    person.env("SSL_CERT_FILE", server.file("authority.pem"));
    let ended = person.output().unwrap();
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{page}\n{}", String::from_utf8_lossy(&ended.stderr)))
}
