//! Values from choices, and choices from values: what the features `arbitrary` and `proptest` are made of.
//!
//! A [`Chosen`] type lists its choices once, in [`Chosen::choose`]. [`Choices`] reads each choice from octets, or records it,
//! so the two directions cannot drift apart: for every value, `T::from_choices(&value.choices()) == value`. That is how cases
//! become seeds of structured fuzz targets.
//!
//! Every row of octets is the choices of some value. Octets that are missing count as 0, and 0 is the simplest choice
//! everywhere. A proptest strategy therefore shrinks the octets, and the value with them.
//!
//! Numbers, names and payloads come from the tables of [`crate::boundary`], or are spelt out behind an escape octet.
//!
//! ```
//! use wsgauntlet_wire::choices::Chosen;
//! use wsgauntlet_wire::{Frame, Opcode};
//!
//! let ping = Frame::new(Opcode::Ping, *b"Hello").masked([1, 2, 3, 4]);
//! let seed = ping.choices();
//! assert_eq!(Frame::from_choices(&seed), ping);
//! assert_eq!(Frame::from_choices(b""), Frame::simplest());
//! ```

use crate::boundary;
use std::time::Duration;

/// The longest run of equal octets that two or three octets of choices make, in octets.
const RUN_LEN_MAX: u64 = 1 << 20;

/// The largest length that [`Choices::limited`] lets through, in octets or repetitions.
const LIMITED_LEN_MAX: u64 = 1 << 17;

/// The longest word, in octets.
const WORD_LEN_MAX: usize = 4096;

/// Where choices come from.
trait Source {
    /// The next octet; 0 behind the last one.
    fn octet(&mut self) -> u8;
    /// The next `len` octets, or as many as there are.
    fn octets(&mut self, len: usize) -> Vec<u8>;
}

impl Source for &[u8] {
    fn octet(&mut self) -> u8 {
        self.octets(1).first().copied().unwrap_or(0)
    }

    fn octets(&mut self, len: usize) -> Vec<u8> {
        let (taken, rest) = self.split_at(len.min(self.len()));
        *self = rest;
        taken.to_vec()
    }
}

#[cfg(feature = "arbitrary")]
impl Source for arbitrary::Unstructured<'_> {
    fn octet(&mut self) -> u8 {
        self.arbitrary().unwrap_or(0)
    }

    fn octets(&mut self, len: usize) -> Vec<u8> {
        self.bytes(len.min(self.len())).map(<[u8]>::to_vec).unwrap_or_default()
    }
}

/// A row of choices that is read or recorded.
pub struct Choices<'a> {
    mode: Mode<'a>,
    len_max: u64,
}

