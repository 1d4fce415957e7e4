//! The chart in use: a release of it, the rights of its pods, and a chart that has it as a part.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use super::{
    Case, chart,
    helm::{helm, render},
};
use crate::{
    cluster::{Cluster, beside},
    manifests::{complaint, define_pod_monitors},
    namespace::Namespace,
};

/// A release in a namespace of its own.
struct Release {
    namespace: Namespace,
}

impl Release {
    fn new(cluster: &'static Cluster, namespace: &'static str) -> Self {
        define_pod_monitors(cluster);
        Self { namespace: Namespace::restricted(cluster, namespace) }
    }

    /// Runs a verb of helm for the release, which has the chart's own name.
    fn helm(&self, verb: &str, more: &[&str]) -> String {
        let words = [verb, "tokenward", "--namespace", self.namespace.name];
        helm(self.namespace.cluster, &[&words, more].concat()).unwrap()
    }

    /// Installs it, or brings it up to date, with a file of values.
    fn apply(&self, values: &str) -> String {
        let values = chart().join("ci").join(values).display().to_string();
        let chart = chart().display().to_string();
        self.helm("upgrade", &["--install", &chart, "--reset-values", "--values", &values])
    }

    /// The name of everything in the namespace.
    fn objects(&self) -> BTreeSet<String> {
        let listed = ["api-resources", "--namespaced", "--verbs=list", "--output=name"];
        let kinds = self.namespace.kubectl(&listed, "").unwrap();
        let kinds = kinds.lines().collect::<Vec<_>>().join(",");
        let found = self.namespace.kubectl(&["get", &kinds, "--output=name"], "").unwrap();
        found.lines().map(str::to_owned).collect()
    }

    /// Whether the pods of the release are allowed to do this.
    fn may(&self, words: &[&str], input: &str) -> Result<String, String> {
        let account = format!("--as=system:serviceaccount:{}:tokenward", self.namespace.name);
        self.namespace.kubectl(&[words, &[account.as_str()]].concat(), input)
    }
}

#[test]
fn a_release_leaves_nothing_behind() {
    let Some(cluster) = Cluster::shared("a release of the chart") else { return };
    let release = Release::new(cluster, "release");
    let before = release.objects();
    release.apply("everything-values.yaml");
    assert!(release.objects().contains("deployment.apps/tokenward-keeper"));
    let notes = release.apply("secrets-values.yaml");
    assert!(
        notes.contains("kubectl --namespace release create secret generic tokenward"),
        "{notes}"
    );
    let objects = release.objects();
    assert!(objects.contains("deployment.apps/tokenward"), "{objects:?}");
    assert!(!objects.contains("deployment.apps/tokenward-keeper"), "{objects:?}");
    // From one strategy to the other, without what belongs to the first only.
    let config = "config=version: 1,podMonitor.enabled=false,replicas=1";
    release.helm("upgrade", &[&chart().display().to_string(), "--reuse-values", "--set", config]);
    release.helm("uninstall", &[]);
    assert_eq!(release.objects(), before);
}

#[test]
fn pods_may_fill_their_secrets_and_touch_no_other() {
    let Some(cluster) = Cluster::shared("the rights of a release") else { return };
    let release = Release::new(cluster, "rights");
    release.apply("secrets-values.yaml");
    let apply = ["apply", "--server-side", "--field-manager=tokenward", "--filename=-"];
    let secret = |name: &str, value: &str| {
        let metadata = format!("metadata: {{ name: {name} }}");
        format!("apiVersion: v1\nkind: Secret\n{metadata}\nstringData: {{ token: {value} }}\n")
    };
    let lease = |name| {
        let (group, metadata) = ("coordination.k8s.io/v1", json!({ "name": name }));
        json!({ "apiVersion": group, "kind": "Lease", "metadata": metadata }).to_string()
    };
    let [own_lease, other_lease] = ["tokenward", "other"].map(lease);
    // As the daemon does: what is put in its place by name need not be there yet.
    let put =
        |name: &str| format!("--raw=/apis/coordination.k8s.io/v1/namespaces/rights/leases/{name}");
    let [put_own, put_other] = ["tokenward", "other"].map(put);
    for (name, words, input, is_allowed) in [
        ("create its Secret", &apply[..], secret("reports-token", "one"), true),
        ("replace its Secret", &apply, secret("reports-token", "two"), true),
        ("read its Secret", &["get", "secret", "reports-token"], String::new(), true),
        ("create another", &apply, secret("other", "one"), false),
        ("read another", &["get", "secret", "other"], String::new(), false),
        ("look for others", &["get", "secrets"], String::new(), false),
        ("remove its Secret", &["delete", "secret", "reports-token"], String::new(), false),
        ("create its Lease", &["replace", &put_own, "--filename=-"], own_lease.clone(), true),
        ("renew its Lease", &["replace", "--filename=-"], own_lease, true),
        ("create another Lease", &["replace", &put_other, "--filename=-"], other_lease, false),
        ("read another Lease", &["get", "lease", "other"], String::new(), false),
        ("remove its Lease", &["delete", "lease", "tokenward"], String::new(), false),
        ("read a ConfigMap", &["get", "configmap", "tokenward"], String::new(), false),
    ] {
        let answer = release.may(words, &input);
        match answer {
            Ok(_) => assert!(is_allowed, "{name}"),
            Err(why) => assert!(!is_allowed && why.contains("orbidden"), "{name}: {why}"),
        }
    }
}

