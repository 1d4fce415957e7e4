//! What stands between the program and the sandbox, and remembers every reply: some tokens are
//! issued but never published, and those must not be shown either.

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
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
    replies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Relay {
    pub fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (replies, server) = (Arc::<Mutex<Vec<_>>>::default(), server.to_owned());
        let kept = Arc::clone(&replies);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (server, kept) = (TcpStream::connect(&server).unwrap(), Arc::clone(&kept));
                thread::spawn(move || {
                    let reply = converse(&client, &server);
                    kept.lock().unwrap().push(reply);
                });
            }
        });
        Self { address, replies }
    }

    /// Everything in the replies so far that looks like a token.
    pub fn tokens(&self) -> BTreeSet<String> {
        let mut tokens = BTreeSet::new();
        for reply in &*self.replies.lock().unwrap() {
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
}

/// Passes bytes both ways until both sides are done. Either may break off: that is what some bad
/// habits are.
fn converse(client: &TcpStream, server: &TcpStream) -> Vec<u8> {
    let mut reply = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &*client, &mut &*server);
            let _ = server.shutdown(Shutdown::Write);
        });
        let mut piece = [0; 8192];
        while let Ok(length @ 1..) = (&mut &*server).read(&mut piece) {
            reply.extend_from_slice(&piece[..length]);
            if (&mut &*client).write_all(&piece[..length]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
    reply
}
