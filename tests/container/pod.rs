//! A pod with the sidecar: its volumes as kubelet makes them, and its containers.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, chown},
    path::PathBuf,
};

use crate::{
    container::{Container, Plan},
    node::Node,
    projected::Projected,
    provider::{Provider, SECRET},
    wait::until_some,
    write::write,
};

/// The group of the volumes (`fsGroup`), and the sidecar's user.
pub const GROUP: u32 = 65532;
/// The application's user.
const APPLICATION: u32 = 1000;
const MEMORY: u64 = 32 << 20;

pub struct Pod<'a> {
    node: &'a Node,
    name: &'static str,
    pub provider: Provider,
    /// Where the sidecar listens.
    pub port: u16,
    pub tokens: PathBuf,
    state: PathBuf,
    pub configuration: Projected,
    pub secrets: Projected,
    hosts: PathBuf,
}

impl<'a> Pod<'a> {
    /// Its secret is right and its configuration has no credential.
    pub fn new(node: &'a Node, name: &'static str) -> Self {
        let volume = |kind: &str| node.folder.join(format!("{name}.{kind}"));
        let empty_dir = |kind: &str| {
            let path = node.memory(&format!("{name}.{kind}"));
            chown(&path, None, Some(GROUP)).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o2777)).unwrap();
            path
        };
        let hosts = volume("hosts");
        write(&hosts, "127.0.0.1 localhost provider\n");
        let pod = Self {
            node,
            name,
            provider: Provider::start(),
            port: free_port(),
            tokens: empty_dir("tokens"),
            state: empty_dir("state"),
            configuration: Projected::new(volume("config"), 0o644),
            secrets: Projected::new(volume("secrets"), 0o440),
            hosts,
        };
        pod.secrets.put("sandbox", SECRET);
        pod
    }

    /// The `ConfigMap`: credentials of these names, each with further keys.
    pub fn configure(&self, credentials: &[(&str, &str)]) {
        let (port, provider) = (self.port, self.provider.port);
        let credentials = credentials.iter().map(|(name, keys)| {
            format!(
                r"
  {name}:
    token_endpoint: http://provider:{provider}/plain/token
    allow_insecure: true
    grant: client_credentials
    client_authentication: client_secret_basic
    client_id: sandbox-client
    client_secret: {{ file: /var/run/secrets/tokenward/sandbox }}
    {keys}"
            )
        });
        let credentials: String = credentials.collect();
        let text = format!(
            "version: 1\nlisten: 0.0.0.0:{port}\nlimits: {{ endpoint_requests_per_second: 100 }}\n\
             credentials:{credentials}\n"
        );
        self.configuration.put("config.yaml", &text);
    }

    /// The sidecar, with the verb of the image or another one.
    pub fn sidecar(&self, verb: Option<&str>) -> Container<'a> {
        let image = &self.node.image;
        assert_eq!(image.says("USER"), format!("{GROUP}:{GROUP}"));
        let mut command = image.list("ENTRYPOINT");
        command.extend(verb.map_or_else(|| image.list("CMD"), |verb| vec![verb.to_owned()]));
        let plan = Plan {
            name: format!("{}-sidecar", self.name),
            command,
            environment: image.says("ENV").split(' ').map(str::to_owned).collect(),
            user: GROUP,
            mounts: vec![
                ("/run/tokenward", self.tokens.clone(), true),
                ("/var/lib/tokenward", self.state.clone(), true),
                ("/etc/tokenward", self.configuration.path.clone(), false),
                ("/var/run/secrets/tokenward", self.secrets.path.clone(), false),
                ("/etc/hosts", self.hosts.clone(), false),
            ],
            memory: Some(MEMORY),
        };
        Container::start(self.node, &plan)
    }

    /// The application: another user, who can only read. Its program is this one, with the
    /// libraries of this machine.
    pub fn application(&self, environment: (&str, &str)) -> Container<'a> {
        let plan = Plan {
            name: format!("{}-application", self.name),
            command: [
                "/application",
                "--exact",
                "a_pod_has_what_the_image_promises",
                "--nocapture",
            ]
            .map(str::to_owned)
            .into(),
            environment: vec![format!("{}={}", environment.0, environment.1)],
            user: APPLICATION,
            mounts: vec![
                ("/application", std::env::current_exe().unwrap(), false),
                ("/lib", fs::canonicalize("/lib").unwrap(), false),
                ("/lib64", fs::canonicalize("/lib64").unwrap(), false),
                ("/run/tokenward", self.tokens.clone(), false),
            ],
            memory: None,
        };
        Container::start(self.node, &plan)
    }

    /// The first token of a credential, for which the sidecar must run.
    pub fn token(&self, sidecar: &Container<'_>, credential: &str) -> String {
        let path = self.tokens.join(credential).join("token");
        until_some(&format!("{}", path.display()), || {
            assert!(sidecar.runs(), "{}", sidecar.said());
            fs::read_to_string(&path).ok()
        })
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
