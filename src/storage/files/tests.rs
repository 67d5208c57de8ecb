use super::*;
use crate::domain::time::Date;

fn store() -> (tempfile::TempDir, FileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("beside/files"));
    (folder, store)
}

fn spooled(store: &FileStore, content: &[u8]) -> Spooled {
    let mut spool = store.spool().unwrap();
    spool.write(content).unwrap();
    spool.finish().unwrap()
}

fn all(store: &FileStore) -> Vec<Lying> {
    let parts = std::iter::once(None).chain((0..=255).map(Some));
    parts.flat_map(|first| store.lying(first).unwrap()).collect()
}

#[test]
fn a_content_is_kept_once_under_its_hash_and_is_the_owners_alone() {
    let (_folder, store) = store();
    assert_eq!(all(&store), []);
    for _ in 0..2 {
        let spooled = spooled(&store, b"abc");
        // printf abc | sha256sum
        assert_eq!(
            spooled.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        store.prepare(&spooled).unwrap();
        store.keep(&spooled).unwrap();
        store.keep(&spooled).unwrap();
    }
    let lying = all(&store);
    assert_eq!(lying.len(), 1);
    let sha256 = lying[0].sha256.as_deref().unwrap();
    assert_eq!(lying[0].path, store.root().join("ba/78").join(sha256));
    assert_eq!(store.is_sound(sha256).unwrap(), Some(true));
    #[cfg(unix)]
    for path in [&lying[0].path, store.root(), &store.root().join("ba")] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path:?}");
    }
    let mut text = String::new();
    store.open(sha256).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "abc");
    fs::write(&lying[0].path, "abd").unwrap();
    assert_eq!(store.is_sound(sha256).unwrap(), Some(false));
    assert!(!store.remove_temporary(&lying[0]).unwrap(), "it has its name");
    let day = Date::from_ymd_opt(2026, 11, 29).unwrap();
    assert!(store.discard(&lying[0], day).unwrap() && !store.discard(&lying[0], day).unwrap());
    assert_eq!(store.is_sound(sha256).unwrap(), None);
    assert!(store.open(sha256).is_err());
}

#[test]
fn what_is_not_kept_goes_and_no_name_leads_elsewhere() {
    let (_folder, store) = store();
    let arrived = spooled(&store, b"abc");
    assert_eq!(all(&store).len(), 1);
    assert_eq!(all(&store)[0].sha256, None);
    drop(arrived);
    drop(store.spool().unwrap());
    assert_eq!(all(&store), []);
    for name in ["", "..", "../../etc/passwd", "é", &"A".repeat(64)] {
        assert!(store.open(name).is_err(), "{name}");
    }
    // Others' files are not ours to look at.
    fs::write(store.root().join("notes.txt"), "x").unwrap();
    assert_eq!(all(&store), []);
}

#[test]
fn what_the_folder_lacks_is_not_the_databases_fault() {
    let (_folder, store) = store();
    std::fs::create_dir_all(store.root()).unwrap();
    let missing = store.open(&"0".repeat(64)).unwrap_err();
    assert!(matches!(missing, StoreError::Files(_)), "{missing:?}");
    assert_eq!(store.marker().unwrap(), None);
    for spoilt in ["", "{", "[]"] {
        std::fs::write(store.root().join(".dengji-store.json"), spoilt).unwrap();
        let unread = store.marker().unwrap_err();
        assert!(matches!(unread, StoreError::Files(_)), "{spoilt}: {unread:?}");
    }
}
