//! Glue: see the target `response_values` of `wsgauntlet_fuzz::ALL`.
#![cfg_attr(fuzzing, no_main)]

wsgauntlet_fuzz::glue!("response_values");
