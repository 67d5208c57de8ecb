//! Whose a folder of files is: no sequence of starts, stores, folders and sweeps loses a file that any store names, or any backup of one.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use dengji::{
    config::Settings,
    domain::{
        ledger::{Act, sha256_hex},
        time::Moment,
    },
    storage::{StoreError, ledger},
    usecases::{
        Context, Error,
        attachments::{
            collect::{Reach, TRASH_DAYS, collect_orphans},
            folder::{Emptiness, Found, Serving, claim, mark_served},
            restore::restore,
            verify::verify_files,
        },
        seam::Clock,
    },
};
use diesel::connection::SimpleConnection as _;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    fixtures::shelf::Shelf,
    support::{App, Backend, Client, PASSWORD, Person, both, database_url, papers::small_pdf, run_sql, settings},
};

const STORES: usize = 2;
const FOLDERS: usize = 3;

/// What stands in the way of a clock of a test's own: files carry the time of the disk.
#[expect(clippy::disallowed_methods, reason = "files carry the time of the disk")]
fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap())
}

/// One step; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    /// A server of a store starts with a folder (and stops the one that ran).
    Start { store: usize, folder: usize },
    /// A content comes to a store that is served.
    Attach { store: usize, content: u8 },
    /// A store lets go of a content: a draft is discarded.
    Discard { store: usize, content: u8 },
    /// A store is served for some hours, its sweeps running.
    Serve { store: usize, hours: i64 },
    /// Somebody runs `files collect` on a store with a folder, right or wrong.
    Collect { store: usize, folder: usize, all: bool },
    /// Somebody takes everything back from the trash.
    TakeBack { store: usize, folder: usize },
    /// Days pass in which nobody serves anything.
    Pass { days: i64 },
    /// A backup of a store is made.
    Backup { store: usize },
    /// A backup is restored in the place of its store.
    Restore { backup: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (store, folder) = (0..STORES, 0..FOLDERS);
    prop_oneof![
        3 => (store.clone(), folder.clone()).prop_map(|(store, folder)| Step::Start { store, folder }),
        4 => (store.clone(), 0..8_u8).prop_map(|(store, content)| Step::Attach { store, content }),
        1 => (store.clone(), 0..8_u8).prop_map(|(store, content)| Step::Discard { store, content }),
        3 => (store.clone(), 1..50_i64).prop_map(|(store, hours)| Step::Serve { store, hours }),
        2 => (store.clone(), folder.clone(), any::<bool>()).prop_map(|(store, folder, all)| Step::Collect { store, folder, all }),
        1 => (1..45_i64).prop_map(|days| Step::Pass { days }),
        1 => (store.clone(), folder).prop_map(|(store, folder)| Step::TakeBack { store, folder }),
        2 => store.prop_map(|store| Step::Backup { store }),
        2 => (0..8_usize).prop_map(|backup| Step::Restore { backup }),
    ]
}

/// What a store names, by folder in which it was put.
type Named = BTreeSet<(usize, String)>;

#[derive(Clone)]
struct Backup {
    store: usize,
    copy: PathBuf,
    named: Named,
    made: Moment,
}

struct World {
    base: tempfile::TempDir,
    runtime: Runtime,
    clock: Clock,
    settings: Vec<Settings>,
    /// The folder that each store is served out of.
    served: Vec<Option<usize>>,
    named: Vec<Named>,
    backups: Vec<Backup>,
    /// What a state of a store named that was put away for another.
    abandoned: BTreeSet<(usize, String)>,
    restored: usize,
}

