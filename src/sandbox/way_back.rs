//! Where a browser is sent when a log-in is over.

use hyper::StatusCode;
use url::{Host, Url};

use super::reply::Reply;

/// Where a program waits for the browser (RFC 8252, section 7.3). The sandbox sends it nowhere
/// else, because it lets everybody in.
pub(super) fn loopback(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    is_here.then_some(url)
}

/// The browser goes there.
pub(super) fn redirect(to: impl Into<String>) -> Reply {
    Reply::bare(StatusCode::FOUND, "").header("location", to)
}
