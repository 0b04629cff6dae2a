//! An endpoint that takes text that is not UTF-8.

use super::table::quirks;
use crate::behavior::receiving::BadText;

quirks! {
    /// What passes for UTF-8.
    pub enum TextLeniency {
        /// Does not validate text.
        Anything "accept-text-not-utf8" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes overlong forms of two octets.
        Overlong2 "accept-utf8-overlong-2" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes overlong forms of three octets.
        Overlong3 "accept-utf8-overlong-3" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes overlong forms of four octets.
        Overlong4 "accept-utf8-overlong-4" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes U+0000 as C0 80.
        OverlongNul "accept-utf8-overlong-nul" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes surrogates.
        Surrogates "accept-utf8-surrogates" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes pairs of surrogates, as CESU-8 writes them.
        SurrogatePairs "accept-utf8-surrogate-pairs" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes characters above U+10FFFF.
        AboveMaximum "accept-utf8-above-10ffff" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes forms of five and six octets.
        LongForms "accept-utf8-long-forms" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes continuation octets without a start.
        StrayContinuations "accept-utf8-stray-continuations" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes start octets without their continuations.
        LoneStarts "accept-utf8-lone-starts" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes the octets FE and FF.
        NeverOctets "accept-utf8-fe-ff" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Takes a message that ends in the middle of a character.
        CutShort "accept-utf8-cut-short" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Validates the first fragment of a message only.
        FirstFragmentOnly "utf8-first-fragment-only" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Validates the last fragment of a message only.
        LastFragmentOnly "utf8-last-fragment-only" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Validates messages of one frame only.
        UnfragmentedOnly "utf8-unfragmented-only" Both ["rfc6455/5.6/text-is-utf8", "rfc6455/8.1/invalid-utf8-fails"],
        /// Validates the first message only.
        FirstMessageOnly "utf8-first-message-only" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Validates messages of up to 125 octets only.
        SmallOnly "utf8-small-only" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Does not validate the last three octets of a message.
        TailUnchecked "utf8-tail-unchecked" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Echoes a text that is not UTF-8, and fails then.
        Late "utf8-judged-late" Both ["rfc6455/8.1/invalid-utf8-fails", "rfc6455/7.1.7/stop-processing-after-fail"],
        /// Drops a text that is not UTF-8, and goes on.
        Dropped "drop-text-not-utf8" Both ["rfc6455/8.1/invalid-utf8-fails"],
        /// Echoes a text that is not UTF-8 with replacement characters.
        Replaced "replace-text-not-utf8" Both ["rfc6455/8.1/invalid-utf8-fails"],
    }
}

impl TextLeniency {
    /// What is done with a whole text message that is not UTF-8. `fragments`: where each fragment begins; `messages`: whole
    /// messages before it.
    pub(super) fn judge(self, payload: &[u8], fragments: &[usize], messages: u64) -> BadText {
        let fragment = |index: usize| fragments.get(index).copied();
        let last_start = fragments.last().copied().unwrap_or(0);
        let accepts = match self {
            TextLeniency::Late => return BadText::FailLater,
            TextLeniency::Dropped => return BadText::Drop,
            TextLeniency::Replaced => return BadText::Replace,
            TextLeniency::Anything => true,
            TextLeniency::FirstFragmentOnly => {
                // Another fault may have left less than the fragments held.
                let first_end = fragment(1).unwrap_or(payload.len()).min(payload.len());
                valid_start(&payload[..first_end])
            }
            TextLeniency::LastFragmentOnly => valid_end(&payload[last_start.min(payload.len())..]),
            TextLeniency::UnfragmentedOnly => fragments.len() > 1,
            TextLeniency::FirstMessageOnly => messages > 0,
            TextLeniency::SmallOnly => payload.len() > 125,
            TextLeniency::TailUnchecked => valid_start(&payload[..payload.len().saturating_sub(3)]),
            TextLeniency::SurrogatePairs => {
                faults(payload)
                    .windows(2)
                    .step_by(2)
                    .all(|pair| matches!(pair, [Fault::HighSurrogate, Fault::LowSurrogate]))
                    && faults(payload).len().is_multiple_of(2)
            }
            TextLeniency::OverlongNul => {
                let plain = payload.windows(2).filter(|pair| *pair == [0xc0, 0x80]).count();
                faults(payload).len() == plain
            }
            TextLeniency::Overlong2
            | TextLeniency::Overlong3
            | TextLeniency::Overlong4
            | TextLeniency::Surrogates
            | TextLeniency::AboveMaximum
            | TextLeniency::LongForms
            | TextLeniency::StrayContinuations
            | TextLeniency::LoneStarts
            | TextLeniency::NeverOctets
            | TextLeniency::CutShort => faults(payload).iter().all(|fault| self.tolerates(*fault)),
        };
        if accepts { BadText::Accept } else { BadText::Fail }
    }