enum Mode<'a> {
    Read(&'a mut dyn Source),
    Record(&'a mut Vec<u8>),
}

/// A type whose values are made of choices.
pub trait Chosen: Clone {
    /// The most octets of choices that a proptest strategy draws for one value.
    const OCTETS_MAX: usize = 64;

    /// The value of which every choice is 0.
    fn simplest() -> Self;

    /// Goes through the choices of the value, in a fixed order: reads them into `self`, or records those that make `self`.
    fn choose(&mut self, choices: &mut Choices<'_>);

    /// The value of these choices.
    fn from_choices(octets: &[u8]) -> Self {
        read(&mut { octets }, u64::MAX)
    }

    /// The value of these choices, its lengths and repetitions at most 131,072 each: for tests that build every value.
    fn limited(octets: &[u8]) -> Self {
        read(&mut { octets }, LIMITED_LEN_MAX)
    }

    /// The value of the choices at the front of `unstructured`. There always is one.
    #[cfg(feature = "arbitrary")]
    fn from_unstructured(unstructured: &mut arbitrary::Unstructured<'_>) -> Self {
        read(unstructured, u64::MAX)
    }

    /// The choices that make this value: a seed for a fuzz target that reads the type through `Unstructured`.
    fn choices(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        self.clone().choose(&mut Choices { mode: Mode::Record(&mut octets), len_max: u64::MAX });
        octets
    }
}

fn read<T: Chosen>(source: &mut dyn Source, len_max: u64) -> T {
    let mut value = T::simplest();
    value.choose(&mut Choices { mode: Mode::Read(source), len_max });
    value
}

/// The longest duration: a day, in milliseconds.
const MS_MAX: u64 = 86_400_000;

/// Octets below this one end a list: one of four, 0 among them.
const END: u8 = 64;
/// Octets below this one choose what is usual: three of four.
const USUAL: u8 = 192;
/// Octets from this one on choose what is rare: one of sixteen.
const RARE: u8 = 240;
/// The octets that introduce a number that is spelt out, with the octets that follow: 1, 2, 4 or 8.
const SPELT: [(u8, u32); 4] = [(200, 1), (232, 2), (248, 4), (254, 8)];
/// The octet that introduces a run of equal octets, and the one that introduces octets of the table.
const RUN: u8 = 208;
const LISTED: u8 = 96;

impl Choices<'_> {
    /// Whether choices are read: a value may then be brought into its bounds.
    pub fn is_reading(&self) -> bool {
        matches!(self.mode, Mode::Read(_))
    }

    /// One octet. `recorded` is the one of the value.
    fn octet(&mut self, recorded: u8) -> u8 {
        match &mut self.mode {
            Mode::Read(source) => source.octet(),
            Mode::Record(octets) => {
                octets.push(recorded);
                recorded
            }
        }
    }

    /// Any octet.
    pub fn any(&mut self, value: &mut u8) {
        *value = self.octet(*value);
    }

    /// One of two, the usual one three times out of four.
    pub fn flag(&mut self, value: &mut bool, usual: bool) {
        let recorded = if *value == usual { 0 } else { u8::MAX };
        *value = (self.octet(recorded) < USUAL) == usual;
    }

    /// What is rare: set once in sixteen times.
    pub fn rarely(&mut self, value: &mut bool) {
        let recorded = if *value { u8::MAX } else { 0 };
        *value = self.octet(recorded) >= RARE;
    }

    /// Whether a list has another element: three times out of four, and never where no choices are left.
    pub fn more(&mut self, is_there: bool) -> bool {
        self.octet(if is_there { u8::MAX } else { 0 }) >= END
    }

    /// Octets that may be absent, and usually are.
    pub fn perhaps_octets(&mut self, value: &mut Option<Vec<u8>>, table: &[&[u8]]) {
        let mut is_there = value.is_some();
        self.flag(&mut is_there, false);
        if is_there {
            self.octets(value.get_or_insert_default(), table);
        }
    }

    /// A time: a number of milliseconds from `table_ms`, and perhaps nanoseconds beside it.
    pub fn duration(&mut self, value: &mut Duration, table_ms: &[u64]) {
        let mut ms = value.as_millis() as u64;
        self.number(&mut ms, table_ms, MS_MAX);
        let mut has_rest = !value.subsec_nanos().is_multiple_of(1_000_000);
        self.rarely(&mut has_rest);
        let mut rest = u64::from(value.subsec_nanos() % 1_000_000);
        if has_rest {
            self.number(&mut rest, &[], 999_999);
        }
        if self.is_reading() {
            *value = Duration::from_millis(ms) + Duration::from_nanos(if has_rest { rest } else { 0 });
        }
    }

    /// One of `count` alternatives, at most 256. `current` is the one of the value.
    pub fn alternative(&mut self, current: usize, count: usize) -> usize {
        let recorded = u8::try_from(current).unwrap_or(0);
        usize::from(self.octet(recorded)) % count.max(1)
    }

    /// One entry of a table. A value that the table does not have is recorded as the first entry.
    pub fn one_of<T: Clone + PartialEq>(&mut self, value: &mut T, table: &[T]) {
        let current = table.iter().position(|entry| entry == value).unwrap_or(0);
        if let Some(entry) = table.get(self.alternative(current, table.len())) {
            *value = entry.clone();
        }
    }

    /// The variant of an enum: `makes` has one simplest value of each.
    pub fn variant<T>(&mut self, value: &mut T, makes: &[fn() -> T]) {
        let discriminant = std::mem::discriminant(value);
        let current = makes.iter().position(|make| std::mem::discriminant(&make()) == discriminant);
        let chosen = self.alternative(current.unwrap_or(0), makes.len());
        if let Some(make) = makes.get(chosen).filter(|_| self.is_reading()) {
            *value = make();
        }
    }

    /// A number from `table`, at most 200 entries, or spelt out. A number above `max` is brought below it.
    pub fn number(&mut self, value: &mut u64, table: &[u64], max: u64) {
        let listed = table.iter().position(|entry| entry == value).and_then(|at| u8::try_from(at).ok());
        let fits = |(_, octets): &&(u8, u32)| *octets == 8 || *value >> (8 * octets) == 0;
        let spelt = SPELT.iter().find(fits).map_or(SPELT[3].0, |(octet, _)| *octet);
        let octet = self.octet(listed.unwrap_or(spelt));
        let chosen = match SPELT.iter().rev().find(|(first, _)| octet >= *first) {
            Some((_, octets)) => (0..*octets).rev().fold(0, |number, place| {
                let recorded = (*value >> (8 * place)) as u8;
                number << 8 | u64::from(self.octet(recorded))
            }),
            None => table.get(usize::from(octet) % table.len().max(1)).copied().unwrap_or_default(),
        };
        if self.is_reading() {
            *value = if chosen <= max { chosen } else { chosen % max.saturating_add(1) };
        }
    }

    /// A number of a narrower type. See [`Choices::number`].
    pub fn narrow<N>(&mut self, value: &mut N, table: &[N], max: u64)
    where
        N: Copy + TryFrom<u64>,
        u64: TryFrom<N>,
    {
        let wide = |number: N| u64::try_from(number).unwrap_or(0);
        let table: Vec<u64> = table.iter().copied().map(wide).collect();
        let mut number = wide(*value);
        self.number(&mut number, &table, max);
        if let Ok(number) = N::try_from(number) {
            *value = number;
        }
    }

    /// A length in octets, or a number of repetitions, from [`boundary::LENGTHS`] and [`boundary::LONG_LENGTHS`]; at most
    /// `max`, and for [`Chosen::limited`] at most 131,072.
    pub fn len(&mut self, value: &mut usize, max: usize) {
        let table: Vec<usize> = [boundary::LENGTHS, boundary::LONG_LENGTHS].concat();
        let max = self.len_max.min(max as u64);
        self.narrow(value, &table, max);
    }

    /// Octets: spelt out, one entry of `table`, or a run of equal octets of a boundary length.
    pub fn octets(&mut self, value: &mut Vec<u8>, table: &[&[u8]]) {
        let listed = table.iter().position(|entry| entry == value).filter(|at| *at < 100);
        let run = value.len() > 8
            && value.len() as u64 <= RUN_LEN_MAX
            && value.iter().all(|octet| Some(octet) == value.first());
        let recorded = match listed {
            _ if value.is_empty() => 0,
            Some(at) => LISTED + u8::try_from(at).unwrap_or(0),
            None if run => RUN,
            None if value.len() < usize::from(LISTED) => u8::try_from(value.len()).unwrap_or(0),
            None => u8::MAX,
        };
        match self.octet(recorded) {
            len @ ..LISTED => self.spelt(value, usize::from(len)),
            at @ LISTED..RUN => {
                if self.is_reading() {
                    let entry = table.get(usize::from(at - LISTED) % table.len().max(1));
                    *value = entry.copied().unwrap_or_default().to_vec();
                }
            }
            u8::MAX => {
                let mut len = value.len() as u64;
                self.number(&mut len, &[], u64::MAX);
                self.spelt(value, usize::try_from(len).unwrap_or(0));
            }
            RUN.. => {
                let (mut octet, mut len) = (value.first().copied().unwrap_or_default(), value.len());
                self.any(&mut octet);
                self.len(&mut len, RUN_LEN_MAX as usize);
                if self.is_reading() {
                    *value = vec![octet; len];
                }
            }
        }
    }

    /// Octets as they stand, as many as there are.
    fn spelt(&mut self, value: &mut Vec<u8>, len: usize) {
        match &mut self.mode {
            Mode::Read(source) => *value = source.octets(len),
            Mode::Record(octets) => octets.extend_from_slice(value),
        }
    }

    /// A text: an entry of `table`, or any. Octets that are not UTF-8 become U+FFFD.
    pub fn text(&mut self, value: &mut String, table: &[&str]) {
        let table: Vec<&[u8]> = table.iter().map(|entry| entry.as_bytes()).collect();
        let mut octets = value.clone().into_bytes();
        self.octets(&mut octets, &table);
        if self.is_reading() {
            *value = String::from_utf8_lossy(&octets).into_owned();
        }
    }

    /// A text of 1 to 4096 octets, all of which `is_allowed` accepts; others become `x`.
    pub fn word(&mut self, value: &mut String, table: &[&str], is_allowed: fn(u8) -> bool) {
        let table: Vec<&[u8]> = table.iter().map(|entry| entry.as_bytes()).collect();
        let mut octets = value.clone().into_bytes();
        self.octets(&mut octets, &table);
        if self.is_reading() {
            let allow = |octet: u8| if is_allowed(octet) { char::from(octet) } else { 'x' };
            *value = octets.into_iter().take(WORD_LEN_MAX).map(allow).collect();
            if value.is_empty() {
                value.push('x');
            }
        }
    }
}

impl<T: Chosen> Chosen for Option<T> {
    fn simplest() -> Self {
        None
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut is_some = self.is_some();
        choices.flag(&mut is_some, false);
        if is_some {
            self.get_or_insert_with(T::simplest).choose(choices);
        }
    }
}

impl<T: Chosen> Chosen for Vec<T> {
    const OCTETS_MAX: usize = 256;

    fn simplest() -> Self {
        Vec::new()
    }

    /// Before each element one octet says that there is one.
    fn choose(&mut self, choices: &mut Choices<'_>) {
        for index in 0.. {
            let is_there = index < self.len();
            if !choices.more(is_there) {
                return;
            }
            if !is_there {
                self.push(T::simplest());
            }
            self[index].choose(choices);
        }
    }
}

impl<A: Chosen, B: Chosen> Chosen for (A, B) {
    const OCTETS_MAX: usize = A::OCTETS_MAX + B::OCTETS_MAX;

    fn simplest() -> Self {
        (A::simplest(), B::simplest())
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        self.0.choose(choices);
        self.1.choose(choices);
    }
}

impl Chosen for u8 {
    fn simplest() -> Self {
        0
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.any(self);
    }
}

/// Implements [`Chosen`] for an enum without fields: its variants, the simplest first.
#[macro_export]
macro_rules! chosen_of {
    ($($name:ident: $first:ident $($other:ident)*;)*) => {$(
        impl $crate::choices::Chosen for $name {
            fn simplest() -> Self {
                $name::$first
            }

            fn choose(&mut self, choices: &mut $crate::choices::Choices<'_>) {
                choices.one_of(self, &[$name::$first $(, $name::$other)*]);
            }
        }
    )*};
}

/// Implements `arbitrary::Arbitrary` and `proptest::arbitrary::Arbitrary` for types that are [`Chosen`]: each as far as this
/// crate's feature of that name is on.
#[macro_export]
macro_rules! generated {
    ($($name:ty),* $(,)?) => {$(
        $crate::arbitrary_of!($name);
        $crate::strategy_of!($name);
    )*};
}

/// See [`generated!`].
#[cfg(feature = "arbitrary")]
#[doc(hidden)]
#[macro_export]
macro_rules! arbitrary_of {
    ($name:ty) => {
        impl<'a> $crate::choices::arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(
                unstructured: &mut $crate::choices::arbitrary::Unstructured<'a>,
            ) -> $crate::choices::arbitrary::Result<Self> {
                Ok($crate::choices::Chosen::from_unstructured(unstructured))
            }
        }
    };
}

