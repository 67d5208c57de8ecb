//! Who may come in: so many connections in all, so many of one address. Who is one too many is turned away at once, so that nobody waits
//! at a door that is blocked.

use std::{
    any::Any,
    collections::HashMap,
    net::{IpAddr, Shutdown},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use socket2::SockRef;

use crate::{config::ServerSettings, usecases::accounts::network_of};

/// How long what was sent may lie with somebody who does not take it.
const UNTAKEN: Duration = Duration::from_secs(60);

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
}

/// A connection that is inside until this is dropped.
struct Guest {
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
        match stream.peer_addr().ok().and_then(|peer| self.enter(peer.ip())) {
            Some(guest) => {
                data.insert(guest);
            }
            // Whoever is gone already is closed as well.
            None => {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Guest> {
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
        Some(Guest {
            doors: Arc::clone(self),
            address,
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
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