/// The Role follows the name that the configuration gives the Lease; without one there is no rule.
#[test]
fn the_role_names_the_lease() {
    let Some(cluster) = Cluster::shared("the Lease in the chart") else { return };
    for (configuration, lease) in [
        ("kubernetes_lease: true", Some("tokenward")),
        ("kubernetes_lease: \"true\"", Some("tokenward")),
        ("kubernetes_lease: reports", Some("reports")),
        ("kubernetes_lease: false", None),
        ("version: 1", None),
    ] {
        let values = format!("config={configuration},rbac.secrets={{one,two}}");
        let case = Case { name: configuration.into(), arguments: vec!["--set".into(), values] };
        let text = render(cluster, &case, &["--show-only", "templates/rbac.yaml"]).unwrap();
        let role: Value = serde_yaml::from_str(text.split("\n---").next().unwrap()).unwrap();
        let rules = role["rules"].as_array().unwrap();
        assert_eq!(rules[0]["resourceNames"], json!(["one", "two"]), "{configuration}");
        let named = rules.get(1).map(|rule| rule["resourceNames"][0].as_str().unwrap());
        assert_eq!(named, lease, "{configuration}");
    }
}

#[test]
fn the_chart_of_an_application_gets_a_native_sidecar() {
    let Some(cluster) = Cluster::shared("a chart with a sidecar") else { return };
    let namespace = Namespace::restricted(cluster, "application");
    let folder = tempfile::tempdir().unwrap();
    let application = application(folder.path(), cluster);
    helm(cluster, &["lint", "--strict", &application]).unwrap();
    let template = |more: &[&str]| {
        let words = ["template", "reports", &application, "--namespace", namespace.name];
        helm(cluster, &[&words, more].concat()).unwrap()
    };
    let whole = template(&[]);
    assert_eq!(complaint(&namespace, &whole), None);
    let kinds: Vec<_> = whole.lines().filter(|line| line.starts_with("kind: ")).collect();
    assert_eq!(kinds, ["kind: ConfigMap", "kind: Deployment"], "nothing else of ours");

    let deployment = template(&["--show-only", "templates/deployment.yaml"]);
    let deployment: Value = serde_yaml::from_str(&deployment).unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let sidecar = &pod["initContainers"][0];
    assert_eq!(sidecar["restartPolicy"], "Always");
    assert_eq!(sidecar["startupProbe"]["httpGet"]["path"], "/ready");
    assert_eq!(sidecar["livenessProbe"]["httpGet"]["path"], "/live");
    assert_eq!(pod["volumes"][0]["configMap"]["name"], "reports-tokenward");
    let names = |list: &Value| -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|one| one["name"].to_string()).collect()
    };
    assert_eq!(names(&pod["volumes"]), names(&sidecar["volumeMounts"]));
}

/// The chart of an application in a folder of its own, with ours as its part.
fn application(folder: &Path, cluster: &Cluster) -> String {
    for (from, name) in [(beside("application"), "application"), (chart(), "tokenward")] {
        copy(&from, &folder.join(name));
    }
    let application = folder.join("application").display().to_string();
    helm(cluster, &["dependency", "build", &application]).unwrap();
    application
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let [from, to] = [entry.path(), to.join(entry.file_name())];
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
