//! The records of a run so far, and the events that report them. An instance has one record; a later one replaces it.

use crate::runner::event::RunEvent;
use crate::runner::retry;
use std::collections::HashMap;
use wsgauntlet_suite::oracle::{Record, Run};

pub(super) struct Book<'e> {
    pub run: Run,
    /// Where the record of an instance stands in the run, by its id.
    places: HashMap<String, usize>,
    events: &'e mut (dyn FnMut(RunEvent) + Send),
}

impl<'e> Book<'e> {
    pub(super) fn new(run: Run, events: &'e mut (dyn FnMut(RunEvent) + Send)) -> Book<'e> {
        Book { run, places: HashMap::new(), events }
    }

    pub(super) fn tell(&mut self, event: RunEvent) {
        (self.events)(event);
    }

    /// Keeps the record of an instance, as far as reports show it. What was kept before of it is amended.
    pub(super) fn finish(&mut self, mut record: Record) {
        retry::beside_reference(&mut record);
        retry::keep_what_is_shown(&mut record);
        match self.places.get(record.instance.id.as_str()) {
            Some(place) => {
                self.run.records[*place].clone_from(&record);
                self.tell(RunEvent::Amended(Box::new(record)));
            }
            None => {
                self.places.insert(record.instance.id.to_string(), self.run.records.len());
                self.run.records.push(record.clone());
                self.tell(RunEvent::Finished(Box::new(record)));
            }
        }
    }

    /// What is kept of an instance so far.
    pub(super) fn kept(&self, id: &str) -> Option<&Record> {
        self.places.get(id).map(|place| &self.run.records[*place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use crate::report::stored::StoredInstance;
    use crate::runner::reference::{self, Link};
    use std::sync::Arc;
    use wsgauntlet_suite::oracle::VerdictKind;
    use wsgauntlet_suite::peer::PlayConfig;
    use wsgauntlet_suite::transcript::EventKind;
    use wsgauntlet_wire::Role;

    /// What is left out of a play that passed is not missing in any report: neither the code of its Close nor its duration.
    #[test]
    fn reports_show_the_same_of_a_play_without_octets() {
        let mut codes = 0;
        for instance in embedded::library().instances(Role::Server).step_by(40) {
            let config = reference::config(Role::Server);
            let transcript = reference::play(instance, &PlayConfig::new("localhost"), config, Link::Direct);
            let mut record = retry::judged(Arc::new(instance.clone()), transcript, 1);
            let stored = StoredInstance::of(&record, embedded::catalogue());
            retry::keep_what_is_shown(&mut record);
            assert_eq!(StoredInstance::of(&record, embedded::catalogue()), stored);
            codes += usize::from(stored.close_code.is_some());
            let events = record.transcript.expect("it was played").events;
            let has_octets = events.iter().any(|event| match &event.kind {
                EventKind::Sent(octets) | EventKind::Received(octets) => !octets.is_empty(),
                _ => false,
            });
            assert_eq!(has_octets, record.verdict.kind == VerdictKind::Info, "{}", instance.id);
        }
        assert!(codes > 20, "{codes} of them closed with a code");
    }
}
