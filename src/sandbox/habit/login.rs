//! Log-ins that end otherwise than hoped, and metadata that are another server's.

use super::Habit;
use crate::sandbox::system::plain::{Login, Manner};

const DEVICE: &str = "grant: device_code, \
                      device_authorization_endpoint: \"@SITE@/device_authorization\"";
const BROWSER: &str = "grant: authorization_code, authorization_endpoint: \"@SITE@/authorize\"";

const fn ending(login: Login) -> Manner {
    Manner { login, ..Manner::GOOD }
}

pub(super) const HABITS: &[Habit] = &[
    Habit::manner(
        "device_slow_down",
        "the first poll is told to slow down",
        ending(Login::SlowDown),
    )
    .keys(DEVICE),
    Habit::manner("device_denied", "the user does not agree", ending(Login::Denied)).keys(DEVICE),
    Habit::manner("device_expired", "the code expires while polled", ending(Login::Expired))
        .keys(DEVICE),
    Habit::manner(
        "browser_denied",
        "the browser comes back with `access_denied`",
        ending(Login::Denied),
    )
    .keys(BROWSER),
    Habit::manner(
        "browser_other_state",
        "the browser comes back with another `state`",
        ending(Login::OtherState),
    )
    .keys(BROWSER),
    Habit::manner(
        "browser_other_issuer",
        "the browser comes back with another `iss`",
        ending(Login::OtherIssuer),
    )
    .keys("issuer: \"@SITE@\", grant: authorization_code"),
    Habit::manner(
        "other_issuer",
        "the metadata name another issuer",
        Manner { issuer_suffix: "/elsewhere", ..Manner::GOOD },
    )
    .keys("issuer: \"@SITE@\""),
];

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::{
        super::tests::{assert_complete, header, visit},
        *,
    };
    use crate::sandbox::{
        memory::Memory,
        request::{
            Request,
            tests::{FORM, request},
        },
    };

    const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

    fn get(path: &str) -> Request {
        Request { method: Method::GET, ..request(path, &[], "") }
    }

    fn said(memory: &Memory, request: &Request, member: &str) -> String {
        let reply = visit(memory, request, 1);
        let said: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        said[member].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn each_device_is_told_what_it_says() {
        for (name, polls) in [
            ("device_slow_down", ["slow_down", "authorization_pending", ""]),
            ("device_denied", ["authorization_pending", "authorization_pending", "access_denied"]),
            ("device_expired", ["authorization_pending", "authorization_pending", "expired_token"]),
        ] {
            let memory = Memory::default();
            let begin = format!("/habit/{name}/device_authorization");
            let begin = request(&begin, &[FORM], "client_id=sandbox-public");
            let code = said(&memory, &begin, "device_code");
            let form = format!("client_id=sandbox-public&grant_type={GRANT}&device_code={code}");
            let poll = request(&format!("/habit/{name}/token"), &[FORM], &form);
            for expected in polls {
                assert_eq!(said(&memory, &poll, "error"), expected, "{name}");
            }
        }
    }

    #[test]
    fn each_browser_comes_back_as_it_says() {
        let query = "response_type=code&client_id=sandbox-client&state=1&\
                     redirect_uri=http%3A%2F%2Flocalhost%2Fcb";
        for (name, expected) in [
            ("browser_denied", "error=access_denied"),
            ("browser_other_state", "state=another"),
            (
                "browser_other_issuer",
                "iss=http%3A%2F%2Fsandbox%2Fhabit%2Fbrowser_other_issuer%2Felsewhere",
            ),
        ] {
            let asked = get(&format!("/habit/{name}/authorize?{query}"));
            let reply = visit(&Memory::default(), &asked, 1);
            let location = header(&reply, "location");
            assert!(location.starts_with("http://localhost/cb?"), "{name}: {location}");
            assert!(location.contains(expected), "{name}: {location}");
        }
    }

    #[test]
    fn the_metadata_name_another_issuer() {
        let path = "/habit/other_issuer/.well-known/openid-configuration";
        let issuer = said(&Memory::default(), &get(path), "issuer");
        assert_eq!(issuer, "http://sandbox/habit/other_issuer/elsewhere");
        let names = [
            "device_slow_down",
            "device_denied",
            "device_expired",
            "browser_denied",
            "browser_other_state",
            "browser_other_issuer",
            "other_issuer",
        ];
        assert_complete(HABITS, names.into_iter());
    }
}
