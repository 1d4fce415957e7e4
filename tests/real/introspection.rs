//! What a server itself says of a token (RFC 7662).

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
};

use crate::server::Server;

/// Whether the token is still good. A client with a secret asks, by `client_secret_post`.
pub fn is_active(server: &Server, client_id: &str, client_secret: &str, token: &str) -> bool {
    let body = format!("client_id={client_id}&client_secret={client_secret}&token={token}");
    // HTTP/1.0: the reply ends where the connection does.
    let request = format!(
        "POST /token/introspection HTTP/1.0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{reply}");
    let said: serde_json::Value = serde_json::from_str(body).unwrap();
    said["active"].as_bool().expect("`active`")
}
