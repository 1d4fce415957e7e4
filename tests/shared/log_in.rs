//! `tokenward login` under way, and what a browser does meanwhile: it is a plain connection.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Stdio},
};

use crate::program::{Ended, Program};

/// A log-in under way.
pub struct LogIn {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl LogIn {
    pub fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut command = program.command(&[&["login"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output }
    }

    /// The next line that is an address.
    pub fn page(&mut self) -> url::Url {
        let lines = self.output.by_ref().lines().map(Result::unwrap);
        let mut pages = lines.filter_map(|line| line.trim().parse().ok());
        pages.next().expect("a page")
    }

    /// What a person types or pastes.
    pub fn say(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Its exit code, and what it said since.
    pub fn end(mut self) -> Ended {
        let mut text = String::new();
        self.output.read_to_string(&mut text).unwrap();
        let ended = self.process.wait_with_output().unwrap();
        text += &String::from_utf8_lossy(&ended.stderr);
        Ended { code: ended.status.code(), text }
    }
}

/// What a browser gets, and where it is sent.
pub fn visit(address: &url::Url) -> (Option<url::Url>, String) {
    let host = address.host_str().unwrap();
    let mut stream = TcpStream::connect((host, address.port().unwrap())).unwrap();
    let target = &address[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
    (location.and_then(|text| text.trim().parse().ok()), answer)
}
