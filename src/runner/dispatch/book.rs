//! The records of a run so far, and the events that report them. An instance has one record; a later one replaces it.

use crate::runner::event::RunEvent;
use crate::runner::retry;
use std::collections::HashMap;
use wsgauntlet_suite::oracle::{Record, Run};

pub struct Book<'e> {
    pub run: Run,
    /// Where the record of an instance stands in the run, by its id.
    places: HashMap<String, usize>,
    events: &'e mut (dyn FnMut(RunEvent) + Send),
}

impl<'e> Book<'e> {
    pub fn new(run: Run, events: &'e mut (dyn FnMut(RunEvent) + Send)) -> Book<'e> {
        Book { run, places: HashMap::new(), events }
    }

    pub fn tell(&mut self, event: RunEvent) {
        (self.events)(event);
    }

    /// Keeps the record of an instance. What was kept before of it is amended.
    pub fn finish(&mut self, mut record: Record) {
        retry::beside_reference(&mut record);
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
    pub fn kept(&self, id: &str) -> Option<&Record> {
        self.places.get(id).map(|place| &self.run.records[*place])
    }
}
