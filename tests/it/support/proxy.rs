//! What stands between the program and its database's server, and can stop: as a server that froze, or one that went away.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    sync::{Arc, Condvar, Mutex},
    thread,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Forwarding,
    Frozen,
    Away,
}

struct Gate {
    mode: Mutex<Mode>,
    changed: Condvar,
    open: Mutex<Vec<TcpStream>>,
}

/// A way to a server, which can be blocked.
pub struct Proxy {
    address: SocketAddr,
    gate: Arc<Gate>,
}

impl Proxy {
    /// The way to the server of a URL, and the URL by that way.
    pub fn to(url: &str) -> (Self, String) {
        let start = url.find('@').map_or("postgres://".len(), |at| at + 1);
        let end = start + url[start..].find('/').unwrap();
        let server = url[start..end].to_socket_addrs().unwrap().next().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Arc::new(Gate {
            mode: Mutex::new(Mode::Forwarding),
            changed: Condvar::new(),
            open: Mutex::default(),
        });
        let watch = Arc::clone(&gate);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if *watch.mode.lock().unwrap() == Mode::Away {
                    continue;
                }
                let server = TcpStream::connect(server).unwrap();
                watch
                    .open
                    .lock()
                    .unwrap()
                    .extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for (from, to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server, client),
                ] {
                    let gate = Arc::clone(&watch);
                    thread::spawn(move || forward(from, to, &gate));
                }
            }
        });
        let url = format!("{}{address}{}", &url[..start], &url[end..]);
        (Self { address, gate }, url)
    }

    fn set(&self, mode: Mode) {
        *self.gate.mode.lock().unwrap() = mode;
        self.gate.changed.notify_all();
    }

    /// Nothing is forwarded any more, and no connection is closed.
    pub fn freeze(&self) {
        self.set(Mode::Frozen);
    }

    /// Every connection is closed, and so is each new one.
    pub fn go_away(&self) {
        self.set(Mode::Away);
        for stream in self.gate.open.lock().unwrap().drain(..) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// All is forwarded again, what was held back too.
    pub fn come_back(&self) {
        self.set(Mode::Forwarding);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.go_away();
        // The thread that listens is woken, and left to end with the process.
        drop(TcpStream::connect(self.address));
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, gate: &Gate) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        let mode = gate.mode.lock().unwrap();
        let mode = gate.changed.wait_while(mode, |mode| *mode == Mode::Frozen).unwrap();
        let away = *mode == Mode::Away;
        drop(mode);
        if away || to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
