//! Glue: see the target `deflate_values` of `wsgauntlet_fuzz::ALL`.
#![cfg_attr(fuzzing, no_main)]

wsgauntlet_fuzz::glue!("deflate_values");
