//! A mail server on the loopback address, with TLS from the start or after STARTTLS, that keeps what it is sent and behaves as it
//! is told: away, refusing, silent.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Condvar, Mutex, OnceLock},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tempfile::TempDir;

/// Bound of every wait: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The account that the server knows.
pub const ACCOUNT: (&str, &str) = ("dengji", "a password of mail");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    Starttls,
    Tls,
    /// Offers no TLS at all.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes everything.
    Accept,
    /// Hangs up at once.
    Down,
    /// Says nothing to whoever connects.
    Mute,
    /// Answers RCPT by this code.
    Answer(u16),
    /// Takes the mail and hangs up without saying so.
    LoseReply,
    /// Takes the mail, and says so only once another behaviour is set.
    HoldReply,
}

/// A mail that the server has.
#[derive(Debug, Clone)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub secure: bool,
    /// Who had logged in.
    pub account: Option<String>,
    data: String,
}

impl Received {
    /// A header, unfolded and decoded.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let line = head
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_else(|| panic!("no {name} in {head}"));
        decode_words(line)
    }

    /// The text, decoded.
    pub fn text(&self) -> String {
        let body: String = self.data.split_once("\r\n\r\n").unwrap().1.split_whitespace().collect();
        String::from_utf8(STANDARD.decode(body).unwrap())
            .unwrap()
            .replace("\r\n", "\n")
    }
}

/// RFC 2047 in base64, as one word or several.
fn decode_words(text: &str) -> String {
    let mut bytes = Vec::new();
    for word in text.split(' ') {
        match word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?=")) {
            Some(encoded) => bytes.extend(STANDARD.decode(encoded).unwrap()),
            None => bytes.extend(word.bytes()),
        }
    }
    String::from_utf8(bytes).unwrap()
}

struct State {
    behaviour: Behaviour,
    received: Vec<Received>,
    connections: usize,
    stopped: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// The server; it stops with the test.
pub struct SmtpServer {
    pub port: u16,
    shared: Shared,
    thread: Option<thread::JoinHandle<()>>,
}

impl SmtpServer {
    pub fn start(security: Security, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            behaviour,
            received: Vec::new(),
            connections: 0,
            stopped: false,
        };
        let shared: Shared = Arc::new((Mutex::new(state), Condvar::new()));
        let (ours, config) = (Arc::clone(&shared), certificates().config());
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                if ours.0.lock().unwrap().stopped {
                    return;
                }
                let (shared, config) = (Arc::clone(&ours), Arc::clone(&config));
                // A caller that goes away in the middle is no fault of the server's.
                thread::spawn(move || drop(serve(stream, security, &config, &shared)));
            }
        });
        Self {
            port,
            shared,
            thread: Some(thread),
        }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.shared.0.lock().unwrap().behaviour = behaviour;
        self.shared.1.notify_all();
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.0.lock().unwrap().received.clone()
    }

    /// Waits until it has so many mails.
    pub fn wait_for_mails(&self, count: usize) -> Vec<Received> {
        wait(&self.shared, |s| s.received.len() >= count).received.clone()
    }

    /// Waits until so many connections were made, in all.
    pub fn wait_for_connections(&self, count: usize) {
        drop(wait(&self.shared, |s| s.connections >= count));
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.0.lock().unwrap().stopped = true;
        self.shared.1.notify_all();
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || thread::panicking());
        }
    }
}

#[track_caller]
fn wait(shared: &Shared, done: impl Fn(&State) -> bool) -> std::sync::MutexGuard<'_, State> {
    let (state, waited) = shared
        .1
        .wait_timeout_while(shared.0.lock().unwrap(), PATIENCE, |s| !done(s))
        .unwrap();
    assert!(
        !waited.timed_out(),
        "{} mails, {} connections",
        state.received.len(),
        state.connections
    );
    state
}

fn behaviour(shared: &Shared) -> Behaviour {
    shared.0.lock().unwrap().behaviour
}

