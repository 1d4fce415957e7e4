//! A machine with the package, a configuration, and a provider to ask.

use std::{cell::RefCell, collections::BTreeSet, fs, path::PathBuf};

use crate::{
    machine::Machine,
    package::Package,
    provider::{Provider, SECRET},
    wait::{until, until_some},
};

pub const CONFIGURATION: &str = "/etc/tokenward/config.yaml";

/// What the checks share.
pub struct Site {
    pub machine: Machine,
    pub package: Package,
    provider: Option<Provider>,
    tokens: RefCell<BTreeSet<String>>,
}

impl Site {
    /// Nothing is installed, and nobody answers.
    pub fn new(machine: Machine, package: Package) -> Self {
        Self { machine, package, provider: None, tokens: RefCell::default() }
    }

    /// From now on somebody answers, unless that was so before.
    pub fn provide(&mut self) {
        if self.provider.is_none() {
            self.provider = Some(Provider::start(&self.machine));
        }
    }

    /// Runs what must send no request.
    pub fn without_request(&self, act: impl FnOnce(&Machine)) {
        let requests = || self.provider.as_ref().map(Provider::requests);
        let before = requests();
        act(&self.machine);
        assert_eq!(requests(), before, "requests");
    }

    /// Replaces the configuration: one credential, `app`, with this scope.
    pub fn configure(&self, scope: &str) {
        self.machine.write(CONFIGURATION, &configuration(scope));
    }

    /// Gives the service its secret as a systemd credential: a file that only root reads.
    pub fn give_secret(&self, unit: &str) {
        self.machine.write("/etc/credstore/sandbox", SECRET);
        self.machine.shell("chmod 0600 /etc/credstore/sandbox");
        self.drop_in(unit, "secret", "LoadCredential=sandbox:/etc/credstore/sandbox");
    }

    /// A drop-in for a unit, in its section `Service`.
    pub fn drop_in(&self, unit: &str, name: &str, lines: &str) {
        let path = format!("/etc/systemd/system/{unit}.d/{name}.conf");
        self.machine.write(&path, &format!("[Service]\n{lines}\n"));
        self.machine.shell("systemctl daemon-reload");
    }

    /// The same, until what is given back is dropped, so that a check that fails harms no other.
    pub fn drop_in_for_now(&self, unit: &str, name: &str, lines: &str) -> impl Drop + use<> {
        self.drop_in(unit, name, lines);
        Removed(self.machine.path(&format!("/etc/systemd/system/{unit}.d/{name}.conf")))
    }

    /// The published token, which there must be.
    pub fn token(&self) -> String {
        let token = self.machine.read("/run/tokenward/app/token").expect("a token is published");
        self.tokens.borrow_mut().insert(token.clone());
        token
    }

    /// Every token that a check has seen.
    pub fn seen(&self) -> BTreeSet<String> {
        self.tokens.borrow().clone()
    }

    /// Asks for another token by another scope, and waits for it.
    pub fn renew(&self, scope: &str) -> String {
        let old = self.token();
        self.configure(scope);
        self.machine.shell("systemctl reload tokenward");
        until_some("another token", || Some(self.token()).filter(|token| *token != old))
    }

    /// Restarts the service. The checks do it more often than its start limit allows.
    pub fn restart(&self) {
        self.machine.shell("systemctl reset-failed tokenward && systemctl restart tokenward");
    }

    /// Waits until the service has become active in another process than `old`.
    pub fn wait_for_another_process(&self, old: &str) {
        until("another process of the service", || {
            let machine = &self.machine;
            machine.property("tokenward", "MainPID") != old
                && machine.does("systemctl --quiet is-active tokenward")
        });
    }
}

/// A file that is removed when this is dropped.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

/// The same for every instance: the directories are those of its unit.
pub fn configuration(scope: &str) -> String {
    format!(
        r#"version: 1
credentials:
  app:
    token_endpoint: http://127.0.0.1:9466/plain/token
    grant: client_credentials
    client_authentication: client_secret_basic
    client_id: sandbox-client
    client_secret: {{ systemd_credential: sandbox }}
    scope: [{scope}]
    refresh: {{ min_interval: 1s }}
    outputs: [ {{ token_file: {{ path: app/token, mode: "0640" }} }} ]
"#
    )
}
