use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use tempfile::TempDir;

use super::*;

const ACCESS: FileAccess = FileAccess { mode: 0o640, owner: None, group: None };

fn directory() -> (TempDir, Directory) {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Directory::open(temporary.path()).unwrap();
    (temporary, directory)
}

fn replace(directory: &Directory, bytes: &[u8]) -> Result<Replaced, AtomicError> {
    directory.replace(OsStr::new("token"), bytes, ACCESS, Durability::Volatile)
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn only_a_difference_is_written() {
    let (path, directory) = directory();
    let target = path.path().join("token");
    assert_eq!(replace(&directory, b"one"), Ok(Replaced::Written));
    let first = fs::metadata(&target).unwrap().ino();
    assert_eq!(replace(&directory, b"one"), Ok(Replaced::Unchanged));
    assert_eq!(fs::metadata(&target).unwrap().ino(), first);

    fs::set_permissions(&target, fs::Permissions::from_mode(0o604)).unwrap();
    assert_eq!(replace(&directory, b"one"), Ok(Replaced::Written), "a wrong mode is put right");
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(replace(&directory, b"two"), Ok(Replaced::Written));
    assert_eq!(replace(&directory, b"tw"), Ok(Replaced::Written));
    assert_eq!(fs::read(&target).unwrap(), b"tw");
    assert_eq!(names(path.path()), ["token"]);
}

#[test]
fn every_mode_can_be_made_and_replaced() {
    let (path, directory) = directory();
    for mode in [0o400, 0o444, 0o000, 0o600, 0o640, 0o666, 0o755] {
        for bytes in [b"one", b"two"] {
            let access = FileAccess { mode, ..ACCESS };
            let name = format!("{mode:o}");
            let made = directory.replace(name.as_ref(), bytes, access, Durability::Durable);
            assert_eq!(made, Ok(Replaced::Written), "{mode:o}");
            let found = fs::metadata(path.path().join(name)).unwrap();
            assert_eq!((found.mode() & 0o7777, found.len()), (mode, 3), "{mode:o}");
        }
    }
}

#[test]
fn a_reader_sees_one_whole_file_with_its_final_mode() {
    let (path, directory) = directory();
    let target = path.path().join("token");
    let contents = [vec![b'a'; 9_000], vec![b'b'; 30_000]];
    replace(&directory, &contents[0]).unwrap();
    let done = AtomicBool::new(false);
    let reads = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0_u32;
            while !done.load(Ordering::Relaxed) || reads < 1_000 {
                let mut file = File::open(&target).unwrap();
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                assert!(contents.contains(&bytes), "torn after {} bytes", bytes.len());
                assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o640);
                reads += 1;
            }
            reads
        });
        for round in 0..3_000 {
            replace(&directory, &contents[round % 2]).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(reads >= 1_000);
}

#[test]
fn a_link_is_replaced_and_what_it_points_at_is_not() {
    let (path, directory) = directory();
    fs::File::create(path.path().join("elsewhere")).unwrap();
    symlink("elsewhere", path.path().join("token")).unwrap();
    assert_eq!(replace(&directory, b""), Ok(Replaced::Written), "equal bytes behind a link");
    assert!(fs::symlink_metadata(path.path().join("token")).unwrap().is_file());
    assert_eq!(names(path.path()), ["elsewhere", "token"]);
}

#[test]
fn nothing_leads_out_of_the_directory() {
    let (path, directory) = directory();
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), path.path().join("link")).unwrap();
    fs::File::create(path.path().join("file")).unwrap();
    for (folder, trouble) in [
        ("link", Trouble::SymbolicLink),
        ("link/deeper", Trouble::SymbolicLink),
        ("..", Trouble::Outside),
        ("a/../../b", Trouble::Outside),
        ("/tmp", Trouble::Outside),
        ("file", Trouble::NotAFolder),
    ] {
        let made = directory.create_below(folder.as_ref(), 0o755).map(drop);
        assert_eq!(made.map_err(|error| error.trouble), Err(trouble), "{folder}");
    }
    for name in ["..", ".", "", "/etc/x", "a/b", "a/"] {
        let made = directory.replace(name.as_ref(), b"x", ACCESS, Durability::Volatile);
        assert_eq!(made.map_err(|error| error.trouble), Err(Trouble::Outside), "{name:?}");
    }
    assert!(names(outside.path()).is_empty());
}