fn serve(stream: TcpStream, security: Security, config: &Arc<ServerConfig>, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    {
        let mut state = shared.0.lock().unwrap();
        state.connections += 1;
        shared.1.notify_all();
    }
    match behaviour(shared) {
        Behaviour::Down => return Ok(()),
        Behaviour::Mute => {
            drop(wait(shared, |s| s.behaviour != Behaviour::Mute || s.stopped));
            return Ok(());
        }
        _ => {}
    }
    let tls = |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        Ok::<_, io::Error>(StreamOwned::new(connection, stream))
    };
    match security {
        Security::Tls => drop(converse(tls(stream)?, true, false, true, shared)?),
        Security::Plain => drop(converse(stream, false, false, true, shared)?),
        Security::Starttls => {
            if let Some(stream) = converse(stream, false, true, true, shared)? {
                drop(converse(tls(stream)?, true, false, false, shared)?);
            }
        }
    }
    Ok(())
}

/// One conversation; the stream back where the caller asks for TLS.
fn converse<S: Read + Write>(
    stream: S,
    secure: bool,
    offers_tls: bool,
    greets: bool,
    shared: &Shared,
) -> io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    let (mut from, mut to, mut account) = (String::new(), Vec::new(), None);
    if greets {
        say(&mut stream, "220 localhost ESMTP")?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let address = || {
            line.split_once('<')
                .and_then(|(_, r)| r.split('>').next())
                .unwrap_or_default()
                .to_owned()
        };
        match verb.as_str() {
            "EHLO" if offers_tls => say(&mut stream, "250-localhost\r\n250 STARTTLS")?,
            "EHLO" if secure => say(&mut stream, "250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "EHLO" | "HELO" | "NOOP" | "RSET" => say(&mut stream, "250 OK")?,
            "STARTTLS" if offers_tls => {
                say(&mut stream, "220 go on")?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => {
                let given = line
                    .rsplit(' ')
                    .next()
                    .and_then(|g| STANDARD.decode(g).ok())
                    .unwrap_or_default();
                if given == format!("\0{}\0{}", ACCOUNT.0, ACCOUNT.1).into_bytes() {
                    account = Some(ACCOUNT.0.to_owned());
                    say(&mut stream, "235 OK")?;
                } else {
                    say(&mut stream, "535 5.7.8 wrong")?;
                }
            }
            "MAIL" => {
                from = address();
                say(&mut stream, "250 OK")?;
            }
            "RCPT" => match behaviour(shared) {
                Behaviour::Answer(code) => say(&mut stream, &format!("{code} as told"))?,
                _ => {
                    to.push(address());
                    say(&mut stream, "250 OK")?;
                }
            },
            "DATA" => {
                say(&mut stream, "354 go on")?;
                let data = read_data(&mut stream)?;
                let received = Received {
                    from: std::mem::take(&mut from),
                    to: std::mem::take(&mut to),
                    secure,
                    account: account.clone(),
                    data,
                };
                shared.0.lock().unwrap().received.push(received);
                shared.1.notify_all();
                match behaviour(shared) {
                    Behaviour::LoseReply => return Ok(None),
                    Behaviour::HoldReply => {
                        drop(wait(shared, |s| s.behaviour != Behaviour::HoldReply || s.stopped));
                        say(&mut stream, "250 OK")?;
                    }
                    _ => say(&mut stream, "250 OK")?,
                }
            }
            "QUIT" => {
                say(&mut stream, "221 bye")?;
                return Ok(None);
            }
            _ => say(&mut stream, "500 unknown")?,
        }
    }
}

fn say<S: Read + Write>(stream: &mut BufReader<S>, line: &str) -> io::Result<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
    stream.get_mut().flush()
}

fn read_data<S: Read + Write>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// An authority of our own and what it signed, for `localhost`.
pub struct Certificates {
    folder: TempDir,
}

/// Made once, by `openssl`.
pub fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "ca");
        authority(folder.path(), "stranger");
        let extensions = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n";
        fs::write(folder.path().join("extensions"), extensions).unwrap();
        openssl(
            folder.path(),
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
        );
        openssl(
            folder.path(),
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 1 -days 2 -extfile extensions -out server.pem",
        );
        Certificates { folder }
    })
}

fn authority(folder: &Path, name: &str) {
    let arguments = format!(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"
    );
    openssl(folder, &arguments);
}

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("`openssl` is not there: `apt-get install openssl`");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

impl Certificates {
    /// The authority that signed the server's certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Another one.
    pub fn stranger(&self) -> PathBuf {
        self.folder.path().join("stranger.pem")
    }

    fn config(&self) -> Arc<ServerConfig> {
        let file = |name: &str| self.folder.path().join(name);
        let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Arc::new(config)
    }
}
