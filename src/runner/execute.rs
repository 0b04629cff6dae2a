//! One player over one connection.

use super::segmented::APART;
use super::stream::Stream;
use std::io;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wsgauntlet_suite::peer::{Action, Player, Side};
use wsgauntlet_suite::transcript::Transcript;

/// The most octets that are read at once.
const READ_LEN: usize = 64 * 1024;

/// The most octets that are taken of a target in one connection: a flood is cut here.
const RECEIVED_LEN_MAX: usize = 256 << 20;

/// A deadline that is noticed so much later was missed by us: the machine was busy with other plays. What
/// arrived meanwhile was not silence.
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
pub fn finish_with_farewell(player: Player, stream: Option<Stream>) -> Transcript {
    let (transcript, farewell) = player.finish_with_farewell();
    if let Some(stream) = stream {
        tokio::spawn(tokio::time::timeout(END_TIMEOUT, end_in_order(stream, farewell)));
    }
    transcript
}

/// Ends a connection without losing what the peer still writes.
pub async fn end_in_order(mut stream: Stream, farewell: Vec<u8>) {
    // The peer may be gone, which is all that is wanted of it.
    let _ = stream.write_all(&farewell).await;
    let _ = stream.shutdown().await;
    let mut buffer = Vec::with_capacity(READ_LEN);
    let mut discarded = 0;
    while let Ok(len) = stream.read_buf(&mut buffer).await {
        buffer.clear();
        discarded += len;
        if len == 0 || discarded > RECEIVED_LEN_MAX {
            return;
        }
    }
}

/// What happens next in a connection.
enum Turn {
    Wrote(io::Result<usize>),
    Read(io::Result<usize>),
    Expired,
}

/// Runs the player. Gives the stream back, unless it was reset.
#[expect(clippy::disallowed_methods, reason = "the deadline of a step, and the pause between pieces")]
pub async fn drive<S: Side>(
    mut player: S,
    stream: Stream,
    started: Instant,
    read: Vec<(Duration, Vec<u8>)>,
) -> (S, Option<Stream>) {
    let now = || started.elapsed();
    player.connected(read.first().map_or_else(now, |(at, _)| *at));
    for (at, octets) in read {
        player.receive(at, &octets);
    }
    let below_tls = stream.below_tls();
    let segment_records = |count| below_tls.iter().for_each(|below| below.segment_records(count));
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = Vec::with_capacity(READ_LEN);
    let mut pending: Vec<u8> = Vec::new();
    let (mut written, mut reading, mut received, mut apart) = (0, true, 0usize, 0);
    while !player.is_finished() {
        if pending.len() == written {
            match player.poll_transmit(now()) {
                Some(Action::Write(octets)) => {
                    pending = octets;
                    written = 0;
                    if pending.is_empty() {
                        continue;
                    }
                }
                Some(Action::Pause) => {
                    apart += 1;
                    if apart <= APART_MAX {
                        tokio::time::sleep_until(tokio::time::Instant::now() + APART).await;
                    }
                    continue;
                }
                Some(Action::Segments(count)) => {
                    segment_records(count);
                    continue;
                }
                Some(Action::HalfClose) => {
                    // The target may have ended the connection already.
                    let _ = writer.shutdown().await;
                    continue;
                }
                Some(Action::Reset) => {
                    let stream = reader.unsplit(writer);
                    stream.reset_on_drop();
                    drop(stream);
                    player.receive_reset(now());
                    return (drained(player, now()), None);
                }
                None => {}
            }
        }
        let timeout = player.poll_timeout().map(|at| started + at);
        let sleep = async {
            match timeout {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        let mut turn = tokio::select! {
            wrote = writer.write(&pending[written..]), if written < pending.len() => Turn::Wrote(wrote),
            read = reader.read_buf(&mut buffer), if reading => Turn::Read(read),
            () = sleep => Turn::Expired,
        };
        let late = timeout.is_some_and(|at| at.elapsed() > LATE);
        if matches!(turn, Turn::Expired)
            && late
            && reading
            && let Ok(read) = tokio::time::timeout(LATE, reader.read_buf(&mut buffer)).await
        {
            turn = Turn::Read(read);
        }
        match turn {
            // What the target does not take is lost; its reads tell why.
            Turn::Wrote(Ok(0) | Err(_)) => written = pending.len(),
            Turn::Wrote(Ok(len)) => {
                written += len;
                if written == pending.len() {
                    let _ = writer.flush().await;
                    segment_records(0);
                }
            }
            Turn::Read(read) => {
                received += read.as_ref().map_or(0, |len| *len);
                reading = matches!(read, Ok(len) if len > 0) && received <= RECEIVED_LEN_MAX;
                take(&mut player, now(), read.map(|len| &buffer[..len]));
                buffer.clear();
            }
            Turn::Expired => player.handle_timeout(now()),
        }
    }
    // A frame that was written in part cannot be followed by another.
    let whole = written == pending.len();
    (player, whole.then(|| reader.unsplit(writer)))
}

/// Tells the player what a read gave.
fn take(player: &mut impl Side, now: Duration, read: io::Result<&[u8]>) {
    match read {
        Ok([]) => player.receive_eof(now),
        Ok(octets) => player.receive(now, octets),
        Err(error) => note_read_error(player, now, &error),
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

fn note_read_error(player: &mut impl Side, now: Duration, error: &io::Error) {
    match error.kind() {
        // A TLS peer that ends TCP without close_notify.
        io::ErrorKind::UnexpectedEof => player.receive_eof(now),
        _ => player.receive_reset(now),
    }
}
