//! The choices of scripts and instances, for the features `arbitrary` and `proptest`: see `wsgauntlet_wire::choices`.
//!
//! A script that is generated has steps in any order and need not make sense, but our peer can play it: cuts are not
//! empty, every expectation has an outcome, ranges ascend.

mod expectation;
mod instance;
mod opening;
mod payload;
mod script;
#[cfg(test)]
mod tests;

use super::boundary;
use crate::requirement::RequirementId;
use wsgauntlet_wire::choices::{Choices, Chosen};

impl Chosen for RequirementId {
    fn simplest() -> Self {
        boundary::REQUIREMENTS[0].parse().expect("an id of the table")
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut id = self.as_str().to_owned();
        choices.text(&mut id, boundary::REQUIREMENTS);
        *self = id.parse().unwrap_or_else(|_| Self::simplest());
    }
}

fn as_octets<'a>(table: &[&'a str]) -> Vec<&'a [u8]> {
    table.iter().map(|entry| entry.as_bytes()).collect()
}

/// A text that may be absent, and usually is.
fn perhaps_text(text: &mut Option<String>, choices: &mut Choices<'_>, table: &[&str]) {
    let mut is_there = text.is_some();
    choices.flag(&mut is_there, false);
    if is_there {
        choices.text(text.get_or_insert_default(), table);
    }
}

/// A list whose elements `choose` makes.
fn list<T>(
    list: &mut Vec<T>,
    choices: &mut Choices<'_>,
    make: fn() -> T,
    choose: impl Fn(&mut T, &mut Choices<'_>),
) {
    for index in 0.. {
        let is_there = index < list.len();
        if !choices.more(is_there) {
            return;
        }
        if !is_there {
            list.push(make());
        }
        choose(&mut list[index], choices);
    }
}

/// At least one element: of none there is the simplest one.
fn at_least_one<T: Chosen>(list: &mut Vec<T>, choices: &mut Choices<'_>) {
    list.choose(choices);
    if list.is_empty() && choices.is_reading() {
        list.push(T::simplest());
    }
}
