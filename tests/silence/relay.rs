//! What stands between the program and a server, and remembers every exchange: some tokens are
//! issued but never published, some secrets are made for one request, and those must not be shown
//! either.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Words of an error are shorter than this, tokens are not.
const SHORTEST_TOKEN: usize = 30;
/// The padding of a huge reply is longer.
const LONGEST_TOKEN: usize = 4096;

pub struct Relay {
    pub address: String,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

/// What went over one connection.
struct Exchange {
    request: Vec<u8>,
    reply: Vec<u8>,
}

impl Relay {
    pub fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (exchanges, server) = (Arc::<Mutex<Vec<_>>>::default(), server.to_owned());
        let kept = Arc::clone(&exchanges);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, kept) = (TcpStream::connect(&server).unwrap(), Arc::clone(&kept));
                thread::spawn(move || {
                    let exchange = converse(&client, &server);
                    kept.lock().unwrap().push(exchange);
                });
            }
        });
        Self { address, exchanges }
    }

    /// Everything in the replies so far that looks like a token.
    pub fn tokens(&self) -> BTreeSet<String> {
        let mut tokens = BTreeSet::new();
        for Exchange { reply, .. } in &*self.exchanges.lock().unwrap() {
            let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
            let runs = reply.split(|byte| !in_token(byte));
            let lengths = SHORTEST_TOKEN..LONGEST_TOKEN;
            let long = runs.filter(|run| lengths.contains(&run.len()));
            let long = long.map(|run| String::from_utf8_lossy(run).into_owned());
            // The URLs of the sandbox in its metadata are no secret.
            tokens.extend(long.filter(|run| !run.contains("/habit/")));
        }
        tokens
    }

    /// The values of a parameter in the forms that were sent so far, the last of each connection.
    pub fn sent(&self, name: &str) -> BTreeSet<String> {
        let mut values = BTreeSet::new();
        for Exchange { request, .. } in &*self.exchanges.lock().unwrap() {
            let body = request.split(|byte| b"\r\n".contains(byte)).next_back().unwrap();
            let form = url::form_urlencoded::parse(body).filter(|(key, _)| key == name);
            values.extend(form.map(|(_, value)| value.into_owned()));
        }
        values
    }
}

/// Passes bytes both ways until both sides are done. Either may break off: that is what some bad
/// habits are.
fn converse(client: &TcpStream, server: &TcpStream) -> Exchange {
    thread::scope(|scope| {
        let request = scope.spawn(|| {
            let request = pass(client, server);
            let _ = server.shutdown(Shutdown::Write);
            request
        });
        let reply = pass(server, client);
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        Exchange { request: request.join().unwrap(), reply }
    })
}

/// Passes bytes on until one side is done; what there was.
fn pass(mut from: &TcpStream, mut to: &TcpStream) -> Vec<u8> {
    let mut passed = Vec::new();
    let mut piece = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        passed.extend_from_slice(&piece[..length]);
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    passed
}
