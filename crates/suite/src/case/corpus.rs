//! Data to compress that looks like what applications send: made here by rules and a fixed seed, so that no text of
//! anybody's is in it. A test pins each by its hash.

use std::sync::LazyLock;
use wsgauntlet_wire::SplitMix64;

/// The length of each corpus, in octets. Messages are cut out of it, and begin anew at its end.
pub const CORPUS_LEN: usize = 256 * 1024;

/// What the data looks like. All but `Image` and `Random` are ASCII, so that every part of them is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Corpus {
    /// A page of HTML.
    Html,
    /// A grey picture of 512 by 512 pixels: slopes, shapes and noise.
    Image,
    /// Records of JSON.
    Json,
    /// Octets that do not compress.
    Random,
    /// English prose.
    Text,
}

impl Corpus {
    /// All of them, in the order of their names.
    pub const ALL: [Corpus; 5] = [Corpus::Html, Corpus::Image, Corpus::Json, Corpus::Random, Corpus::Text];

    /// The octets of the whole corpus.
    pub fn octets(self) -> &'static [u8] {
        static MADE: [LazyLock<Vec<u8>>; 5] = [
            LazyLock::new(|| whole(html)),
            LazyLock::new(image),
            LazyLock::new(|| whole(json)),
            LazyLock::new(random),
            LazyLock::new(|| whole(text)),
        ];
        &MADE[self as usize]
    }

    /// `len` octets from `start` on, which may lie beyond the end.
    pub fn part(self, start: usize, len: usize) -> Vec<u8> {
        let octets = self.octets();
        let mut part = Vec::with_capacity(len);
        let mut start = start % octets.len();
        while part.len() < len {
            let end = octets.len().min(start + len - part.len());
            part.extend_from_slice(&octets[start..end]);
            start = 0;
        }
        part
    }
}

/// Pieces, until the corpus is full.
fn whole(piece: fn(&mut SplitMix64, usize) -> String) -> Vec<u8> {
    let mut random = SplitMix64::new(1);
    let mut octets = Vec::with_capacity(CORPUS_LEN + 1024);
    for index in 0.. {
        if octets.len() >= CORPUS_LEN {
            break;
        }
        octets.extend_from_slice(piece(&mut random, index).as_bytes());
    }
    octets.truncate(CORPUS_LEN);
    octets
}

fn below(random: &mut SplitMix64, limit: usize) -> usize {
    (random.next_u64() >> 33) as usize % limit
}

/// A word of the syllables of no language. Few words are frequent, as in any.
fn word(random: &mut SplitMix64) -> String {
    const SYLLABLES: [&str; 24] = [
        "an", "be", "co", "da", "el", "fo", "ga", "hu", "in", "ja", "ke", "lo", "mi", "no", "or", "pa",
        "qui", "re", "sa", "to", "ul", "ve", "wa", "yo",
    ];
    let spread = [24, 200, 2000][below(random, 3)];
    let mut rank = below(random, spread);
    let mut word = SYLLABLES[rank % SYLLABLES.len()].to_owned();
    while rank >= SYLLABLES.len() {
        rank /= SYLLABLES.len();
        word.push_str(SYLLABLES[(rank * 7 + 3) % SYLLABLES.len()]);
    }
    word
}

fn sentence(random: &mut SplitMix64) -> String {
    let words: Vec<String> = (0..4 + below(random, 12)).map(|_| word(random)).collect();
    let mut sentence = words.join(if below(random, 8) == 0 { ", " } else { " " });
    sentence[..1].make_ascii_uppercase();
    sentence.push(['.', '.', '.', '?', '!'][below(random, 5)]);
    sentence
}

fn text(random: &mut SplitMix64, _index: usize) -> String {
    let sentences: Vec<String> = (0..2 + below(random, 5)).map(|_| sentence(random)).collect();
    format!("{}\n\n", sentences.join(" "))
}

