//! How an endpoint carries out the steps of RFC 6455 and RFC 7692: one method for each step that a quirk can get wrong. The
//! default methods are what the RFCs say, so `Strict` has no code of its own, and an endpoint with it is the strict one.
//!
//! To check the strict endpoint, read `connection`, `receive`, `send`, `opening_server` and `opening_client`, and the
//! default methods here. Nothing in `quirk` is part of it.

pub(crate) mod closing;
mod dialing;
mod driving;
pub(crate) mod opening;
pub(crate) mod receiving;
mod sending;

pub(crate) use closing::{
    Closing, FailedOpening, Failure, PingContext, Pongs, Reply, ReplyContext, TcpEnd, Then,
};
pub(crate) use dialing::Dialing;
pub(crate) use driving::Driving;
pub(crate) use opening::{Opening, OpeningAnswer, Refusing};
pub(crate) use receiving::{BadText, ControlEffect, FrameSoFar, Input, Receiving, SegmentEnd};
pub(crate) use sending::Sending;

/// All steps of a connection.
pub(crate) trait Behavior: Dialing + Opening + Receiving + Sending + Closing + Driving {}

impl<B: Dialing + Opening + Receiving + Sending + Closing + Driving> Behavior for B {}

/// Each step as the RFCs have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strict;

impl Dialing for Strict {}
impl Opening for Strict {}
impl Receiving for Strict {}
impl Sending for Strict {}
impl Closing for Strict {}
impl Driving for Strict {}