#[test]
fn folders_are_created_on_the_way() {
    let (path, directory) = directory();
    let folder = directory.create_below("a/b".as_ref(), 0o751).unwrap();
    folder.replace("c".as_ref(), b"x", ACCESS, Durability::Durable).unwrap();
    assert_eq!(fs::read(path.path().join("a/b/c")).unwrap(), b"x");
    assert_eq!(fs::metadata(path.path().join("a/b")).unwrap().mode() & 0o7777, 0o751);
    let missing = directory.open_below("a/x".as_ref()).map(drop).unwrap_err();
    assert_eq!(missing.trouble, Trouble::MissingFolder);
    assert!(missing.to_string().starts_with(path.path().join("a/x").to_str().unwrap()));
}

#[test]
fn reading_is_bounded_and_takes_only_files() {
    let (path, directory) = directory();
    replace(&directory, b"12345").unwrap();
    symlink("token", path.path().join("link")).unwrap();
    nix::unistd::mkfifo(&path.path().join("fifo"), Mode::S_IRWXU).unwrap();
    let read =
        |name: &str, limit| directory.read(name.as_ref(), limit).map_err(|error| error.trouble);
    assert_eq!(read("token", 5), Ok(Some(b"12345".to_vec())));
    assert_eq!(read("token", 4), Err(Trouble::TooLarge { limit: 4 }));
    assert_eq!(read("absent", 5), Ok(None));
    assert_eq!(read("link", 5), Err(Trouble::SymbolicLink));
    assert_eq!(read("fifo", 5), Err(Trouble::NotAFile));
}

#[test]
fn removal_says_whether_there_was_a_file() {
    let (path, directory) = directory();
    replace(&directory, b"x").unwrap();
    assert_eq!(directory.remove("token".as_ref()), Ok(true));
    assert_eq!(directory.remove("token".as_ref()), Ok(false));
    assert!(names(path.path()).is_empty());
}

#[test]
fn a_failed_replacement_leaves_no_temporary_file() {
    let (path, directory) = directory();
    fs::create_dir(path.path().join("token")).unwrap();
    let failed = replace(&directory, b"x").unwrap_err();
    assert_eq!(failed.trouble, Trouble::IsAFolder);
    assert_eq!(names(path.path()), ["token"]);
}

#[test]
fn only_our_own_leftovers_are_swept() {
    let (path, directory) = directory();
    let others = [".tokenward-", ".tokenward-0123456789abcdeg", ".tokenward-old", "token"];
    for name in others.into_iter().chain([".tokenward-0123456789abcdef"]) {
        fs::File::create(path.path().join(name)).unwrap();
    }
    fs::create_dir(path.path().join(".tokenward-0000000000000000")).unwrap();
    assert_eq!(directory.sweep(), Ok(1));
    assert_eq!(names(path.path()).len(), others.len() + 1);
}

#[test]
fn checks_leave_nothing_and_find_what_would_fail() {
    let (path, directory) = directory();
    assert_eq!(directory.check_writing(ACCESS), Ok(()));
    assert_eq!(directory.check_target("token".as_ref()), Ok(()));
    assert!(names(path.path()).is_empty());
    fs::create_dir(path.path().join("token")).unwrap();
    let found = directory.check_target("token".as_ref()).unwrap_err();
    assert_eq!(found.trouble, Trouble::IsAFolder);
    fs::remove_dir_all(path.path()).unwrap();
    let found = directory.check_writing(ACCESS).unwrap_err();
    assert_eq!((&*found.path, found.trouble), (path.path(), Trouble::Vanished));
}