    fn tolerates(self, fault: Fault) -> bool {
        match fault {
            Fault::Overlong2 => self == TextLeniency::Overlong2,
            Fault::Overlong3 => self == TextLeniency::Overlong3,
            Fault::Overlong4 => self == TextLeniency::Overlong4,
            Fault::HighSurrogate | Fault::LowSurrogate => self == TextLeniency::Surrogates,
            Fault::AboveMaximum => self == TextLeniency::AboveMaximum,
            Fault::LongForm => self == TextLeniency::LongForms,
            Fault::StrayContinuation => self == TextLeniency::StrayContinuations,
            Fault::LoneStart => self == TextLeniency::LoneStarts,
            Fault::NeverOctet => self == TextLeniency::NeverOctets,
            Fault::CutShort => self == TextLeniency::CutShort,
        }
    }
}

/// A kind of invalid sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Overlong2,
    Overlong3,
    Overlong4,
    HighSurrogate,
    LowSurrogate,
    AboveMaximum,
    LongForm,
    StrayContinuation,
    LoneStart,
    NeverOctet,
    CutShort,
}

/// The invalid sequences of a text, in their order.
fn faults(mut text: &[u8]) -> Vec<Fault> {
    let mut found = Vec::new();
    while let Err(error) = std::str::from_utf8(text) {
        text = &text[error.valid_up_to()..];
        let (fault, len) = fault_at_start(text);
        found.push(fault);
        text = &text[len..];
    }
    found
}

fn fault_at_start(text: &[u8]) -> (Fault, usize) {
    let second = text.get(1).copied().unwrap_or(0);
    let (fault, len) = match text[0] {
        0x80..=0xbf => return (Fault::StrayContinuation, 1),
        0xfe | 0xff => return (Fault::NeverOctet, 1),
        0xc0 | 0xc1 => (Fault::Overlong2, 2),
        0xe0 if second < 0xa0 => (Fault::Overlong3, 3),
        0xed if (0xa0..0xb0).contains(&second) => (Fault::HighSurrogate, 3),
        0xed if second >= 0xb0 => (Fault::LowSurrogate, 3),
        0xf0 if second < 0x90 => (Fault::Overlong4, 4),
        0xf4 if second >= 0x90 => (Fault::AboveMaximum, 4),
        0xf5..=0xf7 => (Fault::AboveMaximum, 4),
        0xf8..=0xfb => (Fault::LongForm, 5),
        0xfc | 0xfd => (Fault::LongForm, 6),
        0xc2..=0xdf => (Fault::LoneStart, 2),
        0xe0..=0xef => (Fault::LoneStart, 3),
        _ => (Fault::LoneStart, 4),
    };
    let rest = text[1..].iter().take(len - 1);
    let continuations = rest.take_while(|octet| **octet & 0xc0 == 0x80).count();
    match continuations {
        _ if continuations == len - 1 => (fault, len),
        _ if continuations + 1 == text.len() => (Fault::CutShort, text.len()),
        _ => (Fault::LoneStart, continuations + 1),
    }
}

/// Whether octets are the start of a valid text.
fn valid_start(octets: &[u8]) -> bool {
    std::str::from_utf8(octets).is_ok_and(|_| true)
        || std::str::from_utf8(octets).is_err_and(|error| error.error_len().is_none())
}

/// Whether octets are the end of a valid text.
fn valid_end(octets: &[u8]) -> bool {
    let cut = octets.iter().take(3).take_while(|octet| **octet & 0xc0 == 0x80).count();
    std::str::from_utf8(&octets[cut..]).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_class() {
        let table: [(&[u8], &[Fault]); 12] = [
            (b"a\xc0\xaf", &[Fault::Overlong2]),
            (b"\xe0\x80\xaf!", &[Fault::Overlong3]),
            (b"\xf0\x80\x80\xaf", &[Fault::Overlong4]),
            (b"\xed\xa0\xbd\xed\xb8\x80", &[Fault::HighSurrogate, Fault::LowSurrogate]),
            (b"\xf4\x90\x80\x80", &[Fault::AboveMaximum]),
            (b"\xf8\x88\x80\x80\x80", &[Fault::LongForm]),
            (b"\x80a\xbf", &[Fault::StrayContinuation, Fault::StrayContinuation]),
            (b"\xce ", &[Fault::LoneStart]),
            (b"\xf0\x9f\x98a", &[Fault::LoneStart]),
            (b"\xfe\xff", &[Fault::NeverOctet, Fault::NeverOctet]),
            (b"\xf0\x9f\x98", &[Fault::CutShort]),
            (b"\xce", &[Fault::CutShort]),
        ];
        for (text, expected) in table {
            assert_eq!(faults(text), expected, "{text:02x?}");
        }
    }
}
