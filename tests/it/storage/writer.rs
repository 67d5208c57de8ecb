//! Writing: many at once, some of them failing, beside other processes; and reading one moment meanwhile.

use std::{sync::mpsc, thread, time::Duration};

use dengji::{
    domain::{ledger::Act, time::Moment},
    storage::{Db, Store, StoreError, StoreOptions, Writing, ledger::append},
    usecases,
};
use diesel::connection::SimpleConnection as _;
use tokio::task::JoinSet;

use super::{execute, lines, number, query};
use crate::support::{App, Backend, both};

pub const TABLE: &str = "CREATE TABLE scratch (n BIGINT PRIMARY KEY)";

pub fn insert(db: &mut Db, n: i64) -> Result<(), StoreError> {
    Ok(db.batch_execute(&format!("INSERT INTO scratch VALUES ({n})"))?)
}

fn count(db: &mut Db) -> i64 {
    query(db, "SELECT count(*) || '' AS line FROM scratch")[0]
        .parse()
        .unwrap()
}

pub fn rows(app: &App) -> Vec<i64> {
    lines(app, "SELECT n || '' AS line FROM scratch ORDER BY n")
        .iter()
        .map(|l| l.parse().unwrap())
        .collect()
}

/// Takes the store's writing lock on a connection of its own, as another process does, and keeps it until told.
pub struct Holder {
    release: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Holder {
    pub fn take(app: &App, then: &'static str) -> Self {
        let begin = match app.backend {
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => {
                "BEGIN; SELECT pg_advisory_xact_lock(hashtext('dengji'), hashtext(current_schema()::text))"
            }
        };
        Self::take_by(app, begin, then)
    }

    /// By another lock.
    pub fn take_by(app: &App, begin: &'static str, then: &'static str) -> Self {
        let (release, released) = mpsc::channel();
        let (held, holding) = mpsc::channel();
        let store = app.ctx.store.clone();
        let thread = thread::spawn(move || {
            store
                .with_connection(|db| {
                    db.batch_execute(begin)?;
                    held.send(()).unwrap();
                    // A test that fails lets go by dropping the sender.
                    let _ = released.recv();
                    db.batch_execute(then)?;
                    Ok(db.batch_execute("COMMIT")?)
                })
                .unwrap();
        });
        holding.recv().unwrap();
        Self { release, thread }
    }

    pub fn release(self) {
        self.release.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// Another store of the same database, as another process has it.
pub fn another(app: &App, options: StoreOptions) -> Store {
    Store::open(&app.url.parse().unwrap(), options).unwrap()
}

fn options(connections: u32) -> StoreOptions {
    StoreOptions {
        connections,
        ..StoreOptions::default()
    }
}

both! {
    fn exactly_what_succeeded_is_there(app: &App) {
        execute(app, TABLE).unwrap();
        let answers = app.block_on(async {
            let mut jobs = JoinSet::new();
            for n in 0..300_i64 {
                let store = app.ctx.store.clone();
                jobs.spawn(async move {
                    let done = store.write(move |db| {
                        insert(db, n)?;
                        match n % 3 {
                            // Fails by itself after having written.
                            0 => Err(StoreError::Corrupt("on purpose".into())),
                            // Fails in the database after having written.
                            1 if n % 2 == 0 => insert(db, n),
                            _ => Ok(()),
                        }
                    });
                    (n, done.await)
                });
            }
            jobs.join_all().await
        });
        let mut expected = Vec::new();
        for (n, answer) in answers {
            match (n % 3, answer) {
                (0, Err(StoreError::Corrupt(_))) => {}
                (1, Err(StoreError::Duplicate(_))) if n % 2 == 0 => {}
                (_, Ok(())) => expected.push(n),
                (_, other) => panic!("{n}: {other:?}"),
            }
        }
        expected.sort_unstable();
        assert_eq!(expected.len(), 150);
        assert_eq!(rows(app), expected);
    }

    fn a_panic_is_not_the_end(app: &App) {
        execute(app, TABLE).unwrap();
        let answers = app.block_on(async {
            let mut jobs = JoinSet::new();
            for n in 0..120_i64 {
                let store = app.ctx.store.clone();
                jobs.spawn(async move {
                    let done = store.write(move |db| {
                        insert(db, n)?;
                        assert!(n % 40 != 7, "a panic on purpose");
                        Ok::<_, StoreError>(())
                    });
                    (n, done.await)
                });
            }
            jobs.join_all().await
        });
        let mut expected = Vec::new();
        for (n, answer) in answers {
            match answer {
                Ok(()) => expected.push(n),
                Err(StoreError::Database(_)) => assert_eq!(n % 40, 7),
                // A neighbour that was undone with it.
                Err(StoreError::Unavailable(_)) => {}
                Err(other) => panic!("{n}: {other:?}"),
            }
        }
        expected.sort_unstable();
        assert_eq!(rows(app), expected);
        // The writer lives on, and no connection is left within a transaction.
        for n in 1000..1010 {
            app.block_on(app.ctx.store.write(move |db| insert(db, n))).unwrap();
        }
        assert_eq!(rows(app).len(), expected.len() + 10);
    }

    fn a_write_waits_for_another_process(app: &App) {
        execute(app, TABLE).unwrap();
        let holder = Holder::take(app, "INSERT INTO scratch VALUES (1)");
        let (send, done) = mpsc::channel();
        let store = app.ctx.store.clone();
        let job = async move {
            let seen = store.write(|db| {
                let seen = count(db);
                insert(db, 2)?;
                Ok::<_, StoreError>(seen)
            });
            send.send(seen.await).unwrap();
        };
        let mut waiting = JoinSet::new();
        app.block_on(async { waiting.spawn(job); });
        assert!(done.recv_timeout(Duration::from_millis(300)).is_err(), "did not wait");
        holder.release();
        // It began after the other's commit: it sees what that wrote.
        assert_eq!(done.recv().unwrap().unwrap(), 1);
        assert_eq!(rows(app), [1, 2]);
    }

    fn reading_goes_on_while_writes_wait(app: &App) {
        execute(app, TABLE).unwrap();
        let store = another(app, options(2));
        let holder = Holder::take(app, "INSERT INTO scratch VALUES (1)");
        let mut jobs = JoinSet::new();
        app.block_on(async {
            for n in 10..40 {
                let store = store.clone();
                jobs.spawn(async move { store.write(move |db| insert(db, n)).await });
            }
        });
        // More writes wait than there are connections; reads are answered all the same.
        for _ in 0..20 {
            let seen = app.block_on(async {
                let read = store.read(|db| Ok::<_, StoreError>(count(db)));
                tokio::time::timeout(Duration::from_secs(10), read).await
            });
            assert_eq!(seen.expect("a read waits for writes").unwrap(), 0);
        }
        holder.release();
        for done in app.block_on(jobs.join_all()) {
            done.unwrap();
        }
        assert_eq!(rows(app).len(), 31);
    }

    fn a_reader_sees_one_moment(app: &App) {
        execute(app, TABLE).unwrap();
        let writer = app.ctx.store.clone();
        let (ask, asked) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        app.block_on(async {
            tokio::spawn(async move {
                let asked = tokio::task::spawn_blocking(move || asked.recv()).await;
                asked.unwrap().unwrap();
                tell.send(writer.write(|db| insert(db, 1)).await).unwrap();
            });
        });
        let seen = app.block_on(app.ctx.store.read(move |db| {
            let first = count(db);
            ask.send(()).unwrap();
            told.recv().unwrap()?;
            Ok::<_, StoreError>((first, count(db)))
        }));
        assert_eq!(seen.unwrap(), (0, 0));
        let after = app.block_on(app.ctx.store.read(|db| Ok::<_, StoreError>(count(db))));
        assert_eq!(after.unwrap(), 1);
    }

    fn a_reader_writes_nothing(app: &App) {
        execute(app, TABLE).unwrap();
        let refused = app.block_on(app.ctx.store.read(|db| insert(db, 1)));
        assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "{refused:?}");
        assert_eq!(rows(app), Vec::<i64>::new());
    }

    fn what_nothing_was_written_in_does_not_say_that_writing_works(app: &App) {
        let store = another(app, options(1));
        let no_writing = match app.backend {
            Backend::Sqlite => "PRAGMA query_only = ON",
            Backend::Postgres => "SET TRANSACTION READ ONLY",
        };
        // By itself: a savepoint that ends gives the right to write back.
        let refused = app.block_on(store.write_alone(move |db| Ok::<_, StoreError>(db.batch_execute(no_writing)?)));
        assert!(matches!(refused, Err(StoreError::ReadOnly(_))), "{refused:?}");
        assert!(matches!(store.health().writing(), Writing::Failed { .. }));
        // On a connection that may write nothing has to be written for that to be seen.
        app.block_on(store.write(|_| Ok::<_, StoreError>(()))).unwrap();
        assert!(matches!(store.health().writing(), Writing::Worked { .. }));
    }

    fn two_processes_keep_one_chain(app: &App) {
        const JOBS: usize = 12;
        const EACH: i64 = 10;
        let stores = [another(app, options(3)), another(app, options(3))];
        let answers = app.block_on(async {
            let mut jobs = JoinSet::new();
            for job in 0..JOBS {
                let store = stores[job % 2].clone();
                jobs.spawn(async move {
                    for n in 0..EACH {
                        let act = Act {
                            at: Moment::from_micros(n),
                            actor: format!("process{}", job % 2),
                            role: None,
                            contract: Some(i64::try_from(job).unwrap()),
                            action: "edit".to_owned(),
                            from: None,
                            to: None,
                            reason: None,
                            changes: Vec::new(),
                        };
                        store.write(move |db| append(db, act.clone())).await?;
                    }
                    Ok::<_, StoreError>(())
                });
            }
            jobs.join_all().await
        });
        for answer in answers {
            answer.unwrap();
        }
        let expected = i64::try_from(JOBS).unwrap() * EACH;
        let verified = app.block_on(usecases::ledger::verdict::verify(&app.ctx, None)).unwrap().ledger;
        assert_eq!((verified.verified, verified.fault), (expected, None));
        for job in 0..JOBS {
            let sql = format!("SELECT count(*) || '' AS line FROM ledger_subjects WHERE contract_id = {job}");
            assert_eq!(number(app, &sql), EACH);
        }
    }
}
