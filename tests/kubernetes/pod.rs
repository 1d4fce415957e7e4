//! What a kubelet gives a process in a pod: a service account, in the place where it is looked for.

use std::{fs, process::Command};

use nix::mount::{MsFlags, mount};

use crate::{
    disks::mount_small_disk,
    namespace::Namespace,
    own_mounts::with_own_mounts,
    program::{Daemon, Ended, Program},
    volume::Volume,
};

/// Where a client in a pod looks, whatever it is written in.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A pod that exists for the API server, and the files of the program that runs in it.
pub struct Pod<'a> {
    pub program: Program,
    namespace: &'a Namespace,
    name: &'a str,
    service_account: &'a str,
    volume: Volume,
}

impl<'a> Pod<'a> {
    /// Makes it, with a token of this service account, which must exist when it is used.
    pub fn new(namespace: &'a Namespace, name: &'a str, service_account: &'a str) -> Self {
        let program = Program::new();
        let volume = Volume::new(&program.path("service-account"), &[]);
        let pod = Self { program, namespace, name, service_account, volume };
        pod.project_token();
        pod
    }

    /// The token that the service account has now.
    pub fn token(&self) -> String {
        fs::read_to_string(self.volume.path("token")).unwrap()
    }

    /// Replaces the token in the volume. It is bound to a pod that has taken this one's place, so
    /// the token before is refused from then on, except that the API server remembers for 10 s
    /// what it has found to be good.
    pub fn renew_token(&self) {
        self.namespace.kubectl(&["delete", "pod", self.name], "").unwrap();
        self.project_token();
    }

    /// The files of the volume that the kubelet mounts into each container.
    fn project_token(&self) {
        let token = token(self.namespace, self.name, self.service_account);
        let authority = self.namespace.cluster.authority();
        let namespace = ("namespace", self.namespace.name);
        self.volume.swap(&[("token", &token), ("ca.crt", &authority), namespace]);
    }

    /// A verb of the program, with the surroundings of a pod; for [`Pod::run`] or [`Pod::inside`].
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        self.surround(&mut command);
        command
    }

    /// Tells a program where the API server is, as the kubelet does.
    pub fn surround(&self, command: &mut Command) {
        command
            .env("KUBERNETES_SERVICE_HOST", "127.0.0.1")
            .env("KUBERNETES_SERVICE_PORT", self.namespace.cluster.port().to_string());
    }

    /// Starts the daemon in the pod; its output goes to the file `log` in the program's folder.
    pub fn run(&self, log: &str, command: Command) -> Daemon {
        self.inside(|| self.program.run(log, command))
    }

    /// Runs a verb to its end in the pod.
    pub fn verb(&self, arguments: &[&str]) -> Ended {
        self.inside(|| self.command(arguments).output().unwrap().into())
    }

    /// What is started by `start` finds the service account in its place. `/run` is otherwise
    /// empty for it; on this machine that may have no folder to mount the account on.
    pub fn inside<T: Send>(&self, start: impl FnOnce() -> T + Send) -> T {
        let mut started = None;
        with_own_mounts("a pod", || {
            mount_small_disk("/var/run".as_ref());
            fs::create_dir_all(SERVICE_ACCOUNT).unwrap();
            let account = self.volume.path("");
            mount(Some(&account), SERVICE_ACCOUNT, None::<&str>, MsFlags::MS_BIND, None::<&str>)
                .unwrap();
            started = Some(start());
        });
        started.expect("root may make mounts")
    }
}

/// A token of the service account, bound to a new pod of this name.
fn token(namespace: &Namespace, pod: &str, service_account: &str) -> String {
    namespace.apply(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: {pod} }}\nspec:\n  \
         serviceAccountName: {service_account}\n  \
         containers: [{{ name: tokenward, image: tokenward }}]\n"
    ));
    let bound = format!("--bound-object-name={pod}");
    let create = ["create", "token", service_account, "--bound-object-kind=Pod", &bound];
    namespace.kubectl(&create, "").unwrap().trim_end().to_owned()
}
