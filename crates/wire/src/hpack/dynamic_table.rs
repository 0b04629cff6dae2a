//! The dynamic table of RFC 7541 §2.3.2 and §4.

use super::static_table::STATIC;
use super::{Field, TABLE_SIZE_DEFAULT};
use std::collections::VecDeque;

/// The fields that were added, the newest first.
#[derive(Clone, Debug)]
pub(super) struct DynamicTable {
    fields: VecDeque<Field>,
    /// The sum of the sizes of `fields`, in octets.
    size: usize,
    /// Never less than `size`.
    max: usize,
}

impl Default for DynamicTable {
    fn default() -> DynamicTable {
        DynamicTable { fields: VecDeque::new(), size: 0, max: TABLE_SIZE_DEFAULT }
    }
}

impl DynamicTable {
    /// Changes the size that the table may have; what does not fit any more is evicted, §4.3.
    pub(super) fn resize(&mut self, max: usize) {
        self.max = max;
        self.evict(0);
    }

    /// Adds a field; one that is larger than the table empties it, §4.4.
    pub(super) fn add(&mut self, field: Field) {
        let size = field.size();
        self.evict(size);
        if size <= self.max {
            self.size += size;
            self.fields.push_front(field);
        }
    }

    /// The field of an index, 1 and up: the static table, then this one, §2.3.3.
    pub(super) fn get(&self, index: u64) -> Option<Field> {
        let index = usize::try_from(index).ok()?.checked_sub(1)?;
        match STATIC.get(index) {
            Some((name, value)) => Some(Field::new(*name, *value)),
            None => self.fields.get(index - STATIC.len()).cloned(),
        }
    }

    /// The index of an equal field, else of one with this name.
    pub(super) fn find(&self, field: &Field) -> (Option<u64>, Option<u64>) {
        let fixed = STATIC.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let added = self.fields.iter().map(|field| (&field.name[..], &field.value[..]));
        let (mut whole, mut named) = (None, None);
        for ((name, value), index) in fixed.chain(added).zip(1..) {
            if name == field.name {
                named = named.or(Some(index));
                whole = whole.or((value == field.value).then_some(index));
            }
        }
        (whole, named)
    }

    fn evict(&mut self, room: usize) {
        while self.size + room > self.max {
            let Some(oldest) = self.fields.pop_back() else { return };
            self.size -= oldest.size();
        }
    }
}