impl World {
    fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        let made: Vec<Settings> = (0..STORES)
            .map(|store| {
                let folder = base.path().join(format!("store-{store}"));
                fs::create_dir(&folder).unwrap();
                let url = database_url(Backend::Sqlite, &folder);
                // Copies of one file have one id; these are stores of two offices.
                let id = format!("{store:032}");
                run_sql(&url, &format!("UPDATE store_identity SET store_id = '{id}'"));
                settings(&url, &folder)
            })
            .collect();
        Self {
            base,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            clock: Clock::manual(now()),
            settings: made,
            served: vec![None; STORES],
            named: vec![Named::new(); STORES],
            backups: Vec::new(),
            abandoned: BTreeSet::new(),
            restored: 0,
        }
    }

    fn folder(&self, folder: usize) -> PathBuf {
        self.base.path().join(format!("files-{folder}"))
    }

    fn open(&self, store: usize, folder: usize) -> Context {
        let mut settings = self.settings[store].clone();
        settings.files.folder = self.folder(folder).display().to_string();
        Context::open(settings, self.clock.clone()).unwrap()
    }

    /// Runs statements on a store, and enters an act in its ledger.
    fn write(&self, ctx: &Context, sql: String) {
        let done = ctx
            .store
            .with_connection(|db| Ok::<_, StoreError>(db.batch_execute(&format!("PRAGMA foreign_keys = OFF; {sql}"))?));
        done.unwrap();
        let act = Act {
            at: self.clock.now(),
            actor: "test".to_owned(),
            role: None,
            contract: None,
            action: "test".to_owned(),
            from: None,
            to: None,
            reason: None,
            changes: Vec::new(),
        };
        let entered = ctx.store.write(move |db| ledger::append(db, act.clone()).map(|_| ()));
        self.runtime.block_on(entered).unwrap();
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Start { store, folder } => {
                let ctx = self.open(store, folder);
                let started = self.runtime.block_on(async {
                    claim(&ctx, Emptiness::Refused).await?;
                    mark_served(&ctx, Serving::Begins).await
                });
                self.served[store] = started.is_ok().then_some(folder);
            }
            Step::Attach { store, content } => {
                let Some(folder) = self.served[store] else { return };
                let ctx = self.open(store, folder);
                let mut spool = ctx.files.spool().unwrap();
                spool.write(&[content]).unwrap();
                let spooled = spool.finish().unwrap();
                ctx.files.prepare(&spooled).unwrap();
                ctx.files.keep(&spooled).unwrap();
                let hash = spooled.sha256.clone();
                let written = UNIX_EPOCH + Duration::from_micros(u64::try_from(self.clock.now().micros()).unwrap());
                let file = File::options()
                    .write(true)
                    .open(ctx.files.place(&hash).unwrap())
                    .unwrap();
                file.set_modified(written).unwrap();
                self.write(&ctx, format!("INSERT INTO attachments (contract_id, kind, file_name, media_type, size, sha256, added_by, added_at)
                    VALUES (1, 'other', 'x.pdf', 'pdf', 1, '{hash}', 'test', 0)"));
                self.abandoned.remove(&(folder, hash.clone()));
                self.named[store].insert((folder, hash));
            }
            Step::Discard { store, content } => {
                let Some(folder) = self.served[store] else { return };
                let hash = sha256_hex(&[content]);
                let ctx = self.open(store, folder);
                self.write(&ctx, format!("DELETE FROM attachments WHERE sha256 = '{hash}'"));
                self.named[store].retain(|(_, named)| *named != hash);
            }
            Step::Serve { store, hours } => {
                let Some(folder) = self.served[store] else { return };
                let ctx = self.open(store, folder);
                for _ in 0..hours {
                    // Less than an hour: acts have moved the clock on a little, and more is a break.
                    self.clock.set(self.clock.now().plus_seconds(3_590));
                    self.runtime.block_on(mark_served(&ctx, Serving::GoesOn)).unwrap();
                }
                self.runtime.block_on(collect_orphans(&ctx, Reach::Settled)).unwrap();
            }
            Step::Collect { store, folder, all } => {
                let ctx = self.open(store, folder);
                let reach = if all { Reach::All } else { Reach::Settled };
                // Refused where the folder is another store's; what it does where it is not is looked at below.
                let _ = self.runtime.block_on(collect_orphans(&ctx, reach));
                if all {
                    // Somebody's wish; what they take back is as one that came then.
                    let abandoned = std::mem::take(&mut self.abandoned);
                    self.abandoned = abandoned.into_iter().filter(|file| self.is_in_place(file)).collect();
                }
            }
            Step::TakeBack { store, folder } => {
                let ctx = self.open(store, folder);
                let _ = self.runtime.block_on(restore(&ctx, &[]));
            }
            Step::Pass { days } => self.clock.set(self.clock.now().plus_seconds(days * 86_400)),
            Step::Backup { store } => {
                let ctx = self.open(store, 0);
                let copy = self.base.path().join(format!("backup-{}", self.backups.len()));
                let vacuum = format!("VACUUM INTO '{}'", copy.display());
                ctx.store
                    .with_connection(|db| Ok::<_, StoreError>(db.batch_execute(&vacuum)?))
                    .unwrap();
                self.backups.push(Backup {
                    store,
                    copy,
                    named: self.named[store].clone(),
                    made: self.clock.now(),
                });
            }
            Step::Restore { backup } => {
                let Some(backup) = self.backups.get(backup % self.backups.len().max(1)).cloned() else {
                    return;
                };
                let store = backup.store;
                // In a file of its own: connections to the one before may still be closing.
                self.restored += 1;
                let file = self
                    .base
                    .path()
                    .join(format!("store-{store}/restored-{}.sqlite", self.restored));
                fs::copy(&backup.copy, &file).unwrap();
                self.settings[store].database_url = format!("sqlite:{}", file.display());
                // What its store had let go of is kept for so long, and no longer.
                let before = self.named[store].clone();
                self.named[store] = match self.is_kept(&backup) {
                    true => backup.named,
                    false => backup
                        .named
                        .into_iter()
                        .filter(|file| self.is_somewhere(file))
                        .collect(),
                };
                self.abandoned.extend(before);
                let named = &self.named[store];
                self.abandoned.retain(|file| !named.contains(file));
                // The server was stopped for it, and is started again.
                if let Some(folder) = self.served[store] {
                    self.take(&Step::Start { store, folder });
                }
            }
        }
    }

    /// Whether nothing is lost: what a store names is in its place where the store is served out of that folder; what any store or backup
    /// names is there or in the trash (a backup's for as long as the trash keeps it).
    fn lost(&self) -> Vec<String> {
        let mut lost = Vec::new();
        for (store, named) in self.named.iter().enumerate() {
            for (folder, hash) in named {
                if self.served[store] == Some(*folder) && !in_place(&self.folder(*folder), hash) {
                    lost.push(format!(
                        "{hash} of store {store} is not in its place in folder {folder}"
                    ));
                }
            }
        }
        let kept = self.backups.iter().filter(|backup| self.is_kept(backup));
        for file in self.named.iter().flatten().chain(kept.flat_map(|backup| &backup.named)) {
            if !self.is_somewhere(file) {
                lost.push(format!("{} is gone from folder {}", file.1, file.0));
            }
        }
        lost
    }

    /// Whether what a backup names may not be gone for good yet.
    fn is_kept(&self, backup: &Backup) -> bool {
        self.clock.now() <= backup.made.plus_seconds(TRASH_DAYS * 86_400)
    }

    fn is_in_place(&self, (folder, hash): &(usize, String)) -> bool {
        in_place(&self.folder(*folder), hash)
    }

    fn is_somewhere(&self, (folder, hash): &(usize, String)) -> bool {
        let root = self.folder(*folder);
        in_place(&root, hash) || in_trash(&root, hash)
    }
}

