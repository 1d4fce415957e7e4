//! Files that are mounted so that their changes never arrive, in the layout of the kubelet.

use std::{fs, path::Path};

use crate::{
    CONFIG, OK, Scene, assert_says,
    disks::mount_small_disk,
    own_mounts::{mount_at, with_own_mounts},
    program::{CONFIGURATION, wait_until},
    volume::Volume,
};

const FILES: [(&str, &str); 5] = [
    ("secret", "sandbox+secret/100%"),
    ("list", "a\nb\n"),
    ("ca.pem", "not looked at"),
    ("more.yaml", "credentials: {}\n"),
    ("conf.d/more.yaml", "credentials: {}\n"),
];

const SUB_PATH: &str = "is mounted with subPath: it never changes";
const WHOLE: &str = "mount the whole ConfigMap or Secret as a folder, without subPath";
const ALONE: &str = "is mounted by itself: what is written into it is seen, but not a file";

/// What kubelet and runtime do for a `subPath`: the file of the version that counts now is mounted
/// beside the volume, and from there into the container.
fn mount_sub_path(scene: &Scene, volume: &Volume, name: &str, target: &str) {
    let kept = scene.program.path(&format!("volume-subpaths-{}", target.replace('/', "-")));
    let version = fs::read_link(volume.path("..data")).unwrap();
    let source = volume.path(version.to_str().unwrap()).join(name);
    let target = scene.program.path(target);
    for place in [&kept, &target] {
        stand_in(place, source.is_dir());
    }
    mount_at(&source, &kept);
    mount_at(&kept, &target);
}

/// Something to mount on, as runtimes create it.
fn stand_in(path: &Path, is_folder: bool) {
    fs::create_dir_all(if is_folder { path } else { path.parent().unwrap() }).unwrap();
    if !is_folder && !path.exists() {
        fs::File::create(path).unwrap();
    }
}

/// The line in which a text stands first.
fn place(scene: &Scene, text: &str) -> String {
    let configuration = fs::read_to_string(scene.program.path(CONFIGURATION)).unwrap();
    let line = configuration.lines().position(|line| line.contains(text)).unwrap();
    format!("{CONFIGURATION}:{}:", line + 1)
}

#[test]
fn whatever_is_mounted_with_sub_path_is_refused_where_it_is_named() {
    with_own_mounts("subPath mounts", || {
        // A ConfigMap lies on the node's disk, a Secret on a disk of its own in memory.
        for on_disk in [true, false] {
            let scene = Scene::new();
            let folder = scene.program.path("volume");
            fs::create_dir(&folder).unwrap();
            if !on_disk {
                mount_small_disk(&folder);
            }
            let volume = Volume::new(&folder, &FILES);
            for (name, _) in &FILES[..4] {
                mount_sub_path(&scene, &volume, name, &format!("mounted/{name}"));
            }
            mount_sub_path(&scene, &volume, "conf.d", "mounted/conf.d");
            let mounted = scene.program.path("mounted");
            std::os::unix::fs::symlink(&mounted, scene.program.path("link")).unwrap();
            // Even if the version has gone since, as it does with the next one.
            volume.swap(&FILES);
            refuses_each(&scene);
        }
    });
}

fn refuses_each(scene: &Scene) {
    let one = scene.credential("one", "");
    let each = scene.credential("two", "for_each: { tenant: { file: mounted/list } }");
    let each = each.replace("two/token", "'${tenant}'");
    for (case, keys, path) in [
        ("a secret", scene.credential("one", "client_secret: { file: mounted/secret }"), "secret"),
        (
            "in a folder that is a link",
            scene.credential("one", "client_secret: { file: link/secret }"),
            "secret",
        ),
        ("authorities", scene.credential("one", "ca_file: mounted/ca.pem"), "ca.pem"),
        ("a list", each, "list"),
        ("an included file", format!("{one}include: mounted/more.yaml\n"), "more.yaml"),
        ("an included folder", format!("{one}include: mounted/conf.d/*.yaml\n"), "conf.d"),
    ] {
        scene.program.configure(&format!("credentials:\n{keys}"));
        let named = if path == "conf.d" { String::new() } else { place(scene, path) };
        let says = format!("/{path} {SUB_PATH}");
        for verb in ["check", "once", "run"] {
            let case = format!("{case}: {verb}");
            assert_says(&case, &scene.program.verb(&[verb]), CONFIG, &[&says, WHOLE, &named]);
        }
        scene.nothing_is_lost(case);
    }
}

#[test]
fn a_configuration_that_is_mounted_with_sub_path_is_refused() {
    with_own_mounts("subPath mounts", || {
        let scene = Scene::new();
        scene.configure("");
        let text = fs::read_to_string(scene.program.path(CONFIGURATION)).unwrap();
        let volume = Volume::new(&scene.program.path("volume"), &[(CONFIGURATION, &text)]);
        mount_sub_path(&scene, &volume, CONFIGURATION, CONFIGURATION);
        let says = format!("{CONFIGURATION} {SUB_PATH}");
        assert_says("run", &scene.program.verb(&["run"]), CONFIG, &[&says, WHOLE]);
        assert_says("syntax", &scene.program.verb(&["check", "--syntax"]), OK, &[]);
    });
}

#[test]
fn a_whole_volume_is_as_good_as_any_folder() {
    with_own_mounts("whole volumes", || {
        let scene = Scene::new();
        let volume = Volume::new(&scene.program.path("volume"), &FILES);
        stand_in(&scene.program.path("mounted"), true);
        mount_at(&volume.path(""), &scene.program.path("mounted"));
        scene.configure("client_secret: { file: mounted/secret }");
        let ended = scene.program.verb(&["check"]);
        assert_says("a whole volume", &ended, OK, &[]);
        assert!(!ended.text.contains("mounted "), "{}", ended.text);
    });
}

#[test]
fn a_file_that_is_mounted_by_itself_is_warned_of() {
    with_own_mounts("single files", || {
        let scene = Scene::new();
        stand_in(&scene.program.path("mounted/secret"), false);
        mount_at(&scene.program.path("secret"), &scene.program.path("mounted/secret"));
        scene.configure("client_secret: { file: mounted/secret }");
        let named = place(&scene, "mounted/secret");
        let says = format!("mounted/secret {ALONE}");
        assert_says("check", &scene.program.verb(&["check"]), OK, &[&says, &named]);
        assert_says("once", &scene.program.verb(&["once"]), OK, &[&says]);
    });
}

#[test]
fn a_reload_with_sub_path_is_refused_and_the_old_plan_stays() {
    with_own_mounts("subPath mounts", || {
        let scene = Scene::new();
        let volume = Volume::new(&scene.program.path("volume"), &FILES);
        mount_sub_path(&scene, &volume, "secret", "mounted/secret");
        let daemon = scene.program.run("log", scene.program.command(&["run"]));
        wait_until("the start", || daemon.log().contains("started"), || daemon.log());
        scene.configure("client_secret: { file: mounted/secret }");
        let refused = || daemon.log().contains("configuration refused");
        wait_until("the refusal", refused, || daemon.log());
        assert_says("run", &daemon.terminate(), OK, &[SUB_PATH]);
        scene.nothing_is_lost("a reload");
    });
}
