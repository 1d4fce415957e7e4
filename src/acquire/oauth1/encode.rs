//! Percent-encoding as RFC 5849, section 3.6 wants it, and the decoding of forms.
//!
//! Values are bytes: nothing says that what a form holds is UTF-8, and what is lost in reading is
//! missing in the signature.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The one way to write a value: upper-case digits, and a space is `%20`.
pub(super) fn encode(value: &[u8]) -> String {
    percent_encode(value, RESERVED).to_string()
}

/// The parameters of a query or of a form body, in the order in which they stand
/// (section 3.4.1.3.1).
pub(super) fn decode_form(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
    let pairs = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (decode(&pair[..at]), decode(&pair[at + 1..])),
        None => (decode(pair), Vec::new()),
    })
}

fn decode(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}
