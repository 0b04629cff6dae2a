//! One player over one connection.

use super::read_buffer::{self, poll_read};
use super::segmented::{APART, Control};
use super::stream::Stream;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::Sleep;
use wsgauntlet_suite::peer::{Action, Player, Side};
use wsgauntlet_suite::transcript::Transcript;

/// The most octets that are taken of a target in one connection: a flood is cut here.
const RECEIVED_LEN_MAX: usize = 256 << 20;

/// A deadline that is noticed this much later was missed by us: the machine was busy with other plays. What arrived meanwhile
/// was not silence.
const LATE: Duration = Duration::from_millis(50);

/// At most this many pieces per connection are sent apart from each other.
const APART_MAX: usize = 48;

/// How long a client that was played may take to end its connection after the verdict.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// Plays over `stream` until everything is decided. `started` is when the connection attempt was.
pub async fn play(player: Player, stream: Stream, started: Instant) -> Transcript {
    let (player, _stream) = drive(player, stream, started, Vec::new()).await;
    player.into_transcript()
}

/// Gives the transcript of a client that was played. Its connection is ended in order in the background, so that a client that
/// comes again is not disturbed by a reset.
pub(super) fn finish_with_farewell(player: Player, stream: Option<Stream>) -> Transcript {
    let (transcript, farewell) = player.finish_with_farewell();
    if let Some(stream) = stream {
        tokio::spawn(tokio::time::timeout(END_TIMEOUT, end_in_order(stream, farewell)));
    }
    transcript
}

/// Ends a connection without losing what the peer still writes.
pub(super) async fn end_in_order(mut stream: Stream, farewell: Vec<u8>) {
    // The peer may have ended the connection already. Then there is nothing left to do.
    let _ = stream.write_all(&farewell).await;
    let _ = stream.shutdown().await;
    let _ = read_buffer::discard(&mut stream, RECEIVED_LEN_MAX).await;
}

/// Runs the player until it is finished. `read` is what was read of the connection before, and when. Gives the stream back,
/// unless it was reset, or a write was cut off.
#[expect(clippy::disallowed_methods, reason = "the deadline of a step")]
pub(super) async fn drive<S: Side>(
    mut player: S,
    stream: Stream,
    started: Instant,
    read: Vec<(Duration, Vec<u8>)>,
) -> (S, Option<Stream>) {
    let mut connection = Connection::new(stream, started);
    player.connected(read.first().map_or_else(|| connection.now(), |(at, _)| *at));
    for (at, octets) in read {
        player.receive(at, &octets);
    }
    let mut alarm = pin!(tokio::time::sleep_until(started.into()));
    while !player.is_finished() {
        if connection.has_written()
            && let Some(action) = player.poll_transmit(connection.now())
        {
            match connection.act(action).await {
                Acted::Writes => {}
                Acted::Done => continue,
                Acted::Reset => {
                    player.receive_reset(connection.now());
                    return (drained(player, connection.now()), None);
                }
            }
        }
        if let Turn::Expired = connection.turn(&mut player, alarm.as_mut()).await {
            player.handle_timeout(connection.now());
        }
    }
    (player, connection.into_stream())
}

/// A connection, and what is under way in it.
struct Connection {
    stream: Stream,
    below_tls: Option<Arc<Control>>,
    started: Instant,
    /// The write under way, and how much of it was written.
    pending: Vec<u8>,
    written: usize,
    /// Neither has the peer ended its direction, nor was a flood cut.
    is_reading: bool,
    received: usize,
    /// How many pieces were sent apart from each other.
    apart: usize,
}

/// What an action of the player led to.
enum Acted {
    /// Octets are to be written.
    Writes,
    Done,
    Reset,
}

/// What happened in a connection.
enum Turn {
    /// Octets were written or read, or the peer ended the connection.
    Moved,
    /// The deadline of the player passed.
    Expired,
}

