//! What the request must be, where it is not as RFC 6749 has it.

use super::Habit;
use crate::sandbox::system::plain::{Asked, Manner, Overlap, Wanted};

pub(super) const HABITS: &[Habit] = &[
    Habit::manner(
        "get_only",
        "the request must use GET",
        Manner { asked: Asked::Get, ..Manner::GOOD },
    )
    .keys("method: GET, client_authentication: client_secret_post"),
    Habit::manner(
        "xml_request",
        "the request must be an XML document",
        Manner { asked: Asked::Xml, ..Manner::GOOD },
    )
    .keys(
        "client_authentication: client_secret_post, body: { template: { content_type: text/xml, \
         text: \"<request><grant_type>${grant_type}</grant_type><client_id>${client_id}\
         </client_id><client_secret>${client_secret}</client_secret></request>\" } }",
    ),
    Habit::manner(
        "no_grant_type",
        "the request must have no `grant_type`",
        Manner { asked: Asked::WithoutGrantType, ..Manner::GOOD },
    )
    .keys("grant: none, client_authentication: client_secret_post"),
    Habit::manner(
        "header_wanted",
        "the header `X-Api-Key: sandbox` must be there",
        Manner { wants: Some(Wanted::Header("x-api-key", "sandbox")), ..Manner::GOOD },
    )
    .keys("headers: { X-Api-Key: sandbox }"),
    Habit::manner(
        "query_wanted",
        "the URL must have the query `version=2`, beside the body",
        Manner { wants: Some(Wanted::Query("version", "2")), ..Manner::GOOD },
    )
    .keys("query: { version: \"2\" }"),
    Habit::manner(
        "scope_with_commas",
        "the scope must be `a,b`: its values are separated by commas",
        Manner { wants: Some(Wanted::Scope("a,b")), ..Manner::GOOD },
    )
    .keys("scope: [a, b], scope_separator: \",\""),
    Habit::grant("no_overlap", "a new token kills the one before: see `/check`", |granted| {
        granted.reply()
    })
    .in_manner(Manner { overlap: Overlap::None, ..Manner::GOOD })
    .keys("overlap: none"),
];

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::{
        super::tests::{assert_complete, visit},
        *,
    };
    use crate::sandbox::{
        memory::Memory,
        request::{
            Request,
            tests::{FORM, request},
        },
    };

    const CLIENT: &str = "client_id=sandbox-client&client_secret=sandbox%2Bsecret%2F100%25";
    const XML: &str = "<request><grant_type>client_credentials</grant_type><client_id>\
                       sandbox-client</client_id><client_secret>sandbox+secret/100%\
                       </client_secret></request>";

    fn usual(name: &str) -> Request {
        let form = format!("{CLIENT}&grant_type=client_credentials");
        request(&format!("/habit/{name}/token"), &[FORM], &form)
    }

    #[test]
    fn each_habit_takes_its_own_request_and_refuses_the_usual_one() {
        let get = |name: &str| {
            let path = format!("/habit/{name}/token?{CLIENT}&grant_type=client_credentials");
            Request { method: Method::GET, ..request(&path, &[], "") }
        };
        let mut with_header = usual("header_wanted");
        with_header.headers.insert("x-api-key", hyper::header::HeaderValue::from_static("sandbox"));
        let with_query = Request { query: "version=2".to_owned(), ..usual("query_wanted") };
        let xml = ("content-type", "text/xml");
        let commas = format!("{CLIENT}&grant_type=client_credentials&scope=a%2Cb");
        let rows = [
            ("scope_with_commas", request("/habit/scope_with_commas/token", &[FORM], &commas), 400),
            ("get_only", get("get_only"), 405),
            ("xml_request", request("/habit/xml_request/token", &[xml], XML), 400),
            ("no_grant_type", request("/habit/no_grant_type/token", &[FORM], CLIENT), 400),
            ("header_wanted", with_header, 400),
            ("query_wanted", with_query, 400),
            ("no_overlap", usual("no_overlap"), 200),
        ];
        for (name, own, status) in &rows {
            assert_eq!(visit(&Memory::default(), own, 1).status.as_u16(), 200, "{name}");
            let usual = visit(&Memory::default(), &usual(name), 1);
            assert_eq!(usual.status.as_u16(), *status, "{name}");
        }
        assert_complete(HABITS, rows.iter().map(|row| row.0));
    }

    #[test]
    fn a_new_token_kills_the_one_before() {
        let memory = Memory::default();
        let issue = |turn| {
            let reply = visit(&memory, &usual("no_overlap"), turn);
            let said: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
            format!("Bearer {}", said["access_token"].as_str().expect("a token"))
        };
        let status = |token: &str| {
            let check = request("/habit/no_overlap/check", &[("authorization", token)], "");
            visit(&memory, &check, 9).status.as_u16()
        };
        let first = issue(1);
        assert_eq!(status(&first), 200);
        let second = issue(2);
        assert_eq!([status(&first), status(&second)], [401, 200]);
    }
}
