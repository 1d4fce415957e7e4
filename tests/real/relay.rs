//! A way to a server on which answers can be lost.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Passes on what comes to its port, until the test ends.
pub struct Relay {
    port: u16,
    losses: Arc<AtomicUsize>,
}

impl Relay {
    /// To the server at `port`.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let relay = Self {
            port: listener.local_addr().unwrap().port(),
            losses: Arc::new(AtomicUsize::new(0)),
        };
        let losses = Arc::clone(&relay.losses);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A server that is down is, to the client, a connection that ends.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { continue };
                pass_on(client, server, &losses);
            }
        });
        relay
    }

    /// `url`, by way of the relay.
    pub fn url(&self, url: &str) -> String {
        let (origin, path) = url.split_at(url.rfind(':').unwrap());
        let path = path.split_once('/').unwrap().1;
        format!("{origin}:{}/{path}", self.port)
    }

    /// The next answer comes to the relay and no further: the server has done what was asked.
    pub fn lose_the_next_answer(&self) {
        self.losses.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether an answer that is to be lost has not come yet.
    pub fn has_something_to_lose(&self) -> bool {
        self.losses.load(Ordering::SeqCst) > 0
    }
}

fn pass_on(client: TcpStream, server: TcpStream, losses: &Arc<AtomicUsize>) {
    let [requests, answers] = [&client, &server].map(|stream| stream.try_clone().unwrap());
    thread::spawn(move || copy(requests, server, || true));
    let losses = Arc::clone(losses);
    let passes = move || {
        let one_less = |losses: usize| losses.checked_sub(1);
        losses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_err()
    };
    thread::spawn(move || copy(answers, client, passes));
}

/// Copies until one side has ended or `passes` says no to what has come; then both end.
fn copy(mut from: TcpStream, mut to: TcpStream, passes: impl Fn() -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer)
        && passes()
        && to.write_all(&buffer[..length]).is_ok()
    {}
    // Either may have been closed by the other side.
    for stream in [from, to] {
        stream.shutdown(Shutdown::Both).ok();
    }
}