/// See [`generated!`].
#[cfg(not(feature = "arbitrary"))]
#[doc(hidden)]
#[macro_export]
macro_rules! arbitrary_of {
    ($name:ty) => {};
}

/// See [`generated!`].
#[cfg(feature = "proptest")]
#[doc(hidden)]
#[macro_export]
macro_rules! strategy_of {
    ($name:ty) => {
        impl $crate::choices::proptest::arbitrary::Arbitrary for $name {
            type Parameters = ();
            type Strategy = $crate::choices::Strategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                $crate::choices::strategy()
            }
        }
    };
}

/// See [`generated!`].
#[cfg(not(feature = "proptest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! strategy_of {
    ($name:ty) => {};
}

#[cfg(feature = "arbitrary")]
#[doc(hidden)]
pub use arbitrary;
#[cfg(feature = "proptest")]
#[doc(hidden)]
pub use proptest;

/// The strategy of a [`Chosen`] type: rows of choices, which shrink, and the values that they make.
#[cfg(feature = "proptest")]
pub type Strategy<T> =
    proptest::strategy::Map<proptest::collection::VecStrategy<proptest::num::u8::Any>, fn(Vec<u8>) -> T>;

/// The strategy of a [`Chosen`] type. See [`Chosen::limited`] for the bounds of its values.
#[cfg(feature = "proptest")]
pub fn strategy<T: Chosen + std::fmt::Debug>() -> Strategy<T> {
    use proptest::strategy::Strategy as _;
    let octets = proptest::collection::vec(proptest::num::u8::ANY, 0..=T::OCTETS_MAX);
    octets.prop_map(|octets| T::limited(&octets))
}

/// A strategy for data to compress: texts with few and with many repetitions, short and long, up to 70,000 octets.
#[cfg(feature = "proptest")]
pub fn compressible() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_oneof};
    use proptest::strategy::Strategy as _;
    prop_oneof![
        2 => vec(any::<u8>(), 0..300),
        3 => vec(proptest::sample::select(boundary::WORDS), 0..400).prop_map(|words| words.concat().into_bytes()),
        1 => vec(0..3u8, 0..3000),
        1 => (any::<u8>(), 0..70_000usize).prop_map(|(octet, len)| vec![octet; len]),
        1 => (vec(any::<u8>(), 1..600), 0..80usize).prop_map(|(part, times)| part.repeat(times)),
    ]
}
