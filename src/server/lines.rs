//! The lines of those who are inside: who takes long over a request that never comes is hung up on. What reads requests does so by
//! itself for the first request of a connection, not for half of a later one.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpRequest,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Bytes,
};
use pin_project_lite::pin_project;
use socket2::Socket;

use super::doors::Guest;

/// Bytes of an answer that are handed over at once, so that its last piece goes when the one before it was taken.
const PIECE: usize = 32 * 1024;

/// A connection, and since when nothing happens on it.
pub(super) struct Line {
    socket: Socket,
    traffic: Mutex<Traffic>,
}

struct Traffic {
    /// Requests that are read, worked on or answered.
    under_way: usize,
    /// When the last of them ended.
    since: Instant,
}

impl Line {
    pub(super) fn new(socket: Socket) -> Self {
        Self {
            socket,
            traffic: Mutex::new(Traffic {
                under_way: 0,
                since: Instant::now(),
            }),
        }
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hangs up where nothing happened for so long.
    pub(super) fn end_where_quiet(&self, longest: Duration) {
        let is_quiet = {
            let traffic = self.traffic();
            traffic.under_way == 0 && traffic.since.elapsed() > longest
        };
        if is_quiet {
            // Whoever hung up meanwhile is gone as well.
            let _ = self.socket.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// A request on its line, from its head to the end of its answer.
struct Busy(Arc<Line>);

impl Busy {
    fn on(line: &Arc<Line>) -> Self {
        line.traffic().under_way += 1;
        Self(Arc::clone(line))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut traffic = self.0.traffic();
        traffic.under_way = traffic.under_way.saturating_sub(1);
        traffic.since = Instant::now();
    }
}

/// Has the line know that a request is under way; stands around everything else.
///
/// # Errors
/// Those of what it surrounds.
pub(super) async fn in_use<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Sent<B>>, Error> {
    let busy = line_of(request.request()).map(Busy::on);
    let response = next.call(request).await?;
    Ok(response.map_body(|_, body| Sent {
        body,
        rest: Bytes::new(),
        busy,
    }))
}

fn line_of(request: &HttpRequest) -> Option<&Arc<Line>> {
    request.conn_data::<Guest>().map(Guest::line)
}

pin_project! {
    /// An answer's body on its way, in pieces; its line is busy until the last of them was asked for.
    pub(super) struct Sent<B> {
        #[pin]
        body: B,
        // What is left of the piece that was made last.
        rest: Bytes,
        busy: Option<Busy>,
    }
}

impl<B: MessageBody> MessageBody for Sent<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        if this.rest.is_empty() {
            match ready!(this.body.poll_next(cx)) {
                Some(Ok(piece)) => *this.rest = piece,
                end => {
                    *this.busy = None;
                    return Poll::Ready(end);
                }
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    }
}
