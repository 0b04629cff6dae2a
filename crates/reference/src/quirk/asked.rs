//! Which quirks the hooks of an endpoint asked for. One that nobody asked for cannot have shown,
//! which spares the self-test most plays. Kept for each thread: an endpoint is driven by one, and
//! what it does never depends on it.

use super::catalogue::{AREA_COUNT, Area, Quirk};
use std::cell::Cell;

/// One bit for each quirk of an area.
type Bits = u128;

thread_local! {
    static ASKED: [Cell<Bits>; AREA_COUNT] = const { [const { Cell::new(0) }; AREA_COUNT] };
    static IS_LISTENING: Cell<bool> = const { Cell::new(false) };
}

/// A set of quirks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked([Bits; AREA_COUNT]);

impl Asked {
    pub fn holds(&self, quirk: Quirk) -> bool {
        let (area, number) = quirk.place();
        self.0[area as usize] & (1 << number) != 0
    }
}

/// Whether somebody wants to know what is asked for.
pub(super) fn is_listening() -> bool {
    IS_LISTENING.get()
}

pub(super) fn mark_area(area: Area) {
    ASKED.with(|asked| asked[area as usize].set(Bits::MAX));
}

pub(super) fn mark(quirk: Quirk) {
    let (area, number) = quirk.place();
    ASKED.with(|asked| {
        let bits = &asked[area as usize];
        bits.set(bits.get() | 1 << number);
    });
}

/// What `work` gives, and what endpoints asked for while it ran.
pub fn during<T>(work: impl FnOnce() -> T) -> (T, Asked) {
    ASKED.with(|asked| asked.iter().for_each(|bits| bits.set(0)));
    IS_LISTENING.set(true);
    let result = work();
    IS_LISTENING.set(false);
    (result, ASKED.with(|asked| Asked(std::array::from_fn(|area| asked[area].get()))))
}
