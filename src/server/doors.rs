//! Who may come in: so many connections in all, so many of one address. Who is one too many is turned away at once, so that nobody waits
//! at a door that is blocked; who is inside and asks for nothing is shown out.

use std::{
    any::Any,
    collections::HashMap,
    net::{IpAddr, Shutdown},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use socket2::SockRef;

use super::lines::Line;
use crate::{config::ServerSettings, usecases::accounts::network_of};

/// How long what was sent may lie with somebody who does not take it.
const UNTAKEN: Duration = Duration::from_secs(60);

/// How often it is looked who asks for nothing.
const ROUND: Duration = Duration::from_secs(1);

/// The doors of a server.
pub(super) struct Doors {
    most: usize,
    most_of_address: usize,
    /// Whose connections are other people's.
    proxies: Vec<IpAddr>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    of_address: HashMap<IpAddr, usize>,
    lines: Vec<Weak<Line>>,
}

/// A connection that is inside until this is dropped.
pub(super) struct Guest {
    _place: Place,
    line: Arc<Line>,
}

impl Guest {
    pub(super) fn line(&self) -> &Arc<Line> {
        &self.line
    }
}

/// A place inside, free again when this is dropped.
struct Place {
    doors: Arc<Doors>,
    address: IpAddr,
}

impl Doors {
    pub(super) fn new(settings: &ServerSettings) -> Arc<Self> {
        Arc::new(Self {
            most: settings.connections.get(),
            most_of_address: settings.connections_per_address.get(),
            proxies: settings.trusted_proxies.clone(),
            inside: Mutex::default(),
        })
    }

    /// Lets a new connection in, or closes it.
    pub(super) fn admit(self: &Arc<Self>, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else {
            return;
        };
        let socket = SockRef::from(stream);
        // Where the system knows no such bound the server does without.
        let _ = socket.set_tcp_user_timeout(Some(UNTAKEN));
        match self.guest(stream, &socket) {
            Some(guest) => {
                data.insert(guest);
            }
            // Whoever is gone already is closed as well.
            None => {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// Who comes in by a connection; nobody without a second handle of it, by which it could be ended.
    fn guest(self: &Arc<Self>, stream: &TcpStream, socket: &SockRef<'_>) -> Option<Guest> {
        let place = self.enter(stream.peer_addr().ok()?.ip())?;
        let line = Arc::new(Line::new(socket.try_clone().ok()?));
        self.inside().lines.push(Arc::downgrade(&line));
        Some(Guest { _place: place, line })
    }

    fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = network_of(peer);
        let mut inside = self.inside();
        if inside.all >= self.most {
            return None;
        }
        let of_address = inside.of_address.entry(address).or_default();
        if *of_address >= self.most_of_address && !self.proxies.contains(&peer) {
            return None;
        }
        *of_address += 1;
        inside.all += 1;
        drop(inside);
        Some(Place {
            doors: Arc::clone(self),
            address,
        })
    }

    /// The lines that are open.
    fn lines(&self) -> Vec<Arc<Line>> {
        let mut open = Vec::new();
        self.inside().lines.retain(|line| {
            let line = line.upgrade();
            let is_open = line.is_some();
            open.extend(line);
            is_open
        });
        open
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.doors.inside();
        inside.all = inside.all.saturating_sub(1);
        let left = inside.of_address.get_mut(&self.address).map(|n| {
            *n = n.saturating_sub(1);
            *n
        });
        if left == Some(0) {
            inside.of_address.remove(&self.address);
        }
    }
}

/// Shows out, as long as there are doors, who asked for nothing for so long.
pub(super) async fn show_out(doors: Weak<Doors>, longest: Duration) {
    while let Some(doors) = doors.upgrade() {
        for line in doors.lines() {
            line.end_where_quiet(longest);
        }
        drop(doors);
        tokio::time::sleep(ROUND).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_block_the_door() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let doors = Arc::new(Doors {
            most: 5,
            most_of_address: 2,
            proxies: vec![ip("10.0.0.1")],
            inside: Mutex::default(),
        });
        let first = doors.enter(ip("2001:db8::1")).unwrap();
        let second = doors.enter(ip("2001:db8::2")).unwrap();
        assert!(doors.enter(ip("2001:db8::3")).is_none(), "one subscriber");
        let _others: Vec<_> = (0..3).map(|_| doors.enter(ip("10.0.0.1")).unwrap()).collect();
        assert!(doors.enter(ip("192.0.2.1")).is_none(), "full");
        drop(first);
        let _third = doors.enter(ip("2001:db8::3")).unwrap();
        drop(second);
        assert_eq!(doors.inside().of_address.len(), 2);
    }
}
