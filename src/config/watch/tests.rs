//! On real folders, with real events; nothing here waits longer than a change takes.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::*;

/// Long enough for a slow machine; a test that passes never waits for it.
const DEADLINE: Duration = Duration::from_secs(20);

/// Long enough for an event to be looked at, and reported if it were a change.
const LONGER_THAN_A_LOOK: Duration = Duration::from_millis(600);

/// Something that is done to a file.
type Change = fn(&Path);

#[expect(clippy::disallowed_methods, reason = "a file of a test is no output")]
fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
}

fn rename_save(path: &Path, text: &str) {
    let new = path.with_extension("new");
    write(&new, text);
    fs::rename(new, path).expect("a rename");
}

fn watch(paths: &[&Path]) -> Watch {
    let (watch, error) = Watch::new(paths.iter().map(|path| path.to_path_buf()));
    assert!(error.is_none(), "{error:?}");
    watch
}

async fn reports(watch: &mut Watch) -> bool {
    timeout(DEADLINE, watch.changed()).await.is_ok()
}

async fn stays_silent(watch: &mut Watch) -> bool {
    timeout(LONGER_THAN_A_LOOK, watch.changed()).await.is_err()
}

#[tokio::test]
async fn every_way_to_change_a_file_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.yaml");
    write(&file, "0");
    let mut watch = watch(&[&file]);
    let changes: [(&str, Change); 6] = [
        ("in place", |file| write(file, "1")),
        ("in place, of the same size", |file| write(file, "2")),
        ("rename-save", |file| rename_save(file, "3")),
        ("rename-save again", |file| rename_save(file, "4")),
        ("delete", |file| fs::remove_file(file).expect("a file")),
        ("create again", |file| write(file, "5")),
    ];
    for (name, change) in changes {
        change(&file);
        assert!(reports(&mut watch).await, "{name}");
    }
}

#[tokio::test]
async fn what_leaves_the_content_alone_is_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.yaml");
    write(&file, "same");
    let mut watch = watch(&[&file]);
    write(&file, "same");
    rename_save(&file, "same");
    write(&folder.path().join("output of ours"), "token");
    assert!(stays_silent(&mut watch).await);
    write(&file, "other");
    assert!(reports(&mut watch).await, "and it still listens");
}

/// As the kubelet does it: each version is a folder, and `..data` a link to the one that counts.
fn swap(folder: &Path, version: u32) {
    let data = folder.join(format!("..v{version}"));
    fs::create_dir(&data).expect("a folder");
    write(&data.join("config.yaml"), &version.to_string());
    let link = folder.join("..data_tmp");
    symlink(format!("..v{version}"), &link).expect("a link");
    fs::rename(link, folder.join("..data")).expect("a rename");
    match version.checked_sub(1) {
        Some(before @ 1..) => fs::remove_dir_all(folder.join(format!("..v{before}"))),
        _ => symlink("..data/config.yaml", folder.join("config.yaml")),
    }
    .expect("the rest");
}

#[tokio::test]
async fn the_data_swap_of_kubernetes_is_noticed_each_time() {
    let folder = tempfile::tempdir().expect("a folder");
    swap(folder.path(), 1);
    let mut watch = watch(&[&folder.path().join("config.yaml")]);
    for version in 2..=4 {
        swap(folder.path(), version);
        assert!(reports(&mut watch).await, "swap to {version}");
    }
}

/// In virtual time, which leaps ahead of every event: none is heard.
#[tokio::test(start_paused = true)]
async fn without_an_event_a_swap_is_noticed_within_a_minute() {
    for (case, can_hear) in [("none is heard", true), ("none can be had", false)] {
        let folder = tempfile::tempdir().expect("a folder");
        swap(folder.path(), 1);
        let mut watch = watch(&[&folder.path().join("config.yaml")]);
        if !can_hear {
            watch.events = None;
        }
        for version in 2..=4 {
            swap(folder.path(), version);
            let minute = timeout(Duration::from_secs(60), watch.changed()).await;
            assert!(minute.is_ok(), "{case}, swap to {version}");
        }
    }
}

#[tokio::test]
async fn a_file_may_appear_in_a_watched_folder_or_in_one_that_is_not_there_yet() {
    let folder = tempfile::tempdir().expect("a folder");
    let included = folder.path().join("conf.d");
    fs::create_dir(&included).expect("a folder");
    let later = folder.path().join("a/b/secret");
    let mut watch = watch(&[&included, &later]);
    write(&included.join("new.yaml"), "credentials: {}");
    assert!(reports(&mut watch).await, "a new file in the folder");
    fs::create_dir_all(folder.path().join("a/b")).expect("a folder");
    assert!(stays_silent(&mut watch).await, "a folder alone is no secret");
    write(&later, "secret");
    assert!(reports(&mut watch).await, "the secret appears");
}

#[tokio::test]
async fn a_dropped_wait_loses_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.yaml");
    write(&file, "0");
    let mut watch = watch(&[&file]);
    write(&file, "1");
    // Dropped in the quiet time, when the event has been taken already.
    assert!(timeout(QUIET / 2, watch.changed()).await.is_err());
    assert!(reports(&mut watch).await);
}
