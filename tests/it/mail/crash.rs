//! The program as a process that sends mail, killed and started again.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use dengji::usecases::messages::MailState;
use serde_json::{Value, json};

use super::{give_address, outbox};
use crate::support::{
    App, Client, PASSWORD, Person, attach_text, both, complete_contract, dengji,
    smtp::{Behaviour, Security, SmtpServer, certificates},
};

/// A process that serves, and sends to a server.
struct Served {
    process: Child,
    base: String,
}

impl Served {
    fn start(app: &App, server: &SmtpServer) -> Self {
        Self::start_polling(app, server, 1)
    }

    /// One that looks by itself only so often.
    fn start_polling(app: &App, server: &SmtpServer, poll_seconds: u32) -> Self {
        let mut process = dengji(&app.url, app.folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("DENGJI_MAIL__TRANSPORT", "smtp")
            .env("DENGJI_MAIL__BACKOFF_SECONDS", "1")
            .env("DENGJI_MAIL__BACKOFF_MOST_SECONDS", "1")
            .env("DENGJI_MAIL__LEASE_SECONDS", "4")
            .env("DENGJI_MAIL__POLL_SECONDS", poll_seconds.to_string())
            .env("DENGJI_MAIL__SMTP__TIMEOUT_SECONDS", "3")
            .env("DENGJI_MAIL__SMTP__HOST", "localhost")
            .env("DENGJI_MAIL__SMTP__PORT", server.port.to_string())
            .env("DENGJI_MAIL__SMTP__SECURITY", "starttls")
            .env("DENGJI_MAIL__SMTP__ROOT_CERTIFICATES", certificates().authority())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let base = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|l| {
                l.split_once("http://")
                    .map(|(_, rest)| format!("http://{}", rest.split('/').next().unwrap_or_default()))
            })
            .expect("the program does not serve");
        thread::spawn(move || lines.for_each(drop));
        Self { process, base }
    }

    fn log_in(&self, person: Person) -> Client {
        let body = json!({"username": person.username(), "password": PASSWORD});
        let tokens = Client::new(&self.base).post("/auth/login", &body).expect(200);
        Client::new(&self.base).with_token(tokens["access_token"].as_str().unwrap())
    }

    /// Brings a contract as far as to be returned, over this process.
    fn return_one(&self, n: u32) -> Value {
        let (registrar, reviewer) = (self.log_in(Person::Registrar), self.log_in(Person::Reviewer));
        let contract = registrar.post("/contracts", &complete_contract(n)).expect(201);
        let version = attach_text(&registrar, &contract);
        let submit = format!("/contracts/{}/submit", contract["id"]);
        let contract = registrar.post_at(&submit, version, &json!({})).expect(200);
        let contract = reviewer.act(&contract, "claim", &json!({}));
        let body = json!({"reason": "金额有误", "items": [{"pointer": "/amount_fen", "detail": "不符"}]});
        reviewer.act(&contract, "return", &body)
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to end, as a service manager does.
    fn ask_to_stop(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    fn stop(mut self) {
        self.ask_to_stop();
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn people(app: &App) {
    give_address(app, Person::Registrar);
    app.person(Person::Reviewer);
}

both! {
    fn killed_between_commit_and_sending_it_is_sent_once_the_program_is_back(app: &App) {
        people(app);
        let server = SmtpServer::start(Security::Starttls, Behaviour::Mute);
        let served = Served::start(app, &server);
        served.return_one(1);
        // The act is committed, the worker is at the server, which says nothing yet.
        server.wait_for_connections(1);
        served.kill();
        let [mail] = outbox(app).try_into().unwrap();
        assert!(mail.sent_at.is_none(), "{mail:?}");
        assert!(server.received().is_empty());
        server.behave(Behaviour::Accept);
        let served = Served::start(app, &server);
        server.wait_for_mails(1);
        served.stop();
        let [received] = server.received().try_into().unwrap();
        assert_eq!(received.to, ["registrar@example.org"]);
        assert_eq!(received.header("Message-ID"), mail.header_id);
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!(mail.state, MailState::Sent);
    }

    fn killed_within_the_sending_it_is_sent_again_under_the_same_message_id(app: &App) {
        people(app);
        let server = SmtpServer::start(Security::Starttls, Behaviour::HoldReply);
        let served = Served::start(app, &server);
        served.return_one(1);
        server.wait_for_mails(1);
        served.kill();
        server.behave(Behaviour::Accept);
        let served = Served::start(app, &server);
        server.wait_for_mails(2);
        served.stop();
        let [first, second] = server.received().try_into().unwrap();
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!((mail.state, mail.attempts), (MailState::Sent, 2));
    }

    fn told_to_stop_it_finishes_the_mail_it_is_at(app: &App) {
        people(app);
        let server = SmtpServer::start(Security::Starttls, Behaviour::HoldReply);
        // It is told of the mail, and does not find it by looking.
        let mut served = Served::start_polling(app, &server, 3600);
        served.return_one(1);
        server.wait_for_mails(1);
        served.ask_to_stop();
        server.behave(Behaviour::Accept);
        assert_eq!(served.process.wait().unwrap().code(), Some(0));
        let [mail] = outbox(app).try_into().unwrap();
        assert_eq!((mail.state, mail.attempts), (MailState::Sent, 1));
        assert_eq!(server.received().len(), 1);
    }

    fn a_server_that_comes_back_gets_all_of_it_once(app: &App) {
        people(app);
        let server = SmtpServer::start(Security::Starttls, Behaviour::Down);
        let served = Served::start(app, &server);
        for n in 1..=3 {
            served.return_one(n);
        }
        server.wait_for_connections(2);
        server.behave(Behaviour::Accept);
        server.wait_for_mails(3);
        served.stop();
        let mut ids: Vec<String> = server.received().iter().map(|m| m.header("Message-ID")).collect();
        ids.sort();
        let mut expected: Vec<String> = outbox(app).into_iter().map(|m| m.header_id).collect();
        expected.sort();
        assert_eq!(ids, expected);
        assert!(outbox(app).iter().all(|m| m.state == MailState::Sent));
    }
}

#[test]
fn settings_that_cannot_work_are_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("x.sqlite").display());
    for (key, value, said) in [
        ("DENGJI_MAIL__FROM", "nobody", "mail.from"),
        ("DENGJI_MAIL__SMTP__HOST", "", "host"),
        ("DENGJI_MAIL__SMTP__ROOT_CERTIFICATES", "/nowhere.pem", "/nowhere.pem"),
        ("DENGJI_MAIL__SMTP__TIMEOUT_SECONDS", "600", "timeout_seconds"),
        ("DENGJI_MAIL__SMTP__COLOUR", "red", "colour"),
    ] {
        let output = dengji(&url, folder.path())
            .args(["serve", "--create", "--listen", "127.0.0.1:0"])
            .env("DENGJI_MAIL__TRANSPORT", "smtp")
            .env(key, value)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{key}: {stderr}");
        assert!(stderr.contains(said), "{key}: {stderr}");
    }
}
