//! Diagnosis: which defects explain what a run showed, and how bad they are.

pub mod catalogue;
pub mod grade;
