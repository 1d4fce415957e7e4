use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use nix::unistd::geteuid;

use super::*;
use crate::{
    atomic::Directory,
    clock::{BootTime, WallTime},
    credential::fixture,
    token::RefreshToken,
};

fn now(seconds: i64) -> Now {
    let boot = BootTime::from_millis(u64::try_from(seconds).expect("seconds") * 1000);
    Now { wall: WallTime::from_seconds(seconds), boot }
}

fn token(refresh_token: &str, requested_at: i64) -> IssuedToken {
    IssuedToken {
        refresh_token: Some(RefreshToken {
            value: refresh_token.into(),
            expires_at: Some(WallTime::from_seconds(9_000_000)),
            rotates: true,
        }),
        fields: [("instance_url".into(), "https://eu.example".into())].into(),
        ..IssuedToken::bearer("tok-1".into(), now(requested_at), Duration::from_secs(3600))
    }
}

fn opened() -> (tempfile::TempDir, State) {
    let directory = tempfile::tempdir().expect("a directory");
    let state = State::open(&directory.path().join("state")).expect("a state directory");
    (directory, state)
}

fn refresh_token(saved: Option<&Saved>) -> Option<&str> {
    Some(saved?.token.refresh_token.as_ref()?.value.expose())
}

#[test]
fn a_log_in_is_saved_beside_a_daemon_and_adopted_whole_once() {
    let (directory, state) = opened();
    let _lock = state.lock().expect("the daemon's");
    let credential = fixture::credential();
    let other = State::open_for_login(&directory.path().join("state")).expect("opened");
    other.save_login(&credential, &token("rt-1", 1_000)).expect("saved");
    let file = state.login_path(&credential.name);
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700));

    let adopted = state.adopt_login(&credential.name, now(1_060)).expect("read").expect("new");
    assert!(adopted.fits(&credential) && adopted.is_good());
    assert!(adopted.token.origin.is_some());
    let issued = token("rt-1", 1_000);
    assert_eq!(IssuedToken { origin: None, ..adopted.token.clone() }, issued);
    let kept = state.load(&credential.name, now(1_060)).expect("read").expect("there");
    assert_eq!(kept.token, adopted.token);
    assert!(!file.exists());
    assert!(state.adopt_login(&credential.name, now(1_060)).expect("read").is_none());
}

#[test]
fn a_log_in_whose_file_was_left_by_a_crash_never_undoes_a_rotation() {
    let (_directory, state) = opened();
    let credential = fixture::credential();
    state.save_login(&credential, &token("rt-1", 1_000)).expect("saved");
    let left_over = std::fs::read(state.login_path(&credential.name)).expect("the file");
    let adopted = state.adopt_login(&credential.name, now(1_000)).expect("read").expect("new");
    let rotated = IssuedToken { origin: adopted.token.origin, ..token("rt-2", 2_000) };
    state.save(&credential, &rotated, Duration::ZERO).expect("saved");

    let folder = Directory::open(&state.path.join(FOLDER)).expect("open");
    let name = file_name(&credential.name);
    folder.replace(&name, &left_over, ACCESS, Durability::Volatile).expect("back again");
    assert!(state.adopt_login(&credential.name, now(2_000)).expect("read").is_none());
    let kept = state.load(&credential.name, now(2_000)).expect("read");
    assert_eq!(refresh_token(kept.as_ref()), Some("rt-2"));
    assert!(!state.login_path(&credential.name).exists());
}

#[test]
fn a_second_log_in_counts_even_if_the_provider_gives_the_same_refresh_token() {
    let (_directory, state) = opened();
    let credential = fixture::credential();
    for moment in [1_000, 2_000] {
        state.save_login(&credential, &token("same", moment)).expect("saved");
        let adopted = state.adopt_login(&credential.name, now(moment)).expect("read");
        assert_eq!(refresh_token(adopted.as_ref()), Some("same"), "{moment}");
    }
}

#[test]
fn a_log_in_that_cannot_be_understood_is_named_and_stays() {
    let (_directory, state) = opened();
    let name = fixture::credential().name;
    let folder = Directory::open(&state.path.join(FOLDER)).expect("open");
    folder.replace(&file_name(&name), b"{}", ACCESS, Durability::Volatile).expect("written");
    let error = state.adopt_login(&name, now(0)).expect_err("refused").to_string();
    assert!(error.contains("logins/test.json"), "{error}");
    assert!(state.login_path(&name).exists());
}

/// A state directory of somebody else's, as root finds it; `None` if we are not root.
fn of_another() -> Option<tempfile::TempDir> {
    let directory = tempfile::tempdir().expect("a directory");
    geteuid().is_root().then(|| {
        chown(directory.path(), Some(OTHER), None).expect("given away");
        directory
    })
}

const OTHER: u32 = 4_321;

#[test]
fn what_root_leaves_in_the_directory_belongs_to_its_owner() {
    let Some(directory) = of_another() else { return };
    let state = State::open_for_login(directory.path()).expect("opened");
    let credential = fixture::credential();
    state.save_login(&credential, &token("rt-1", 1_000)).expect("saved");
    state.take_second(&credential, WallTime::from_seconds(1_000)).expect("taken");
    for name in ["tokens", "records", "logins", "logins/test.json", "seconds.json"] {
        let there = directory.path().join(name).symlink_metadata().expect("there");
        assert_eq!(there.uid(), OTHER, "{name}");
    }
}

#[test]
fn a_symbolic_link_gives_nothing_of_roots_away() {
    let roots = tempfile::tempdir().expect("a directory");
    for name in ["tokens", "records", FOLDER] {
        let Some(directory) = of_another() else { return };
        let state = State::open(directory.path()).expect("opened");
        // Its owner is quicker than we are.
        let folder = directory.path().join(name);
        std::fs::rename(&folder, directory.path().join("moved")).expect("moved");
        symlink(roots.path(), &folder).expect("a link");
        let given = state.give_to_owner();
        assert_eq!(given.is_err(), name == FOLDER, "{name}: {given:?}");
        let owner = roots.path().metadata().expect("there").uid();
        assert_eq!(owner, geteuid().as_raw(), "{name}");
    }
}
