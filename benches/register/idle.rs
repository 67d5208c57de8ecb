//! An idle server on an empty store: how soon it is ready, and what it holds.

use std::{thread, time::Duration};

use crate::{
    Failure,
    place::{Place, Server, memory_kib},
    report::{Report, ms},
};

/// What a two-core machine is to give.
const READY_WITHIN: Duration = Duration::from_secs(1);
const MIB: u64 = 60;

pub fn run(place: &Place, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(place, "empty.sqlite")?;
    // What starting took up and gives back is not held against it, what it keeps is.
    thread::sleep(Duration::from_secs(1));
    let kib = memory_kib(server.id(), "VmRSS").ok_or("the server has ended")?;
    let ready = server.ready_after;
    report.holds(
        "idle: ready after the first start (migrations, keys)",
        ms(ready),
        "≤ 1 s",
        ready <= READY_WITHIN,
    );
    let met = kib <= MIB * 1024;
    report.holds("idle: memory of the server (RSS)", mib(kib), "≤ 60 MiB", met);
    Ok(())
}

/// KiB as MiB.
pub fn mib(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}