fn in_place(root: &Path, hash: &str) -> bool {
    root.join(&hash[..2]).join(&hash[2..4]).join(hash).is_file()
}

fn in_trash(root: &Path, hash: &str) -> bool {
    let days = fs::read_dir(root.join(".trash")).into_iter().flatten().flatten();
    days.into_iter().any(|day| day.path().join(hash).is_file())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_loses_a_file_that_any_store_names(steps in prop::collection::vec(step(), 1..14)) {
        let mut world = World::new();
        for (index, step) in steps.iter().enumerate() {
            let abandoned: Vec<_> = world.abandoned.iter().filter(|file| world.is_in_place(file)).cloned().collect();
            world.take(step);
            let lost = world.lost();
            if !matches!(step, Step::Collect { all: true, .. } | Step::Attach { .. } | Step::Restore { .. }) {
                // What a backup brought about is nobody's wish.
                for file in &abandoned {
                    prop_assert!(world.is_in_place(file), "after step {} ({:?}): {:?} was put aside", index, step, file);
                }
            }
            prop_assert!(lost.is_empty(), "after step {} ({:?}): {:#?}", index, step, lost);
        }
    }
}

/// The steps of a day of serving.
fn serve_a_day(ctx: &Context, runtime: &Runtime) -> Result<(), Error> {
    runtime.block_on(mark_served(ctx, Serving::Begins))?;
    for _ in 0..25 {
        ctx.clock.set(ctx.clock.now().plus_seconds(3_600));
        runtime.block_on(mark_served(ctx, Serving::GoesOn))?;
    }
    Ok(())
}

