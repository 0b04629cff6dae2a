//! Reproducers: programs that show a defect without wsgauntlet. They are run against the reference, with a quirk and without it.

mod forms;
mod stage;
mod sweep;
