//! Mail to a real server over TLS.

use dengji::{
    config::{MailSettings, MailTransport, Secret, SmtpSecurity},
    mail::Transport,
    usecases::messages::{
        MailState,
        worker::{Pass, deliver},
    },
};

use super::{outbox, return_one, with_settings};
use crate::support::{
    App, both,
    smtp::{ACCOUNT, Behaviour, Received, Security, SmtpServer, certificates},
};

/// Settings for a server, whose authority is trusted.
fn towards(server: &SmtpServer, security: SmtpSecurity, mail: &mut MailSettings) {
    mail.transport = MailTransport::Smtp;
    mail.from = "技术合同登记系统 <dengji@example.org>".to_owned();
    mail.attempts = 5;
    mail.smtp.host = "localhost".to_owned();
    mail.smtp.port = server.port;
    mail.smtp.security = security;
    mail.smtp.timeout_seconds = 20;
    mail.smtp.root_certificates = certificates().authority().display().to_string();
}

/// One pass through the outbox, by settings that are `towards` the server and then changed.
fn pass(app: &App, server: &SmtpServer, security: SmtpSecurity, change: impl FnOnce(&mut MailSettings)) -> Pass {
    let ctx = with_settings(app, |mail| {
        towards(server, security, mail);
        change(mail);
    });
    app.block_on(async {
        let transport = Transport::open(&ctx.settings).unwrap().unwrap();
        deliver(&ctx, &transport, || false).await.unwrap()
    })
}

fn is_the_return(mail: &Received) {
    assert!(mail.secure, "over TLS");
    assert_eq!(mail.from, "dengji@example.org");
    assert_eq!(mail.to, ["registrar@example.org"]);
    assert_eq!(mail.header("Subject"), "【技术合同登记】合同退回补正");
    assert_eq!(mail.header("From"), "技术合同登记系统<dengji@example.org>");
    assert_eq!(
        mail.text(),
        "您好！\n\n合同“棉田残膜回收装备研制（1）”已退回补正。\n理由：金额有误\n需要补正的内容：\n\
         1. 与合同文本不符（合同成交额）\n请补正后重新提交。\n\n\
         请登录系统查看或办理：https://dengji.example.org\n本邮件由系统自动发出，请勿回复。\n"
    );
}

const SENT: Pass = Pass {
    sent: 1,
    postponed: 0,
    dead: 0,
    unreachable: false,
};