/// What came to a folder and belongs to nothing goes after a day of serving, can be had again for 30 days, and is gone after that.
#[test]
fn what_nothing_names_goes_by_way_of_the_trash() {
    let mut world = World::new();
    world.take(&Step::Start { store: 0, folder: 0 });
    for content in 0..2 {
        world.take(&Step::Attach { store: 0, content });
    }
    world.take(&Step::Serve { store: 0, hours: 2 });
    world.take(&Step::Discard { store: 0, content: 1 });
    let (kept, gone) = (sha256_hex(&[0]), sha256_hex(&[1]));
    let (root, ctx) = (world.folder(0), world.open(0, 0));
    let collect = |reach| world.runtime.block_on(collect_orphans(&ctx, reach)).unwrap();
    let pass_hours = |hours: i64| world.clock.set(world.clock.now().plus_seconds(hours * 3_600));
    // Not as a server starts, and not a day later where nobody served.
    pass_hours(2);
    assert_eq!(
        (collect(Reach::Settled).files, collect(Reach::Settled).is_settled),
        (0, false)
    );
    pass_hours(48);
    assert_eq!(collect(Reach::Settled).files, 0);
    serve_a_day(&ctx, &world.runtime).unwrap();
    let done = collect(Reach::Settled);
    assert_eq!((done.files, done.expired, done.is_settled), (1, 0, true));
    assert!(in_place(&root, &kept) && !in_place(&root, &gone) && in_trash(&root, &gone));
    let back = world
        .runtime
        .block_on(restore(&ctx, std::slice::from_ref(&gone)))
        .unwrap();
    assert_eq!(back.len(), 1);
    assert!(in_place(&root, &gone) && !in_trash(&root, &gone));
    assert_eq!(collect(Reach::Settled).files, 0, "it came just now");
    pass_hours(1);
    world.runtime.block_on(mark_served(&ctx, Serving::GoesOn)).unwrap();
    pass_hours(1);
    world.runtime.block_on(mark_served(&ctx, Serving::GoesOn)).unwrap();
    assert_eq!(collect(Reach::Settled).files, 1);
    // Days of 25 hours: 29 days and some hours in all, at whatever hour of the day this runs.
    for _ in 0..28 {
        serve_a_day(&ctx, &world.runtime).unwrap();
    }
    assert_eq!(collect(Reach::Settled).expired, 0);
    assert!(in_trash(&root, &gone));
    serve_a_day(&ctx, &world.runtime).unwrap();
    serve_a_day(&ctx, &world.runtime).unwrap();
    assert_eq!(collect(Reach::Settled).expired, 1);
    assert!(!in_trash(&root, &gone) && in_place(&root, &kept));
    // A clock that jumps is no day of serving.
    world.take(&Step::Discard { store: 0, content: 0 });
    world.runtime.block_on(mark_served(&ctx, Serving::Begins)).unwrap();
    world.clock.set(world.clock.now().plus_seconds(400 * 86_400));
    world.runtime.block_on(mark_served(&ctx, Serving::GoesOn)).unwrap();
    assert!(
        !world
            .runtime
            .block_on(collect_orphans(&ctx, Reach::Settled))
            .unwrap()
            .is_settled
    );
    assert!(in_place(&root, &kept));
}

/// The stored registrar, logged in.
fn registrar(app: &App) -> Client {
    let login = json!({"username": "registrar", "password": PASSWORD});
    let tokens = app.anonymous().post("/auth/login", &login).expect(200);
    let token = tokens["access_token"].as_str().unwrap();
    app.anonymous().without_papers().with_token(token)
}

fn attach(client: &Client, n: u32) -> Value {
    let draft = client
        .post("/contracts", &json!({"project_name": format!("新合同 {n}")}))
        .expect(201);
    let path = format!("/contracts/{}", draft["id"]);
    client
        .attach_at(&path, 1, "other", "附件.pdf", &small_pdf(n))
        .expect(201)
}

