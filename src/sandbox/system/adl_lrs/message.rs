//! How it reads a signed request: not as RFC 5849 has it.

use std::collections::BTreeMap;

use hyper::Method;

use crate::sandbox::{
    request::Request,
    signed::{Message, base_uri, header_parameter, pairs},
};

/// The message of a request; `None` without any parameter.
///
/// What comes later replaces what came before: the form, the header, the query. A form counts only
/// in a POST whose media type has no parameters, and nothing that is empty counts in the query.
/// Whatever stands between two commas of the header is dropped if `realm` is anywhere in it.
pub(super) fn read(request: &Request) -> Option<Message> {
    let mut parameters = BTreeMap::new();
    let media_type = request.text_header("content-type");
    if request.method == Method::POST && media_type == "application/x-www-form-urlencoded" {
        parameters.extend(pairs(&request.body));
    }
    if let Some(list) = request.text_header("authorization").strip_prefix("OAuth ") {
        let parts = list.split(',').filter(|part| !part.contains("realm"));
        parameters.extend(parts.filter_map(header_parameter));
    }
    let filled = pairs(request.query.as_bytes()).filter(|(_, value)| !value.is_empty());
    parameters.extend(filled);
    if parameters.is_empty() {
        return None;
    }
    let host = request.text_header("host");
    Some(Message {
        method: request.method.to_string(),
        uri: base_uri(scheme(request), host, &request.path),
        parameters: parameters.into_iter().collect(),
    })
}

/// What a proxy says of the outside.
fn scheme(request: &Request) -> &str {
    match request.text_header("x-forwarded-proto") {
        "" => "http",
        scheme => scheme,
    }
}
