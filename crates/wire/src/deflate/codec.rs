//! The ordinary compressor and decompressor of an endpoint, thin over flate2 with zlib-rs. Knows no frames.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::encode::Encoder;
use super::{Settings, TAIL, WINDOW_LEN_MAX, WindowBits, idle};

/// A fast one. Level 1 has no dynamic blocks, which cases want to see.
const LEVEL: u32 = 2;

/// Octets of output for each call of zlib.
const CHUNK_LEN: usize = 16 * 1024;

/// Compresses the messages of one direction of a connection (RFC 7692 §7.2.1).
pub struct Compressor {
    engine: Engine,
    context_takeover: bool,
}

enum Engine {
    /// Its tables are large: they are made when there is something to compress.
    Zlib(Option<Compress>, WindowBits),
    /// zlib has no raw DEFLATE with a window of 256 octets: it silently takes 512.
    Own(Encoder),
}

impl Compressor {
    /// A compressor for the messages of one direction, within the window and the context that were agreed.
    pub fn new(settings: Settings) -> Compressor {
        let engine = if settings.window_bits == WindowBits::MIN {
            Engine::Own(Encoder::new(settings))
        } else {
            Engine::Zlib(None, settings.window_bits)
        };
        Compressor { engine, context_takeover: settings.context_takeover }
    }

    /// The payload of the message, the tail removed. Never empty: an empty message is the octet 00 (§7.2.3.6).
    pub fn compress_message(&mut self, data: &[u8]) -> Vec<u8> {
        match &mut self.engine {
            Engine::Own(encoder) => encoder.compress_message(data),
            // A second flush without input in between would be refused, and write nothing.
            Engine::Zlib(..) if data.is_empty() => vec![0x00],
            Engine::Zlib(stream, bits) => {
                let stream = stream.get_or_insert_with(|| {
                    Compress::new_with_window_bits(Compression::new(LEVEL), false, bits.get())
                });
                if !self.context_takeover {
                    stream.reset();
                }
                let mut payload = sync_flush(stream, data);
                debug_assert!(payload.ends_with(&TAIL), "a sync flush ends with an empty stored block");
                payload.truncate(payload.len().saturating_sub(TAIL.len()));
                payload
            }
        }
    }
}

fn sync_flush(stream: &mut Compress, data: &[u8]) -> Vec<u8> {
    let mut payload = Vec::with_capacity(data.len() / 2 + 64);
    let mut consumed = 0;
    loop {
        let before = stream.total_in();
        stream
            .compress_vec(&data[consumed..], &mut payload, FlushCompress::Sync)
            .expect("raw deflate has no error but misuse of the stream");
        consumed += (stream.total_in() - before) as usize;
        // zlib has flushed everything once it leaves room in the output.
        if payload.len() < payload.capacity() {
            return payload;
        }
        payload.reserve(CHUNK_LEN);
    }
}

/// Why a message could not be inflated. The connection cannot go on after any of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecompressError {
    /// The octets are not DEFLATE data.
    #[error("invalid DEFLATE data: {reason}")]
    Corrupt {
        /// For people: zlib-rs words it.
        reason: String,
    },
    /// Payload and tail end within a block, or there is no empty stored block for the tail to complete.
    #[error("DEFLATE data cut short")]
    CutShort,
    /// The message inflates to more octets than the limit that was set.
    #[error("message longer than {limit} octets")]
    TooLong {
        /// In octets.
        limit: usize,
    },
}

/// Inflates the messages of one direction of a connection (RFC 7692 §7.2.2), as they arrive. The window is one of
/// 32,768 octets whatever was agreed, so that any lawful message is decoded.
///
/// BFINAL ends a stream for zlib. A new one then starts with the window so far as its dictionary, so that later blocks,
/// and later messages, may refer to what came before.
///
/// After an error it stays failed: every call gives that error again.
pub struct Decompressor {
    /// Made when there is something to inflate.
    stream: Option<Decompress>,
    context_takeover: bool,
    output_len_max: usize,
    /// Octets of output of the message under way.
    message_len: usize,
    /// What the next stream starts with: its last 32,768 octets matter.
    history: Vec<u8>,
    scratch: Vec<u8>,
    /// Whether the stream ended, so that further input needs a new one.
    ended: bool,
    failed: Option<DecompressError>,
}

/// A final stored block with octets of its own, which [`Decompressor::finish_message`] feeds after the tail. zlib takes
/// it as such, and ends the stream with its last octet, only if the message ended at a block's end on an octet
/// boundary. flate2 does not expose where in a block zlib stands.
const PROBE: [u8; 9] = [0x01, 0x04, 0x00, 0xfb, 0xff, 0x96, 0x0f, 0xa5, 0x3c];
const PROBE_OUTPUT: &[u8] = PROBE.last_chunk::<4>().expect("the probe is longer than four octets");

impl Decompressor {
    /// A message that inflates to more than `output_len_max` octets is an error.
    pub fn new(context_takeover: bool, output_len_max: usize) -> Decompressor {
        Decompressor {
            stream: None,
            context_takeover,
            output_len_max,
            message_len: 0,
            history: Vec::new(),
            scratch: Vec::new(),
            ended: false,
            failed: None,
        }
    }

    /// Inflates the next octets of the message, cut anywhere. Returns at most as many octets as the limit leaves.
    ///
    /// # Errors
    ///
    /// Octets that are not DEFLATE data, or a message that is longer than the limit. The error stays.
    pub fn decompress_chunk(&mut self, chunk: &[u8]) -> Result<Vec<u8>, DecompressError> {
        self.guarded(|this| this.inflate(chunk))
    }