/// An older backup in the place of a store: what came after it stays, however long it serves, and is there when the store comes back.
fn an_older_store_is_restored(backend: Backend) {
    for shelf in Shelf::all(backend) {
        let app = shelf.take();
        app.set_time("2040-01-01T10:00:00+08:00");
        assert!(
            matches!(app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap(), Found::Adopted { named, .. } if named > 40)
        );
        let backup = crate::fixtures::shelf::lay_aside(&app, "backup", shelf.secrets.clone());
        app.set_time("2040-01-02T10:00:00+08:00");
        let client = registrar(&app);
        let hashes: Vec<Value> = (0..3).map(|n| attach(&client, 700 + n)["sha256"].clone()).collect();
        assert_eq!(
            app.block_on(mark_served(&app.ctx, Serving::Begins)).unwrap(),
            Found::Own
        );

        let older = backup.take_with(|settings| settings.files.folder = app.ctx.settings.files.folder.clone());
        older.set_time("2040-01-03T10:00:00+08:00");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        assert_eq!(
            older.block_on(claim(&older.ctx, Emptiness::Refused)).unwrap(),
            Found::Restored
        );
        for _ in 0..3 {
            serve_a_day(&older.ctx, &runtime).unwrap();
            let done = older.block_on(collect_orphans(&older.ctx, Reach::Settled)).unwrap();
            assert_eq!((done.files, done.is_settled), (0, true));
        }
        // It goes a way of its own.
        attach(&registrar(&older), 800);
        assert_eq!(
            older.block_on(mark_served(&older.ctx, Serving::GoesOn)).unwrap(),
            Found::Own
        );
        // Somebody who knows it better puts them aside; they come back with the store.
        let done = older.block_on(collect_orphans(&older.ctx, Reach::All)).unwrap();
        assert!(done.files >= 3, "{done:?}");
        let root = app.ctx.files.root();
        assert!(hashes.iter().all(|hash| in_trash(root, hash.as_str().unwrap())));
        app.set_time("2040-01-10T10:00:00+08:00");
        assert_eq!(
            app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap(),
            Found::Restored
        );
        assert!(hashes.iter().all(|hash| in_place(root, hash.as_str().unwrap())));
        let (sound, faults) = app.block_on(verify_files(&app.ctx)).unwrap();
        assert!(sound > 40 && faults.is_empty(), "{faults:?}");
    }
}

mod an_older_store_is_restored {
    use super::*;

    #[test]
    fn sqlite() {
        super::an_older_store_is_restored(Backend::Sqlite);
    }

    #[test]
    fn postgres() {
        super::an_older_store_is_restored(Backend::Postgres);
    }
}

both! {
    fn a_folder_is_marked_or_refused(app: &App) {
        let root = app.ctx.files.root().to_owned();
        assert_eq!(app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap(), Found::New);
        assert_eq!(app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap(), Found::Own);
        let marker = root.join(".dengji-store.json");
        let text = fs::read_to_string(&marker).unwrap();
        let id = crate::storage::lines(app, "SELECT store_id AS line FROM store_identity").remove(0);
        assert!(id.len() == 32 && text.contains(&id), "{text}");
        // Another store's, and one that cannot be read.
        for wrong in [text.replace(&id, "00000000000000000000000000000000"), "{".to_owned()] {
            fs::write(&marker, wrong).unwrap();
            for refused in [app.block_on(claim(&app.ctx, Emptiness::Refused)), app.block_on(mark_served(&app.ctx, Serving::Begins))] {
                assert!(refused.is_err(), "{refused:?}");
            }
            assert!(app.block_on(collect_orphans(&app.ctx, Reach::All)).is_err());
        }
        // Files of which the store names none.
        fs::remove_file(&marker).unwrap();
        let hash = sha256_hex(b"somebody's");
        let place = root.join(&hash[..2]).join(&hash[2..4]);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(&hash), "somebody's").unwrap();
        let Err(Error::Conflict(told)) = app.block_on(claim(&app.ctx, Emptiness::Refused)) else { panic!("not refused") };
        assert!(told.contains(&root.display().to_string()), "{told}");
        assert!(app.block_on(collect_orphans(&app.ctx, Reach::All)).is_err());
        assert!(in_place(&root, &hash) && !marker.exists());
    }

    fn an_empty_folder_is_not_taken_for_that_of_a_store_with_attachments(app: &App) {
        let root = app.ctx.files.root().to_owned();
        app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap();
        attach(&app.person(Person::Registrar).without_papers(), 900);
        let away = root.with_extension("away");
        fs::rename(&root, &away).unwrap();
        // As its mount point looks while its disk is away.
        for _ in 0..2 {
            let Err(Error::Conflict(told)) = app.block_on(claim(&app.ctx, Emptiness::Refused)) else { panic!("not refused") };
            assert!(told.contains(&root.display().to_string()), "{told}");
            fs::create_dir_all(&root).unwrap();
        }
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
        // Whoever knows that they are lost begins anew.
        assert_eq!(app.block_on(claim(&app.ctx, Emptiness::Known)).unwrap(), Found::New);
        fs::remove_dir_all(&root).unwrap();
        fs::rename(&away, &root).unwrap();
        assert_eq!(app.block_on(claim(&app.ctx, Emptiness::Refused)).unwrap(), Found::Own);
    }
}
