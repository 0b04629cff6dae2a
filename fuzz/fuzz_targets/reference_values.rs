//! Glue: see the target `reference_values` of `wsgauntlet_fuzz::ALL`.
#![cfg_attr(fuzzing, no_main)]

wsgauntlet_fuzz::glue!("reference_values");
