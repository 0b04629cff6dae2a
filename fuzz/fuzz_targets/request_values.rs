//! Glue: see the target `request_values` of `wsgauntlet_fuzz::ALL`.
#![cfg_attr(fuzzing, no_main)]

wsgauntlet_fuzz::glue!("request_values");
