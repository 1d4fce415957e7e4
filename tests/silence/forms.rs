//! Every form in which a secret may come out, and a search for all of them at once.
//!
//! Written without the library's own redaction, whose mistakes it would repeat.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// What the search looks at first. A shorter form would be found where it is not meant.
const HEAD: usize = 8;

/// The forms of many secrets.
pub struct Forms(HashMap<[u8; HEAD], Vec<(String, String)>>);

impl Forms {
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut heads: HashMap<_, Vec<_>> = HashMap::new();
        for secret in secrets {
            for form in forms(secret) {
                let head = form.as_bytes()[..HEAD].try_into().unwrap();
                heads.entry(head).or_default().push((form, secret.to_owned()));
            }
        }
        Self(heads)
    }

    /// Every secret in `text`, each with the form it has there.
    pub fn found_in<'a>(&'a self, text: &[u8]) -> BTreeSet<(&'a str, &'a str)> {
        let mut found = BTreeSet::new();
        for (start, head) in text.windows(HEAD).enumerate() {
            let head: [u8; HEAD] = head.try_into().unwrap();
            for (form, secret) in self.0.get(&head).into_iter().flatten() {
                if text[start..].starts_with(form.as_bytes()) {
                    found.insert((&**secret, &**form));
                }
            }
        }
        found
    }
}

/// The secret itself, percent-encoded in both cases, in base64 at each alignment, and escaped as
/// JSON, HTML and Rust write it.
pub fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned(), html(secret), format!("{secret:?}")]);
    for keep in ["", "-._~", "-._*"] {
        let upper = percent(secret, keep);
        let lower = lower_case(&upper);
        forms.extend([upper.replace("%20", "+"), lower.replace("%20", "+"), upper, lower]);
    }
    for before in 0..3 {
        let bytes = [&vec![0; before], secret.as_bytes()].concat();
        let complete = bytes.len() * 8 / 6;
        // What depends on the bytes before and behind is left out.
        let own = (before * 8).div_ceil(6)..complete;
        forms.extend(
            [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
                .map(|text| text[own.clone()].to_owned()),
        );
    }
    let json = serde_json::Value::from(secret).to_string();
    forms.insert(json.trim_matches('"').to_owned());
    forms.insert(ascii_json(secret));
    forms.retain(|form| form.len() >= HEAD);
    forms
}

fn percent(secret: &str, keep: &str) -> String {
    secret.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").unwrap();
        }
        text
    })
}

fn lower_case(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| {
        let (escape, rest) = piece.split_at(2);
        text + "%" + &escape.to_ascii_lowercase() + rest
    })
}

pub fn html(secret: &str) -> String {
    let escapes = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];
    escapes.iter().fold(secret.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// JSON as servers write it that escape everything outside ASCII, and `/`.
pub fn ascii_json(secret: &str) -> String {
    let json = serde_json::Value::from(secret).to_string().replace('/', "\\/");
    let mut text = String::new();
    for c in json.trim_matches('"').chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            c.encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| write!(text, "\\u{unit:04x}").unwrap());
        }
    }
    text
}

#[test]
fn a_planted_secret_is_found_in_every_form_and_nothing_else_is() {
    let secret = r#"s3cret+with/all%of"these é&ü"#;
    let search = Forms::of([secret, "another secret"]);
    let all = forms(secret);
    assert!(all.len() > 11, "{all:#?}");
    for form in &all {
        let text = format!("before {form} behind");
        let found = search.found_in(text.as_bytes());
        assert!(found.contains(&(secret, form)), "{form}");
    }
    for whole in
        ["id:", "the id:", "id2:"].map(|id| STANDARD_NO_PAD.encode(format!("{id}{secret}:x")))
    {
        assert!(!search.found_in(whole.as_bytes()).is_empty(), "{whole}");
    }
    assert_eq!(search.found_in(b"s3cret, but not the whole of it; another one"), BTreeSet::new());
}