/// Records of a log: most of a record stands in the one before, as in what most services send.
fn json(random: &mut SplitMix64, index: usize) -> String {
    const PATHS: [&str; 6] =
        ["/api/items", "/api/items", "/api/items", "/api/users", "/api/orders", "/health"];
    const STATUS: [u16; 6] = [200, 200, 200, 200, 304, 404];
    format!(
        "{{\"time\":\"2024-05-01T{:02}:{:02}:{:02}Z\",\"level\":\"info\",\"service\":\"gateway\",\"region\":\"north\",\
         \"message\":\"request completed\",\"request\":{{\"method\":\"GET\",\"path\":\"{}\",\"protocol\":\"HTTP/1.1\"}},\
         \"response\":{{\"status\":{},\"encoding\":\"identity\",\"cached\":false}},\"duration_ms\":{},\"user\":null}},\n",
        index / 3600 % 24,
        index / 60 % 60,
        index % 60,
        PATHS[below(random, PATHS.len())],
        STATUS[below(random, STATUS.len())],
        below(random, 100),
    )
}

/// Rows of a table, a section every eight of them.
fn html(random: &mut SplitMix64, index: usize) -> String {
    let row = format!(
        "      <tr class=\"item\"><td class=\"number\">{index}</td><td class=\"name\">{}</td>\
         <td class=\"state\"><span class=\"badge badge-ready\">ready</span></td></tr>\n",
        word(random),
    );
    if !index.is_multiple_of(8) {
        return row;
    }
    let title = sentence(random);
    format!(
        "    </tbody>\n  </table>\n</section>\n<section class=\"listing\">\n  <h2>{title}</h2>\n  <table class=\"table\">\n    <tbody>\n{row}"
    )
}

fn image() -> Vec<u8> {
    const WIDTH: usize = 512;
    let mut random = SplitMix64::new(2);
    let pixel = |place: usize| {
        let (x, y) = (place % WIDTH, place / WIDTH);
        let slope = (x + y) / 8;
        let (dx, dy) = (x.abs_diff(200), y.abs_diff(260));
        let disc = if dx * dx + dy * dy < 120 * 120 { 70 } else { 0 };
        let stripes = if y > 380 && (x / 16) % 2 == 0 { 40 } else { 0 };
        // The lower half of the picture is noisy, the upper half clean.
        let noise = if y > 256 { below(&mut random, 6) } else { 0 };
        (slope + disc + stripes + noise).min(255) as u8
    };
    (0..CORPUS_LEN).map(pixel).collect()
}

fn random() -> Vec<u8> {
    let mut random = SplitMix64::new(3);
    (0..CORPUS_LEN / 8).flat_map(|_| random.next_u64().to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha1::{Digest, Sha1};
    use wsgauntlet_wire::hex;

    /// Baselines and measurements compare only while these stay as they are.
    #[test]
    fn corpora_are_pinned() {
        let hashes = Corpus::ALL.map(|corpus| hex::encode(&Sha1::digest(corpus.octets())).replace(' ', ""));
        let pinned = [
            "381278a5d87e9c83295e12b43e59b935c75ac761",
            "6e98453e3a355af016529fff9f97941e9cd1da81",
            "e3f5dcf6d9ce83d42b5a7bf378d5612ebf4978be",
            "92f6b8b4feb27bb69482f048a43c3866cb1ca771",
            "7287cc0079e3fcdb8e0b502e06f0ac45aa31bb24",
        ];
        assert_eq!(hashes, pinned);
        for corpus in Corpus::ALL {
            assert_eq!(corpus.octets().len(), CORPUS_LEN);
            let is_text = !matches!(corpus, Corpus::Image | Corpus::Random);
            assert_eq!(corpus.octets().is_ascii(), is_text, "{corpus:?}");
        }
    }

    /// Parts follow each other, over the end too.
    #[test]
    fn parts_are_cut_out() {
        let octets = Corpus::Json.octets();
        assert_eq!(Corpus::Json.part(5, 10), octets[5..15]);
        let over = Corpus::Json.part(CORPUS_LEN - 3, 7);
        assert_eq!(over, [&octets[CORPUS_LEN - 3..], &octets[..4]].concat());
        assert_eq!(Corpus::Json.part(7, 3 * CORPUS_LEN).len(), 3 * CORPUS_LEN);
    }
}
