//! Glue: see the target `extension_values` of `wsgauntlet_fuzz::ALL`.
#![cfg_attr(fuzzing, no_main)]

wsgauntlet_fuzz::glue!("extension_values");
