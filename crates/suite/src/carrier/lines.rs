//! Lines that show the frames of HTTP/2 in transcripts: `> HEADERS stream 1 end_headers  :method CONNECT, ..`.

use wsgauntlet_wire::hpack::{Decoder, Field};
use wsgauntlet_wire::http2::{FRAME_LEN_MAX, FrameReader, PREFACE, Payload, RawFrame, flags};

/// The most characters of a field's value that are shown.
const VALUE_SHOWN: usize = 120;

/// One direction of a connection.
#[derive(Debug)]
pub struct Lines {
    sign: char,
    reader: FrameReader,
    decoder: Decoder,
    block: Vec<u8>,
    /// The beginning of a client's octets, until it is known whether they begin with the preface.
    preface: Option<Vec<u8>>,
}

impl Lines {
    /// `sign`: `>` for what our peer sends, `<` for what the target sends. `is_client`: a preface goes first.
    pub fn new(sign: char, is_client: bool) -> Lines {
        Lines {
            sign,
            reader: FrameReader::default(),
            decoder: Decoder::default(),
            block: Vec::new(),
            preface: is_client.then(Vec::new),
        }
    }

    /// The lines of the frames that are complete with these octets. Frames of DATA are shown by what they carry.
    pub fn octets(&mut self, octets: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        match self.preface.take() {
            None => self.reader.push(octets),
            Some(mut before) => {
                before.extend_from_slice(octets);
                if before.len() < PREFACE.len() && PREFACE.starts_with(&before) {
                    self.preface = Some(before);
                    return lines;
                }
                match before.strip_prefix(PREFACE) {
                    Some(rest) => {
                        lines.push(format!("{} preface of HTTP/2", self.sign));
                        self.reader.push(rest);
                    }
                    None => self.reader.push(&before),
                }
            }
        }
        while let Ok(Some(frame)) = self.reader.next_frame(FRAME_LEN_MAX) {
            lines.extend(self.frame(&frame));
        }
        lines
    }

    fn frame(&mut self, frame: &RawFrame) -> Vec<String> {
        let mut head = format!("{} {}", self.sign, frame.header.kind);
        if frame.header.stream != 0 {
            head.push_str(&format!(" stream {}", frame.header.stream));
        }
        let ends = if frame.header.has(flags::END_STREAM) { ", END_STREAM" } else { "" };
        let is_whole = frame.header.has(flags::END_HEADERS);
        match Payload::parse(frame) {
            Ok(Payload::Settings(settings)) => {
                let shown: Vec<String> =
                    settings.iter().map(|setting| format!("{} = {}", setting.id, setting.value)).collect();
                vec![format!("{head}  {}", shown.join(", "))]
            }
            Ok(Payload::SettingsAck) => vec![format!("{head}  ACK")],
            Ok(Payload::Ping { ack, .. }) => vec![format!("{head}{}", if ack { "  ACK" } else { "" })],
            Ok(Payload::Data { data, padding }) => {
                let padded =
                    padding.0.map_or(String::new(), |padding| format!(", {} of padding", padding.len()));
                // What it carries has a line of its own.
                match ends.is_empty() && padded.is_empty() && !data.is_empty() {
                    true => Vec::new(),
                    false => vec![format!("{head}  {} octets{padded}{ends}", data.len())],
                }
            }
            Ok(Payload::Headers { block, .. }) => {
                self.block = block;
                self.fields(format!("{head}{ends}"), is_whole)
            }
            Ok(Payload::Continuation(more)) => {
                self.block.extend_from_slice(&more);
                self.fields(head, is_whole)
            }
            Ok(Payload::RstStream(code)) => vec![format!("{head}  {code}")],
            Ok(Payload::GoAway { last, code, debug }) => {
                let debug = String::from_utf8_lossy(&debug);
                let shown = if debug.is_empty() { String::new() } else { format!(", {debug:?}") };
                vec![format!("{head}  {code}, last stream {last}{shown}")]
            }
            // Credit is no news, as acknowledgements of TCP are none.
            Ok(Payload::WindowUpdate(_)) => Vec::new(),
            Ok(Payload::Priority(_) | Payload::PushPromise { .. } | Payload::Unknown(_)) => vec![head],
            Err(error) => vec![format!("{head}  {error}")],
        }
    }

    fn fields(&mut self, head: String, is_whole: bool) -> Vec<String> {
        if !is_whole {
            return vec![format!("{head}, more follows")];
        }
        let block = std::mem::take(&mut self.block);
        match self.decoder.decode(&block) {
            Ok(fields) => {
                let mut lines = vec![head];
                lines.extend(fields.iter().map(|field| format!("{}   {}", self.sign, shown(field))));
                lines
            }
            Err(error) => vec![format!("{head}  {error}")],
        }
    }
}

fn shown(field: &Field) -> String {
    let text = format!("{}: {}", field.name.escape_ascii(), field.value.escape_ascii());
    match text.char_indices().nth(VALUE_SHOWN) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::http2::{ErrorCode, Padding, Setting, SettingId};

    #[test]
    fn frames_are_lines() {
        let mut octets = PREFACE.to_vec();
        let settings = vec![Setting::new(SettingId::ENABLE_CONNECT_PROTOCOL, 1)];
        Payload::Settings(settings).frame(0, 0).encode(&mut octets);
        Payload::WindowUpdate(5).frame(0, 0).encode(&mut octets);
        let data = Payload::Data { data: b"abc".to_vec(), padding: Padding(None) };
        data.frame(1, 0).encode(&mut octets);
        data.frame(1, flags::END_STREAM).encode(&mut octets);
        Payload::RstStream(ErrorCode::CANCEL).frame(1, 0).encode(&mut octets);
        let mut lines = Lines::new('>', true);
        let mut shown = Vec::new();
        for octet in octets {
            shown.extend(lines.octets(&[octet]));
        }
        assert_eq!(
            shown,
            [
                "> preface of HTTP/2",
                "> SETTINGS  SETTINGS_ENABLE_CONNECT_PROTOCOL = 1",
                "> DATA stream 1  3 octets, END_STREAM",
                "> RST_STREAM stream 1  CANCEL",
            ]
        );
    }
}
