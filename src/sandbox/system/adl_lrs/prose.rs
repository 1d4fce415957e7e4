//! What it says when it says no: sentences, never an error code.

use hyper::StatusCode;

use crate::sandbox::reply::Reply;

const HTML: &str = "text/html; charset=utf-8";
/// With `DEBUG` on, as in its example of a configuration, a crash shows a page of so many bytes.
const PAGE: usize = 88_621;

pub(super) fn refusal(status: StatusCode, text: &str) -> Reply {
    Reply::typed(status, HTML, text)
}

/// The request is not what it claims to be.
pub(super) fn unverified(why: &str) -> Reply {
    refusal(StatusCode::BAD_REQUEST, &format!("Could not verify OAuth request -- {why}"))
}

/// 401 from a resource; it asks for Basic even of those who came with OAuth.
pub(super) fn unauthorized(text: &str) -> Reply {
    let reply = refusal(StatusCode::UNAUTHORIZED, text);
    reply.header("www-authenticate", r#"Basic realm="ADLLRS""#)
}

/// Its code has failed.
pub(super) fn crash(exception: &str) -> Reply {
    let head = format!("<!DOCTYPE html>\n<html lang=\"en\">\n<h1>{exception}</h1>\n<pre>\n");
    let tail = "\n</pre>\n</html>\n";
    let room = PAGE.saturating_sub(head.len() + tail.len());
    let page = format!("{head}{}{tail}", " ".repeat(room));
    refusal(StatusCode::INTERNAL_SERVER_ERROR, &page)
}

pub(super) fn not_found() -> Reply {
    refusal(StatusCode::NOT_FOUND, "<h1>Not Found</h1>")
}

/// It stands behind a proxy, which says so when it is down.
pub(super) fn bad_gateway() -> Reply {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    Reply::typed(StatusCode::BAD_GATEWAY, "text/html", page)
}
