//! From outbox to transport, by a clock that the test moves.

use std::{sync::Arc, thread};

use dengji::{
    mail::{Failure, Memory, Transport},
    usecases::{
        Context,
        messages::{
            MailState,
            worker::{Pass, deliver},
        },
        seam::Clock,
    },
};

use super::{give_address, outbox, return_one, with_settings};
use crate::support::{App, Person, both};

fn pass(app: &App, ctx: &Context, memory: &Arc<Memory>) -> Pass {
    let transport = Transport::Memory(Arc::clone(memory));
    app.block_on(deliver(ctx, &transport, || false)).unwrap()
}

fn later() -> Failure {
    Failure::Later("451 later".to_owned())
}

both! {
    fn a_mail_is_sent_once(app: &App) {
        return_one(app, 1);
        let memory = Arc::default();
        assert_eq!(pass(app, &app.ctx, &memory), Pass { sent: 1, ..Pass::default() });
        assert_eq!(pass(app, &app.ctx, &memory), Pass::default());
        let [letter] = memory.taken().try_into().unwrap();
        assert_eq!(letter.to, "registrar@example.org");
        assert_eq!(letter.subject, "【技术合同登记】合同退回补正");
        assert!(letter.text.contains("金额有误") && letter.text.contains("与合同文本不符"), "{}", letter.text);
        assert_eq!(letter.at.micros() / 1_000_000, app.ctx.clock.now().micros() / 1_000_000);
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!((mail.state, mail.attempts, mail.due_at), (MailState::Sent, 1, None));
        assert_eq!(mail.header_id, letter.id);
        assert!(letter.id.starts_with('<') && letter.id.ends_with("@localhost>"), "{}", letter.id);
    }

    fn pauses_grow_until_it_is_a_dead_letter(app: &App) {
        return_one(app, 1);
        let ctx = with_settings(app, |mail| {
            mail.attempts = 4;
            mail.backoff_seconds = 60;
            mail.backoff_most_seconds = 100;
        });
        let memory: Arc<Memory> = Arc::default();
        for (attempt, longest) in [(1, 60), (2, 100), (3, 100)] {
            memory.fail_next(later());
            assert_eq!(pass(app, &ctx, &memory), Pass { postponed: 1, ..Pass::default() });
            let [mail] = outbox(app).try_into().unwrap();
            assert_eq!((mail.state, mail.attempts), (MailState::Pending, attempt));
            assert_eq!(mail.last_error.as_deref(), Some("451 later"));
            let pause = (mail.due_at.unwrap().micros() - app.ctx.clock.now().micros()) / 1_000_000;
            assert!((longest / 2..=longest).contains(&pause), "attempt {attempt}: {pause} s");
            app.pass_seconds(pause - 1);
            assert_eq!(pass(app, &ctx, &memory), Pass::default(), "not yet");
            app.pass_seconds(1);
        }
        memory.fail_next(later());
        assert_eq!(pass(app, &ctx, &memory), Pass { dead: 1, ..Pass::default() });
        app.pass_seconds(1_000_000);
        assert_eq!(pass(app, &ctx, &memory), Pass::default());
        assert_eq!(outbox(app)[0].state, MailState::Dead);
        assert!(memory.taken().is_empty());
    }

    fn what_is_refused_for_good_is_not_tried_again(app: &App) {
        return_one(app, 1);
        return_one(app, 2);
        let memory: Arc<Memory> = Arc::default();
        memory.fail_next(Failure::Refused("550 no such user".to_owned()));
        assert_eq!(pass(app, &app.ctx, &memory), Pass { dead: 1, sent: 1, ..Pass::default() });
        let states: Vec<MailState> = outbox(app).iter().map(|m| m.state).collect();
        assert_eq!(states, [MailState::Dead, MailState::Sent]);
    }

    fn a_server_that_is_away_ends_the_pass(app: &App) {
        for n in 1..=3 {
            return_one(app, n);
        }
        let memory: Arc<Memory> = Arc::default();
        memory.fail_next(Failure::Unreachable("refused".to_owned()));
        let done = pass(app, &app.ctx, &memory);
        assert_eq!(done, Pass { postponed: 1, unreachable: true, ..Pass::default() });
        let attempts: Vec<i64> = outbox(app).iter().map(|m| m.attempts).collect();
        assert_eq!(attempts, [1, 0, 0], "the others keep their attempts");
        app.pass_seconds(3600);
        assert_eq!(pass(app, &app.ctx, &memory), Pass { sent: 3, ..Pass::default() });
        let mut ids: Vec<String> = memory.taken().into_iter().map(|l| l.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3, "each once");
    }

    fn a_sender_that_is_gone_loses_its_mail_and_one_that_is_late_changes_nothing(app: &App) {
        use dengji::storage::outbox::{Outcome, settle, take};
        return_one(app, 1);
        let now = app.ctx.clock.now();
        let lease = now.plus_seconds(app.ctx.settings.mail.lease_seconds);
        let first = app.block_on(app.ctx.store.write(move |db| take(db, now, lease))).unwrap().unwrap();
        let memory = Arc::default();
        assert_eq!(pass(app, &app.ctx, &memory), Pass::default(), "someone has it");
        app.pass_seconds(app.ctx.settings.mail.lease_seconds);
        assert_eq!(pass(app, &app.ctx, &memory), Pass { sent: 1, ..Pass::default() });
        let [letter] = memory.taken().try_into().unwrap();
        assert_eq!(letter.id, first.header_id, "by its Message-ID it is the same mail");
        let late = Outcome::Dead("late".to_owned());
        let (id, lease) = (first.id, first.lease);
        let ours = app.block_on(app.ctx.store.write(move |db| settle(db, id, lease, &late))).unwrap();
        assert!(!ours);
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!((mail.state, mail.attempts), (MailState::Sent, 2));
    }

    fn a_mail_that_ends_every_sender_is_given_up(app: &App) {
        use dengji::storage::outbox::take;
        return_one(app, 1);
        let ctx = with_settings(app, |mail| mail.attempts = 2);
        for _ in 0..2 {
            let now = app.ctx.clock.now();
            app.block_on(app.ctx.store.write(move |db| take(db, now, now.plus_seconds(10)))).unwrap().unwrap();
            app.pass_seconds(10);
        }
        let memory: Arc<Memory> = Arc::default();
        assert_eq!(pass(app, &ctx, &memory), Pass { dead: 1, ..Pass::default() });
        assert!(memory.taken().is_empty());
    }

    fn two_programs_on_one_store_send_each_mail_once(app: &App) {
        give_address(app, Person::Registrar);
        for n in 1..=12 {
            return_one(app, n);
        }
        let memory: Arc<Memory> = Arc::default();
        let settings = (*app.ctx.settings).clone();
        let programs: Vec<Context> = (0..2)
            .map(|_| Context::open(settings.clone(), Clock::manual(app.ctx.clock.now())).unwrap())
            .collect();
        let senders: Vec<_> = programs
            .into_iter()
            .map(|ctx| {
                let transport = Transport::Memory(Arc::clone(&memory));
                thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(deliver(&ctx, &transport, || false)).unwrap().sent
                })
            })
            .collect();
        let sent: usize = senders.into_iter().map(|s| s.join().unwrap()).sum();
        assert_eq!(sent, 12);
        let mut ids: Vec<String> = memory.taken().into_iter().map(|l| l.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
        assert!(outbox(app).iter().all(|m| m.state == MailState::Sent && m.attempts == 1));
    }

    fn the_file_transport_writes_one_file_a_mail(app: &App) {
        return_one(app, 1);
        return_one(app, 2);
        let folder = app.folder.path().join("mail");
        let ctx = with_settings(app, |mail| mail.folder = folder.clone());
        let done = app.block_on(async {
            let transport = Transport::open(&ctx.settings).unwrap().unwrap();
            deliver(&ctx, &transport, || false).await.unwrap()
        });
        assert_eq!(done.sent, 2);
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let mut expected: Vec<String> =
            outbox(app).iter().map(|m| format!("{}.eml", m.header_id.trim_matches(['<', '>']))).collect();
        expected.sort();
        assert_eq!(names, expected);
        let text = std::fs::read_to_string(folder.join(&names[0])).unwrap();
        assert!(text.contains("To: registrar@example.org\r\n"), "{text}");
        // A folder that cannot be made is told, and the mail stays.
        return_one(app, 3);
        let ctx = with_settings(app, |mail| mail.folder = folder.join(&names[0]).join("below"));
        let done = app.block_on(async {
            let transport = Transport::open(&ctx.settings).unwrap().unwrap();
            deliver(&ctx, &transport, || false).await.unwrap()
        });
        assert!(done.unreachable && done.postponed == 1, "{done:?}");
    }
}
