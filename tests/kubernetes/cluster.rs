//! An API server on loopback, and the administrator's way to it.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use nix::unistd::geteuid;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::{left_out::left_out, output::output, program::wait_until, write::write};

/// Of the administrator, who may do everything. Nobody else ever sees this API server.
const ADMIN_TOKEN: &str = "admin-token";

/// An API server with an etcd of its own. Both end with this process, because its end closes the
/// pipe to `serve`.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    _serve: Child,
}

impl Cluster {
    /// The one that all tests share: it takes a quarter of a gigabyte. Without what it needs, it is
    /// said that `what` is left out.
    pub fn shared(what: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        if let Some(why) = missing() {
            left_out(what, why);
            return None;
        }
        Some(SHARED.get_or_init(Self::start))
    }

    fn start() -> Self {
        let folder = tempfile::tempdir().map(TempDir::keep).unwrap();
        let [etcd_port, port] = free_ports();
        write_identities(&folder);
        write(&folder.join("kubeconfig"), kubeconfig(&folder, port));
        let serve = Command::new(beside("serve"))
            .arg(&folder)
            .args([etcd_port, port].map(|port| port.to_string()))
            // What interrupts the tests must leave it the time to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let cluster = Self { folder, port, _serve: serve };
        let is_ready = || cluster.kubectl(&["get", "--raw=/readyz"], "").is_ok();
        wait_until("the API server", is_ready, || cluster.log());
        cluster
    }

    /// Where it listens on loopback, with TLS.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that signed that of the API server.
    pub fn authority(&self) -> String {
        fs::read_to_string(self.folder.join("ca.crt")).unwrap()
    }

    /// Runs kubectl as the administrator: what it prints, or what it complains of.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = kubectl();
        self.introduce(command.args(arguments));
        output(&mut command, input)
    }

    /// Has a client come as the administrator. What it learns of the API it keeps in its home.
    pub fn introduce(&self, command: &mut Command) {
        command.env("KUBECONFIG", self.folder.join("kubeconfig")).env("HOME", &self.folder);
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("kube-apiserver.log")).unwrap_or_default()
    }
}

/// A file in the folder of these tests.
pub fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubernetes").join(name)
}

/// The client of the API server's own version.
pub fn kubectl() -> Command {
    Command::new(beside(".bed/kubectl"))
}

fn missing() -> Option<&'static str> {
    if !geteuid().is_root() {
        Some("the mounts of a pod need root")
    } else if !beside(".bed/stamp").exists() {
        Some("tests/kubernetes/setup builds the API server")
    } else {
        None
    }
}

/// Ports that are free now.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Who the API server is, who signs for service accounts, and who the administrator is.
fn write_identities(folder: &Path) {
    let mut authority = parameters("authority.example");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    write(&folder.join("ca.crt"), authority.pem());

    let key = KeyPair::generate().unwrap();
    let certificate = parameters("127.0.0.1").signed_by(&key, &authority).unwrap();
    write(&folder.join("server.crt"), certificate.pem());
    write(&folder.join("server.key"), key.serialize_pem());

    let accounts = KeyPair::generate().unwrap();
    write(&folder.join("accounts.key"), accounts.serialize_pem());
    write(&folder.join("accounts.pub"), accounts.public_key_pem());

    write(&folder.join("tokens.csv"), format!("{ADMIN_TOKEN},admin,admin,system:masters\n"));
}

/// With a subject of its own: one whose subject is its issuer is taken for self-signed.
fn parameters(host: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, host);
    parameters
}

fn kubeconfig(folder: &Path, port: u16) -> String {
    let cluster = json!({
        "server": format!("https://127.0.0.1:{port}"),
        "certificate-authority": folder.join("ca.crt"),
    });
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "bed", "cluster": cluster }],
        "users": [{ "name": "admin", "user": { "token": ADMIN_TOKEN } }],
        "contexts": [{ "name": "bed", "context": { "cluster": "bed", "user": "admin" } }],
        "current-context": "bed",
    })
    .to_string()
}
