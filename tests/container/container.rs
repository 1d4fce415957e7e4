//! A container that runs.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
};

use serde_json::{Value, json};

use crate::{
    node::{Node, text},
    wait::until_some,
    write::write,
};

/// What is to run, and as whom.
pub struct Plan {
    pub name: String,
    pub command: Vec<String>,
    pub environment: Vec<String>,
    pub user: u32,
    /// Where it is in the container, where it is here, and whether it can be written to.
    pub mounts: Vec<(&'static str, PathBuf, bool)>,
    pub memory: Option<u64>,
}

/// Runs until it is dropped, if it does not end before.
pub struct Container<'a> {
    node: &'a Node,
    name: String,
    client: Child,
    log: PathBuf,
    /// Its first process, seen from here.
    pub process: String,
}

/// How a container ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    /// Everything that it printed.
    pub text: String,
}

impl<'a> Container<'a> {
    pub fn start(node: &'a Node, plan: &Plan) -> Self {
        let file = |ending: &str| node.folder.join(format!("{}.{ending}", plan.name));
        let [specification, process, log] = ["json", "pid", "log"].map(file);
        write(&specification, specified(node, plan).to_string());
        let output = File::create(&log).unwrap();
        let mut client = node
            .client()
            .args(["run", "--rm", "--runc-root", text(&node.folder.join("runc"))])
            .args(["--config", text(&specification), "--pid-file", text(&process), &plan.name])
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let process = until_some(&format!("a container: see {}", log.display()), || {
            let ended = client.try_wait().unwrap().filter(|status| !status.success());
            assert!(ended.is_none(), "{}", fs::read_to_string(&log).unwrap());
            fs::read_to_string(&process).ok().filter(|text| !text.is_empty())
        });
        Self { node, name: plan.name.clone(), client, log, process }
    }

    /// A line of its first process's status, such as `VmRSS`.
    pub fn status(&self, field: &str) -> String {
        let path = format!("/proc/{}/status", self.process);
        let status = fs::read_to_string(&path).unwrap();
        let mut lines = status.lines();
        let value = lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        value.unwrap_or_else(|| panic!("{path} has no {field}")).trim().to_owned()
    }

    pub fn runs(&self) -> bool {
        Path::new("/proc").join(&self.process).exists()
    }

    /// Whether a command in it succeeds, as kubelet asks a probe.
    pub fn does(&self, command: &[&str]) -> bool {
        let execute = ["tasks", "exec", "--exec-id", "probe", &self.name];
        self.node.ctr(&[&execute, command].concat()).status.success()
    }

    pub fn signal(&self, name: &str) {
        self.node.ctr(&["tasks", "kill", "--signal", name, &self.name]);
    }

    /// Everything that it has printed.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> Ended {
        let mut status: Option<ExitStatus> = None;
        until_some(&format!("the end of {}", self.name), || {
            status = self.client.try_wait().unwrap();
            status
        });
        Ended { code: status.and_then(|status| status.code()), text: self.said() }
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        if self.client.try_wait().is_ok_and(|status| status.is_none()) {
            self.signal("SIGKILL");
            self.client.wait().ok();
        }
    }
}

/// What kubelet makes of a security context: containerd's own container, with another user, a root
/// that is read-only, no capability, and the network of the pod, which here is that of the machine.
fn specified(node: &Node, plan: &Plan) -> Value {
    let mut made = node.specification.clone();
    made["root"] = json!({ "path": node.root(&plan.name), "readonly": true });
    let process = &mut made["process"];
    process["user"] = json!({ "uid": plan.user, "gid": plan.user, "additionalGids": [65532] });
    process["args"] = json!(plan.command);
    process["env"] = json!(plan.environment);
    process["capabilities"] = json!({});
    let mounts = made["mounts"].as_array_mut().unwrap();
    // In a pod /run is the image's own.
    mounts.retain(|mount| mount["destination"] != "/run");
    mounts.extend(plan.mounts.iter().map(|(to, from, writable)| {
        let access = if *writable { "rw" } else { "ro" };
        json!({ "destination": to, "type": "bind", "source": from, "options": ["rbind", access] })
    }));
    let linux = &mut made["linux"];
    linux["namespaces"].as_array_mut().unwrap().retain(|one| one["type"] != "network");
    linux["cgroupsPath"] = json!(format!("/tokenward-{}/{}", std::process::id(), plan.name));
    if let Some(bytes) = plan.memory {
        linux["resources"]["memory"] = json!({ "limit": bytes });
    }
    made
}
