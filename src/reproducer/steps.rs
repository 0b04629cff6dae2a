//! The steps of a script, as the parts of Python play them.

use super::literal;
use super::outcome;
use wsgauntlet_suite::case::script::{FrameSpec, Piece, Script, Step, Write};
use wsgauntlet_suite::case::{Cursor, Cut, Masking, Payload};
use wsgauntlet_suite::matching;
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::peer::compression::Compression;
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{CloseCode, Opcode, Role, SplitMix64};

/// The most octets that our peer sends in a reproducer.
const SENT_LEN_MAX: usize = 2 << 20;

/// The script of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// A line for each step, without indentation.
    pub(crate) lines: Vec<String>,
    /// The index of the first line of the closing handshake that is left where a condition does not hold.
    pub(crate) last: usize,
    /// The parts that the steps call.
    pub(crate) used: Vec<&'static str>,
    /// The codes of the Closes that our peer sends.
    pub(crate) close_codes: Vec<u16>,
}

/// Writes the steps. `agreements`: a key of Python, and what is agreed there; the octets of compressed messages are made for
/// each of them.
pub(crate) fn write(
    script: &Script,
    role: Role,
    play: &PlayConfig,
    agreements: &[(String, Option<DeflateParams>)],
) -> Result<Steps, String> {
    if script.payload_len() > SENT_LEN_MAX {
        return Err(format!("it sends more than {} MiB", SENT_LEN_MAX >> 20));
    }
    let mut writer = Writer {
        steps: Steps::default(),
        role,
        play,
        random: SplitMix64::new(play.seed),
        compressions: agreements
            .iter()
            .map(|(key, agreed)| {
                (key.clone(), Compression::new(agreed.as_ref(), role.peer(), script.compresses_ordinarily()))
            })
            .collect(),
    };
    let mut cursor = Cursor::default();
    let mut last = None;
    while let Some(step) = cursor.step(&script.steps) {
        let is_last = cursor.index() + 1 == script.steps.len();
        if is_last && matches!(step, Step::Close) {
            last = Some(writer.steps.lines.len());
        }
        writer.step(step, cursor, &script.steps)?;
        cursor.advance();
    }
    let mut steps = writer.steps;
    steps.last = last.unwrap_or(steps.lines.len());
    Ok(steps)
}

struct Writer<'a> {
    steps: Steps,
    /// The role of the target.
    role: Role,
    play: &'a PlayConfig,
    random: SplitMix64,
    compressions: Vec<(String, Compression)>,
}