    /// Ends the message: appends the tail of RFC 7692 §7.2.2 and returns the last octets.
    ///
    /// # Errors
    ///
    /// Those of [`Decompressor::decompress_chunk`], or a message that did not end where a block ends. The error stays.
    pub fn finish_message(&mut self) -> Result<Vec<u8>, DecompressError> {
        self.guarded(|this| {
            let output = this.inflate(&TAIL)?;
            this.check_boundary()?;
            if !this.context_takeover {
                this.history.clear();
            }
            this.message_len = 0;
            this.restart()?;
            Ok(output)
        })
    }

    fn guarded(
        &mut self,
        work: impl FnOnce(&mut Decompressor) -> Result<Vec<u8>, DecompressError>,
    ) -> Result<Vec<u8>, DecompressError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        work(self).inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn inflate(&mut self, input: &[u8]) -> Result<Vec<u8>, DecompressError> {
        let mut output = Vec::new();
        let mut rest = input;
        self.scratch.resize(CHUNK_LEN, 0);
        loop {
            if self.ended {
                if rest.is_empty() {
                    break;
                }
                self.restart()?;
            }
            let room = self.scratch.len().min((self.output_len_max - self.message_len).saturating_add(1));
            let (consumed, made) = self.step(rest, room)?;
            rest = &rest[consumed..];
            self.message_len += made;
            if self.message_len > self.output_len_max {
                return Err(DecompressError::TooLong { limit: self.output_len_max });
            }
            output.extend_from_slice(&self.scratch[..made]);
            self.remember(made);
            // zlib holds no output back once it leaves room for it.
            if !self.ended && rest.is_empty() && made < room {
                break;
            }
        }
        Ok(output)
    }

    /// One call of zlib, with room for `room` octets in `scratch`: octets consumed and made.
    fn step(&mut self, input: &[u8], room: usize) -> Result<(usize, usize), DecompressError> {
        let stream = self.stream.get_or_insert_with(idle::decompress);
        let before = (stream.total_in(), stream.total_out());
        let status = stream
            .decompress(input, &mut self.scratch[..room], FlushDecompress::Sync)
            .map_err(|error| corrupt(&error))?;
        self.ended = status == Status::StreamEnd;
        let consumed = (stream.total_in() - before.0) as usize;
        let made = (stream.total_out() - before.1) as usize;
        if consumed == 0 && made == 0 && !self.ended && !input.is_empty() {
            return Err(DecompressError::Corrupt { reason: "no progress".to_owned() });
        }
        Ok((consumed, made))
    }

    fn check_boundary(&mut self) -> Result<(), DecompressError> {
        if self.ended {
            // BFINAL was in the block that the tail completed.
            return Ok(());
        }
        let room = PROBE_OUTPUT.len() + 1;
        let probed = self.step(&PROBE, room);
        let found = (probed, self.ended, self.scratch.get(..PROBE_OUTPUT.len()));
        match found == (Ok((PROBE.len(), PROBE_OUTPUT.len())), true, Some(PROBE_OUTPUT)) {
            true => Ok(()),
            false => Err(DecompressError::CutShort),
        }
    }

    fn restart(&mut self) -> Result<(), DecompressError> {
        self.ended = false;
        let stream = self.stream.get_or_insert_with(idle::decompress);
        stream.reset(false);
        let window = &self.history[self.history.len().saturating_sub(WINDOW_LEN_MAX)..];
        if !window.is_empty() {
            stream.set_dictionary(window).map_err(|error| corrupt(&error))?;
        }
        Ok(())
    }

    fn remember(&mut self, made: usize) {
        self.history.extend_from_slice(&self.scratch[..made]);
        if self.history.len() > 4 * WINDOW_LEN_MAX {
            self.history.drain(..self.history.len() - WINDOW_LEN_MAX);
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            idle::give_back(stream);
        }
    }
}

fn corrupt(error: &flate2::DecompressError) -> DecompressError {
    DecompressError::Corrupt { reason: error.message().unwrap_or("unknown").to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::{Block, Body, Message, Token};
    use super::*;

    #[test]
    fn the_limit_comes_before_what_is_wrong_behind_it() {
        let block = |body| Block { bfinal: false, body };
        let hello = Body::Fixed(b"Hello".map(Token::Literal).to_vec());
        let message = Message::new(vec![block(hello), block(Body::Reserved(Vec::new()))]).encode();
        let mut decompressor = Decompressor::new(true, 3);
        assert_eq!(decompressor.decompress_chunk(b"\0\x02\0\xfd\xffab").as_deref(), Ok(&b"ab"[..]));
        assert_eq!(decompressor.decompress_chunk(&message), Err(DecompressError::TooLong { limit: 3 }));
    }

    #[test]
    fn the_history_is_bounded() {
        let message = Encoder::new(Settings::default()).compress_message(&[7; 20_000]);
        let mut decompressor = Decompressor::new(true, 20_000);
        for _ in 0..20 {
            assert_eq!(decompressor.decompress_chunk(&message).map(|output| output.len()), Ok(20_000));
            assert_eq!(decompressor.finish_message(), Ok(Vec::new()));
            assert!((20_000..=4 * WINDOW_LEN_MAX).contains(&decompressor.history.len()));
        }
    }

    /// Room for the output is made as often as it takes, and all of it is given at once.
    #[test]
    fn what_does_not_compress_survives() {
        let mut state = 1u32;
        let mut octet = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let data: Vec<u8> = (0..3 * CHUNK_LEN).map(|_| octet()).collect();
        for len in [1, 200, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, data.len()] {
            let payload = Compressor::new(Settings::default()).compress_message(&data[..len]);
            let mut decompressor = Decompressor::new(true, len);
            assert!(decompressor.decompress_chunk(&payload).as_deref() == Ok(&data[..len]), "{len} octets");
            assert_eq!(decompressor.finish_message(), Ok(Vec::new()));
        }
    }
}
