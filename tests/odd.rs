//! Odd providers as a configuration describes them: from YAML to the requests that are sent, and
//! from the replies to what consumers find.

#[path = "shared/write.rs"]
mod write;

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokenward::{
    acquire::{
        AcquireError, Acquirer, Attempt, Exchange, HttpTransport, RawResponse, TokenRequest,
    },
    clock::{BootTime, Now, SystemClock, WallTime},
    credential::{Credential, Method, TokenEndpoint},
    daemon::{Reading, Surroundings},
    publish::publish,
    token::IssuedToken,
};
use write::write;

const NOW: Now =
    Now { wall: WallTime::from_seconds(1_790_000_000), boot: BootTime::from_millis(86_400_000) };

/// A reply: a status, headers as lines of `name: value`, and a body.
type Reply = (u16, &'static str, &'static str);

/// Gives one reply after the other, and notes each request as a few lines of text.
struct Provider {
    replies: Mutex<Vec<Reply>>,
    asked: Mutex<Vec<String>>,
}

impl HttpTransport for Provider {
    fn send<'a>(&'a self, _: &'a TokenEndpoint, sent: TokenRequest, _: Duration) -> Exchange<'a> {
        self.asked.lock().unwrap().push(described(&sent));
        let (status, headers, body) = self.replies.lock().unwrap().remove(0);
        let headers = headers.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.into(), value.into())).collect();
        let raw = RawResponse { status, headers, body: body.as_bytes().to_vec().into() };
        Box::pin(std::future::ready(Ok(raw)))
    }
}

/// Method and URL, then the headers that a provider cares for, then the body.
fn described(request: &TokenRequest) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut text = format!("{method} {}", request.url);
    for (name, value) in &request.headers {
        if !["Accept", "User-Agent"].contains(&&**name) {
            text.extend(["\n", name, ": ", value.expose()]);
        }
    }
    if !request.body.is_empty() {
        text.extend(["\n", request.body.expose()]);
    }
    text
}

/// The credential of these keys, which have one output, a template.
fn credential(directory: &Path, keys: &str) -> Arc<Credential> {
    let file = directory.join("config.yaml");
    let keys = keys.replace('\n', "\n    ");
    let head = "version: 1\nstate_directory: state\noutput_directory: out\n";
    write(&file, format!("{head}credentials:\n  odd:{keys}\n"));
    let mut reading = Reading::of(&file, &Surroundings::default());
    let plan = reading.plan.take().unwrap_or_else(|| panic!("{}", reading.report().join("\n")));
    plan.credential("odd").unwrap().clone()
}

async fn ask(
    credential: &Credential,
    replies: &[Reply],
) -> (Result<IssuedToken, AcquireError>, Vec<String>) {
    let replies = Mutex::new(replies.to_vec());
    let provider = Arc::new(Provider { replies, asked: Mutex::default() });
    let acquirer = Acquirer::new(provider.clone(), Arc::new(SystemClock));
    let deadline = Duration::from_secs(30);
    let attempt = Attempt { credential, sent_at: NOW, deadline, previous: None, client_secret: 0 };
    let result = acquirer.acquire(&attempt).await;
    let asked = provider.asked.lock().unwrap().clone();
    (result, asked)
}

/// What consumers find, and how long the token lives.
async fn assert_odd(
    keys: &str,
    replies: &[Reply],
    requests: &[&str],
    (found, seconds): (&str, u64),
) {
    let directory = tempfile::tempdir().unwrap();
    let credential = credential(directory.path(), keys);
    let (result, asked) = ask(&credential, replies).await;
    assert_eq!(asked, requests);
    let token = result.unwrap();
    assert_eq!(token.lifetime.duration.as_secs(), seconds);
    let scheme = credential.authorization_scheme.as_deref();
    publish(directory.path(), &credential.outputs, scheme, &token).unwrap();
    assert_eq!(fs::read_to_string(directory.path().join("out")).unwrap(), found);
}

/// Sage Intacct: a session for an XML document.
#[tokio::test]
async fn an_xml_document_buys_a_session() {
    let keys = r#"
token_endpoint: https://api.intacct.example/ia/xml/xmlgw.phtml
grant: none
client_id: sender
client_secret: "p<&>w"
client_authentication: client_secret_post
parameters: { company: 'A "B"' }
body:
  template:
    content_type: application/xml
    text: <request><id>${client_id}</id><pw>${client_secret}</pw><c n="${company}"/></request>
response:
  access_token: response.operation.result.data.api.sessionid
  expires_at: response.operation.authentication.sessiontimeout
  fields: { endpoint: response.operation.result.data.api.endpoint }
outputs: [{ template_file: { path: out, text: "${access_token} ${endpoint}" } }]"#;
    let reply = "<?xml version='1.0' encoding='UTF-8'?>\n<response><control><status>success</status>\
                 </control><operation><authentication><status>success</status><sessiontimeout>\
                 2026-09-21T16:13:20+00:00</sessiontimeout></authentication><result><data><api>\
                 <sessionid>abc-DEF.</sessionid><endpoint>https://eu.example/gw</endpoint></api>\
                 </data></result></operation></response>";
    let request = "POST https://api.intacct.example/ia/xml/xmlgw.phtml\nContent-Type: \
                   application/xml\n<request><id>sender</id><pw>p&lt;&amp;&gt;w</pw>\
                   <c n=\"A &quot;B&quot;\"/></request>";
    let found = ("abc-DEF. https://eu.example/gw", 7200);
    assert_odd(keys, &[(200, "", reply)], &[request], found).await;
}