impl Connection {
    fn new(stream: Stream, started: Instant) -> Connection {
        let below_tls = stream.below_tls();
        Connection {
            stream,
            below_tls,
            started,
            pending: Vec::new(),
            written: 0,
            is_reading: true,
            received: 0,
            apart: 0,
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn has_written(&self) -> bool {
        self.written == self.pending.len()
    }

    fn segment_records(&self, count: usize) {
        self.below_tls.iter().for_each(|below| below.segment_records(count));
    }

    #[expect(clippy::disallowed_methods, reason = "the pause between pieces")]
    async fn act(&mut self, action: Action) -> Acted {
        match action {
            Action::Write(octets) => {
                self.pending = octets;
                self.written = 0;
                return if self.pending.is_empty() { Acted::Done } else { Acted::Writes };
            }
            Action::Pause => {
                self.apart += 1;
                if self.apart <= APART_MAX {
                    tokio::time::sleep_until(tokio::time::Instant::now() + APART).await;
                }
            }
            Action::Segments(count) => self.segment_records(count),
            // The target may have ended the connection already.
            Action::HalfClose => drop(self.stream.shutdown().await),
            Action::Reset => {
                self.stream.reset_on_drop();
                return Acted::Reset;
            }
        }
        Acted::Done
    }

    /// Writes and reads as far as the connection allows it, and waits for one of both, or for the deadline of the player.
    async fn turn(&mut self, player: &mut impl Side, mut alarm: Pin<&mut Sleep>) -> Turn {
        let deadline = player.poll_timeout().map(|at| self.started + at);
        if let Some(at) = deadline
            && alarm.deadline() != at.into()
        {
            alarm.as_mut().reset(at.into());
        }
        let mut wrote = Poll::Pending;
        let turn = poll_fn(|cx| {
            if !self.has_written() {
                wrote = Pin::new(&mut self.stream).poll_write(cx, &self.pending[self.written..]);
            }
            if self.poll_read(player, cx).is_ready() || wrote.is_ready() {
                return Poll::Ready(Turn::Moved);
            }
            match deadline {
                Some(_) => alarm.as_mut().poll(cx).map(|()| Turn::Expired),
                None => Poll::Pending,
            }
        })
        .await;
        if let Poll::Ready(wrote) = wrote {
            self.note_write(wrote).await;
        }
        let is_late = deadline.is_some_and(|at| at.elapsed() > LATE);
        if matches!(turn, Turn::Expired) && is_late && self.is_reading {
            let read = tokio::time::timeout(LATE, poll_fn(|cx| self.poll_read(player, cx))).await;
            return if read.is_ok() { Turn::Moved } else { Turn::Expired };
        }
        turn
    }

    async fn note_write(&mut self, wrote: io::Result<usize>) {
        match wrote {
            // What the target does not take is lost; its reads show why.
            Ok(0) | Err(_) => self.written = self.pending.len(),
            Ok(len) => {
                self.written += len;
                if self.has_written() {
                    let _ = self.stream.flush().await;
                    self.segment_records(0);
                }
            }
        }
    }

    /// Reads once, and shows it to the player.
    fn poll_read(&mut self, player: &mut impl Side, cx: &mut std::task::Context<'_>) -> Poll<()> {
        if !self.is_reading {
            return Poll::Pending;
        }
        let started = self.started;
        let read = poll_read(&mut self.stream, cx, |read| {
            let len = read.as_ref().map_or(0, |octets| octets.len());
            show(player, started.elapsed(), read);
            len
        });
        read.map(|len| {
            self.received += len;
            self.is_reading = len > 0 && self.received <= RECEIVED_LEN_MAX;
        })
    }

    /// The stream, if another frame can follow: a frame that was written in part cannot be followed by one.
    fn into_stream(self) -> Option<Stream> {
        self.has_written().then_some(self.stream)
    }
}

/// Shows the player what a read gave.
fn show(player: &mut impl Side, now: Duration, read: io::Result<&[u8]>) {
    match read {
        Ok([]) => player.receive_eof(now),
        Ok(octets) => player.receive(now, octets),
        // A TLS peer that ends TCP without close_notify.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => player.receive_eof(now),
        Err(_) => player.receive_reset(now),
    }
}

/// After our own reset nothing more can be seen: what is waited for is decided at once.
fn drained<S: Side>(mut player: S, now: Duration) -> S {
    while !player.is_finished() {
        let Some(at) = player.poll_timeout() else { break };
        player.handle_timeout(at.max(now));
    }
    player
}