impl Writer<'_> {
    fn step(&mut self, step: &Step, cursor: Cursor, steps: &[Step]) -> Result<(), String> {
        let cause = cursor.cause(steps);
        match step {
            Step::Send(write) => {
                let is_first = !steps[..cursor.index()]
                    .iter()
                    .rev()
                    .take_while(|step| !step.waits())
                    .any(|step| matches!(step, Step::Send(_)));
                if is_first {
                    self.line("(\"mark\",)");
                }
                self.send(write)?;
            }
            Step::Alive { evidence } => {
                let barrier = matching::barrier_payload(cursor.index());
                let capabilities = self.play.capabilities;
                let pings = capabilities.pong && (*evidence || !capabilities.echo);
                let opcode = if pings { Opcode::Ping } else { Opcode::Text };
                let frame = FrameSpec::new(opcode, Payload::Literal(barrier.clone()));
                let frame = self.frame(&frame);
                self.line(&format!("(\"send\", [{frame}])"));
                let payload = literal::octets(&barrier);
                let (call, text) = match pings {
                    true => (format!("(pong, {payload})"), "a pong with the payload of the ping"),
                    false => (format!("(message, 1, {payload})"), "the echo of the message"),
                };
                self.steps.used.push(if pings { "pong" } else { "message" });
                self.line(&format!("(\"expect\", \"{text}\", [{call}])"));
            }
            Step::Close => {
                // The octets that bring the end about are those of earlier sends, if there are any.
                if cause == Some(cursor.index()) {
                    self.line("(\"mark\", True)");
                }
                self.line("(\"closing\",)");
                self.steps.close_codes.push(CloseCode::NORMAL.0);
                self.steps.used.push("close");
                self.line("(\"expect\", \"a Close, then the end of the connection\", [(close, [1000]), (close, \"any\")])");
            }
            Step::Open => {
                self.steps.used.push("open");
                self.line("(\"expect\", \"the opening handshake is completed\", [(opened, {})])");
            }
            Step::Expect(expectation) => {
                if cause.is_none() {
                    self.line("(\"unmark\",)");
                }
                let line = outcome::expect(expectation, self.role, &mut self.steps.used);
                self.line(&line);
            }
            Step::IfDeflate(wanted) => {
                self.line(&format!("(\"if_deflate\", {})", outcome::agreement(wanted)))
            }
            Step::IfOffered(wanted) => {
                self.line(&format!("(\"if_offered\", {})", outcome::agreement(wanted)))
            }
            Step::HalfClose => self.line("(\"half\",)"),
            Step::Answer => self.line("(\"answer\",)"),
            Step::Reset => self.line("(\"reset\",)"),
            Step::Wait(pause) => self.line(&format!("(\"wait\", {})", pause.as_secs_f64())),
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        self.steps.lines.push(line.to_owned());
    }

    fn send(&mut self, write: &Write) -> Result<(), String> {
        if let ([Piece::Frame(frame)], 1..) = (write.pieces.as_slice(), write.flood) {
            let frame = self.frame(frame);
            self.line(&format!("(\"flood\", {frame}, {})", write.flood));
            return Ok(());
        }
        let mut closes = false;
        let mut writes = Vec::new();
        for piece in &write.pieces {
            let (exprs, has_close) = self.piece(piece);
            closes |= has_close;
            writes.extend(exprs);
        }
        if write.coalesced {
            writes = vec![joined(&writes)];
        }
        let cut = cut(&write.cut);
        if cut != "None" || write.segments > 0 {
            let with_cut = |octets: &String| format!("({octets}, {cut}, {})", write.segments);
            writes = writes.iter().map(with_cut).collect();
        }
        let closes = if closes { ", True" } else { "" };
        self.line(&format!("(\"send\", [{}]{closes})", writes.join(", ")));
        Ok(())
    }

    /// The octets of a piece, an expression a frame, and whether a Close is among them.
    fn piece(&mut self, piece: &Piece) -> (Vec<String>, bool) {
        match piece {
            Piece::Raw(octets) => (vec![literal::octets(octets)], false),
            Piece::Frame(frame) => (vec![self.frame(frame)], frame.opcode == Opcode::Close),
            Piece::Compressed(message) => {
                let mut compressions = std::mem::take(&mut self.compressions);
                let mut variants: Vec<(String, Vec<String>)> = Vec::new();
                for (key, compression) in &mut compressions {
                    let frames: Vec<String> =
                        compression.frames(message).iter().map(|frame| self.frame(frame)).collect();
                    variants.push((key.clone(), frames));
                }
                self.compressions = compressions;
                if let [(key, frames)] = variants.as_slice()
                    && key == "None"
                {
                    return (frames.clone(), false);
                }
                // Fragments of another agreement may be cut elsewhere: the frames of a message go out one by one all the same.
                let count = variants.iter().map(|(_, frames)| frames.len()).max().unwrap_or_default();
                let frame = |index: usize| {
                    let of = |(key, frames): &(String, Vec<String>)| {
                        format!("{key}: {}", frames.get(index).map_or("b\"\"", String::as_str))
                    };
                    format!("{{{}}}", variants.iter().map(of).collect::<Vec<_>>().join(", "))
                };
                ((0..count).map(frame).collect(), false)
            }
        }
    }

    /// The octets of a frame: its header with the masking key, then its payload.
    fn frame(&mut self, frame: &FrameSpec) -> String {
        let sender = self.role.peer();
        if frame.opcode == Opcode::Close
            && let [high, low, ..] = frame.payload.octets().as_slice()
        {
            self.steps.close_codes.push(u16::from_be_bytes([*high, *low]));
        }
        let key = (self.random.next_u64() as u32).to_be_bytes();
        let octets = frame.encode(sender, key);
        let header = &octets[..octets.len() - frame.payload.len()];
        let is_masked = sender.masks() == (frame.masking == Masking::Right);
        let payload = literal::payload(&frame.payload);
        match (is_masked, frame.payload.len()) {
            (_, 0) => literal::octets(header),
            (true, _) => format!("masked({}, {payload})", literal::octets(header)),
            (false, _) => format!("{} + {payload}", literal::octets(header)),
        }
    }
}

/// Several expressions of octets as one.
fn joined(writes: &[String]) -> String {
    match writes {
        [one] => one.clone(),
        several if several.iter().any(|write| write.starts_with('{')) => {
            format!("joined([{}])", several.join(", "))
        }
        several => several.join(" + "),
    }
}

/// Where writes are cut: `None`, a length, or a list of places.
pub(crate) fn cut(cut: &Cut) -> String {
    match cut {
        Cut::Whole => "None".to_owned(),
        Cut::Every(len) => len.to_string(),
        Cut::At(places) => {
            format!("[{}]", places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}