/// SAP Business One: a JSON log-in whose session is a cookie, with a lifetime in minutes.
#[tokio::test]
async fn a_session_comes_as_a_cookie() {
    let keys = r#"
token_endpoint: https://b1.example/b1s/v1/Login
grant: none
client_authentication: none
body: json
parameters: { UserName: me, Password: s3cret, CompanyDB: DB }
response: { access_token: { cookie: B1SESSION }, expires_in: SessionTimeout, expires_in_unit: minutes, fields: { node: { cookie: ROUTEID } } }
outputs: [{ template_file: { path: out, text: "Cookie: B1SESSION=${access_token}; ROUTEID=${node}" } }]"#;
    let cookies = "Set-Cookie: B1SESSION=1a-2b; HttpOnly\nSet-Cookie: ROUTEID=.node1; path=/b1s";
    let reply = (200, cookies, r#"{"SessionId":"x","Version":"10","SessionTimeout":30}"#);
    let request = "POST https://b1.example/b1s/v1/Login\nContent-Type: application/json\n\
                   {\"CompanyDB\":\"DB\",\"Password\":\"s3cret\",\"UserName\":\"me\"}";
    assert_odd(keys, &[reply], &[request], ("Cookie: B1SESSION=1a-2b; ROUTEID=.node1", 1800)).await;
}

/// Bullhorn: OAuth first, then a log-in at an address that depends on the account.
#[tokio::test]
async fn one_token_buys_another_at_the_address_that_the_first_reply_names() {
    let keys = r#"
token_endpoint: https://auth.bullhorn.example/oauth/token
client_id: me
client_secret: s3cret
client_authentication: client_secret_post
query: { ttl: "60" }
steps:
  - take: { token: access_token, rest: restUrl }
    url: ${rest}login?version=*&access_token=${token}
    method: GET
response: { access_token: BhRestToken, token_characters: visible, lifetime: 10m, fields: { base: restUrl } }
authorization_scheme: ""
outputs: [{ template_file: { path: out, text: "BhRestToken: ${authorization} at ${base}" } }]"#;
    let first = r#"{"access_token":"a/b+c","restUrl":"https://rest9.example/services/"}"#;
    let second = r#"{"BhRestToken":"44_55|66","restUrl":"https://rest9.example/core/"}"#;
    let requests = [
        "POST https://auth.bullhorn.example/oauth/token?ttl=60\n\
         Content-Type: application/x-www-form-urlencoded\n\
         grant_type=client_credentials&client_id=me&client_secret=s3cret",
        "GET https://rest9.example/services/login?version=*&access_token=a%2Fb%2Bc",
    ];
    let found = ("BhRestToken: 44_55|66 at https://rest9.example/core/", 600);
    assert_odd(keys, &[(200, "", first), (200, "", second)], &requests, found).await;
}

/// Avanan and others: a GET whose whole body is the token.
#[tokio::test]
async fn a_get_is_answered_with_the_bare_token() {
    let keys = r#"
token_endpoint: https://api.example/v1/auth?tenant=7
grant: none
method: GET
client_authentication: none
client_id: me
headers: { x-api-key: k3y }
response: { access_token: ., lifetime: 1h }
authorization_scheme: token
outputs: [{ template_file: { path: out, text: "Authorization: ${authorization}" } }]"#;
    let request = "GET https://api.example/v1/auth?tenant=7&client_id=me\nx-api-key: k3y";
    let found = ("Authorization: token e.y.J", 3600);
    assert_odd(keys, &[(200, "", "e.y.J\n")], &[request], found).await;
}

/// Tableau: a nested log-in body, and days, hours and minutes as a lifetime.
#[tokio::test]
async fn a_lifetime_may_be_written_as_a_clock_shows_it() {
    let keys = r#"
token_endpoint: https://tableau.example/api/3.22/auth/signin
grant: none
client_id: pat
client_secret: 'a"b'
client_authentication: client_secret_post
body:
  template:
    content_type: application/json
    text: '{"credentials":{"personalAccessTokenName":"${client_id}","personalAccessTokenSecret":"${client_secret}"}}'
response: { access_token: credentials.token, expires_in: credentials.estimatedTimeToExpiration, fields: { site: credentials.site.id } }
outputs: [{ json_file: out }]"#;
    let reply = r#"{"credentials":{"site":{"id":12},"token":"T-1","estimatedTimeToExpiration":"177:05:38"}}"#;
    let request = "POST https://tableau.example/api/3.22/auth/signin\n\
                   Content-Type: application/json\n{\"credentials\":{\"personalAccessTokenName\":\
                   \"pat\",\"personalAccessTokenSecret\":\"a\\\"b\"}}";
    let found = "{\"access_token\":\"T-1\",\"expires_at\":1805313080,\"site\":\"12\",\
                 \"token_type\":\"Bearer\"}\n";
    assert_odd(keys, &[(200, "", reply)], &[request], (found, 15_313_080)).await;
}

/// What is left: a program that prints the reply.
#[tokio::test]
async fn a_program_prints_the_reply() {
    let keys = r#"
grant: command
command: [sh, -c, 'echo "{\"access_token\":\"of-$TOKENWARD_CREDENTIAL\",\"expires_in\":60,\"domain\":\"eu\"}"']
response: { fields: { domain: domain } }
outputs: [{ template_file: { path: out, text: "${authorization} ${domain}" } }]"#;
    assert_odd(keys, &[], &[], ("Bearer of-odd eu", 60)).await;
}
