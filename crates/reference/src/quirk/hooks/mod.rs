//! The steps of an endpoint with quirks: which areas each step asks, and how their quirks act together.

mod closing;
mod dialing;
mod driving;
mod opening;
mod receiving;
mod sending;