both! {
    fn a_mail_arrives_over_tls(app: &App) {
        let server = SmtpServer::start(Security::Tls, Behaviour::Accept);
        return_one(app, 1);
        assert_eq!(pass(app, &server, SmtpSecurity::Tls, |_| ()), SENT);
        let [mail] = server.received().try_into().unwrap();
        is_the_return(&mail);
        assert_eq!(mail.header("Message-ID"), outbox(app)[0].header_id);
        assert_eq!(mail.account, None);
    }

    fn a_mail_arrives_over_starttls_from_whoever_is_logged_in(app: &App) {
        let server = SmtpServer::start(Security::Starttls, Behaviour::Accept);
        return_one(app, 1);
        let file = app.folder.path().join("password");
        std::fs::write(&file, format!("{}\n", ACCOUNT.1)).unwrap();
        let done = pass(app, &server, SmtpSecurity::Starttls, |mail| {
            mail.smtp.username = ACCOUNT.0.to_owned();
            mail.smtp.password_file = file.display().to_string();
        });
        assert_eq!(done, SENT);
        let [mail] = server.received().try_into().unwrap();
        is_the_return(&mail);
        assert_eq!(mail.account.as_deref(), Some(ACCOUNT.0));
    }

    fn a_server_that_is_not_who_it_says_gets_nothing(app: &App) {
        for (security, offered) in [(SmtpSecurity::Tls, Security::Tls), (SmtpSecurity::Starttls, Security::Starttls)] {
            let server = SmtpServer::start(offered, Behaviour::Accept);
            return_one(app, server.port.into());
            let stranger = certificates().stranger().display().to_string();
            let done = pass(app, &server, security, |mail| mail.smtp.root_certificates = stranger);
            assert_eq!((done.sent, done.postponed, done.unreachable), (0, 1, true));
            assert!(server.received().is_empty());
            let reason = outbox(app).pop().unwrap().last_error.unwrap();
            assert!(reason.contains("certificate"), "{reason}");
            app.pass_seconds(3600);
            // Another name than the certificate's.
            let done = pass(app, &server, security, |mail| mail.smtp.host = "127.0.0.2".to_owned());
            assert_eq!((done.sent, done.unreachable), (0, true), "{done:?}");
            assert!(server.received().is_empty());
            app.pass_seconds(3600);
            assert!(pass(app, &server, security, |_| ()).sent > 0, "and it was not lost");
        }
    }

    fn nothing_goes_out_in_the_clear(app: &App) {
        let server = SmtpServer::start(Security::Plain, Behaviour::Accept);
        return_one(app, 1);
        let done = pass(app, &server, SmtpSecurity::Starttls, |_| ());
        assert_eq!((done.sent, done.postponed), (0, 1), "a server without STARTTLS");
        assert!(server.received().is_empty());
        app.pass_seconds(3600);
        // But to this very machine it may, if so told.
        assert_eq!(pass(app, &server, SmtpSecurity::None, |_| ()), SENT);
        assert!(!server.received()[0].secure);
        for host in ["mail.example.org", "192.0.2.1"] {
            let ctx = with_settings(app, |mail| {
                towards(&server, SmtpSecurity::None, mail);
                mail.smtp.host = host.to_owned();
            });
            let refused = app.block_on(async { Transport::open(&ctx.settings).err() });
            assert!(refused.unwrap().contains("本机"), "{host}");
        }
    }

    fn nothing_is_lost_and_nothing_twice_while_the_server_is_away(app: &App) {
        let server = SmtpServer::start(Security::Tls, Behaviour::Down);
        for n in 1..=3 {
            return_one(app, n);
        }
        for behaviour in [Behaviour::Down, Behaviour::Answer(421), Behaviour::Answer(451), Behaviour::Down] {
            server.behave(behaviour);
            let done = pass(app, &server, SmtpSecurity::Tls, |_| ());
            assert_eq!((done.sent, done.dead), (0, 0), "{behaviour:?}: {done:?}");
            assert_eq!(done.unreachable, behaviour != Behaviour::Answer(451), "{behaviour:?}: {done:?}");
            app.pass_seconds(20_000);
        }
        assert!(server.received().is_empty());
        server.behave(Behaviour::Accept);
        assert_eq!(pass(app, &server, SmtpSecurity::Tls, |_| ()).sent, 3);
        app.pass_seconds(1_000_000);
        assert_eq!(pass(app, &server, SmtpSecurity::Tls, |_| ()), Pass::default());
        let mut ids: Vec<String> = server.received().iter().map(|m| m.header("Message-ID")).collect();
        ids.sort();
        let mut expected: Vec<String> = outbox(app).into_iter().map(|m| m.header_id).collect();
        expected.sort();
        assert_eq!(ids, expected);
    }

    fn a_refusal_makes_a_dead_letter_but_a_wrong_password_does_not(app: &App) {
        let server = SmtpServer::start(Security::Tls, Behaviour::Answer(550));
        return_one(app, 1);
        let done = pass(app, &server, SmtpSecurity::Tls, |_| ());
        assert_eq!((done.sent, done.dead), (0, 1));
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!(mail.state, MailState::Dead);
        assert!(mail.last_error.unwrap().starts_with("邮件服务器拒收（550）："));
        server.behave(Behaviour::Accept);
        return_one(app, 2);
        let done = pass(app, &server, SmtpSecurity::Tls, |mail| {
            mail.smtp.username = ACCOUNT.0.to_owned();
            mail.smtp.password = Secret("wrong".to_owned());
        });
        assert_eq!((done.sent, done.dead, done.unreachable), (0, 0, true));
        let reason = outbox(app).pop().unwrap().last_error.unwrap();
        assert!(reason.starts_with("邮件服务器不接受本系统登录（535）") && !reason.contains("wrong password"), "{reason}");
    }

    fn a_lost_reply_is_the_one_case_of_twice_and_the_message_id_tells(app: &App) {
        let server = SmtpServer::start(Security::Starttls, Behaviour::LoseReply);
        return_one(app, 1);
        assert_eq!(pass(app, &server, SmtpSecurity::Starttls, |_| ()).postponed, 1);
        server.behave(Behaviour::Accept);
        app.pass_seconds(3600);
        assert_eq!(pass(app, &server, SmtpSecurity::Starttls, |_| ()), SENT);
        let [first, second] = server.received().try_into().unwrap();
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        assert_eq!(first.text(), second.text());
        assert_eq!(first.header("Date"), second.header("Date"));
    }
}
