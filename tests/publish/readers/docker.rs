use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    process::Command,
    sync::mpsc,
};

use serde_json::Value;

use super::{Variables, variables};

/// Docker's client parses the file and sends the result to an engine, for which we stand in: we
/// are asked to create a container, and say that we have. The API version is above all clients', so
/// that each speaks its own.
pub fn read_with_client(file: &Path) -> Result<Variables, String> {
    let version =
        Command::new("docker").arg("--version").output().map_err(|why| why.to_string())?;
    if !version.stdout.starts_with(b"Docker version") {
        return Err("another program has docker's name".to_owned());
    }
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("engine");
    let engine = UnixListener::bind(&socket).unwrap();
    let (created, creations) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in engine.incoming() {
            if let Some(body) = answer(&connection.unwrap()) {
                let _ = created.send(body);
            }
        }
    });
    let output = Command::new("docker")
        .arg("create")
        .arg("--env-file")
        .arg(file)
        .arg("image")
        .env("DOCKER_HOST", format!("unix://{}", socket.display()))
        .env("DOCKER_CONFIG", home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let body: Value = serde_json::from_slice(&creations.recv().unwrap()).unwrap();
    let entries = body["Env"].as_array().unwrap().iter();
    Ok(variables(entries.map(|entry| entry.as_str().unwrap())))
}

/// Answers one request; gives its body if it was to create a container.
fn answer(connection: &UnixStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(connection);
    let head: Vec<String> =
        reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    let create = head.first()?.contains("/containers/create");
    let length = head.iter().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let (status, answer) =
        if create { ("201 Created", r#"{"Id":"0","Warnings":[]}"#) } else { ("200 OK", "") };
    let mut connection = connection;
    write!(
        connection,
        "HTTP/1.1 {status}\r\nApi-Version: 1.99\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .unwrap();
    create.then_some(body)
}

/// Lines; those that begin with `#` are comments; a name, `=`, and the rest as it stands. This
/// one is ours and proves little, but is there where no docker is.
pub fn read_by_the_rules(file: &Path) -> Variables {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.lines().all(|line| line.len() < 64 * 1024));
    variables(text.lines().map(str::trim_start).filter(|line| !line.starts_with('#')))
}
