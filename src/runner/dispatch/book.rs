//! What a run came to so far, and who is told of it. An instance has one record; a later one takes its place.

use crate::embedded;
use crate::runner::event::RunEvent;
use crate::runner::reference;
use wsgauntlet_suite::case::Profile;
use wsgauntlet_suite::oracle::{Record, Run};

pub struct Book<'e> {
    pub run: Run,
    events: &'e mut (dyn FnMut(RunEvent) + Send),
}

impl<'e> Book<'e> {
    pub fn new(run: Run, events: &'e mut (dyn FnMut(RunEvent) + Send)) -> Book<'e> {
        Book { run, events }
    }

    pub fn tell(&mut self, event: RunEvent) {
        (self.events)(event);
    }

    /// Keeps the record of an instance. What was kept before of it is amended.
    pub fn finish(&mut self, mut record: Record) {
        // What passes at great length need not be played again, and what was not played needs no second opinion of that
        // length.
        if record.reference.is_none() && record.instance.profile != Profile::Volume {
            record.reference =
                Some(reference::beside(&record.instance, "localhost", 1, embedded::catalogue()));
        }
        let known = self.run.records.iter_mut().find(|known| known.instance.id == record.instance.id);
        match known {
            Some(known) => {
                known.clone_from(&record);
                self.tell(RunEvent::Amended(Box::new(record)));
            }
            None => {
                self.run.records.push(record.clone());
                self.tell(RunEvent::Finished(Box::new(record)));
            }
        }
    }

    /// What is kept of an instance so far.
    pub fn kept(&self, id: &str) -> Option<&Record> {
        self.run.records.iter().find(|record| record.instance.id.as_str() == id)
    }
}
