//! The list of all quirks, put together from the areas. An area is one file here: a table of quirks that concern one step of
//! the protocol, and next to it what each of them does.

use crate::roles::Roles;
use std::fmt;
use std::str::FromStr;

/// What is known of a quirk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuirkInfo {
    /// The quirk itself.
    pub quirk: Quirk,
    /// In kebab-case, unique.
    pub name: &'static str,
    /// The roles in which it shows.
    pub roles: Roles,
    /// The name of its area, for instance "frame-accepted".
    pub area: &'static str,
    /// The ids of the requirements that it breaks: the first is the one that it is about.
    pub breaks: &'static [&'static str],
    /// One sentence about the endpoint that has it.
    pub description: &'static str,
}

/// A name that no quirk has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no quirk is named {0:?}")]
pub struct UnknownQuirk(pub String);

/// The enum of an area. `QuirkSet` finds its quirks by it.
pub(crate) trait InArea: Copy + Into<Quirk> + 'static {
    const AREA: Area;
    const QUIRKS: &'static [Self];
}

/// Makes `Quirk` of the areas: `module::Area "area's name",`.
macro_rules! areas {
    ($($module:ident::$area:ident $name:literal,)+) => {
        $(pub use super::$module::$area;)+

        /// One deliberate fault of the reference implementation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Quirk {
            $(
                #[doc = concat!("A fault of the area \"", $name, "\".")]
                $area($area),
            )+
        }

        /// An area, as an index.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Area {
            $($area,)+
        }

        pub(crate) const AREA_COUNT: usize = [$(Area::$area),+].len();

        impl Quirk {
            /// Every quirk, in the order of the areas.
            pub fn all() -> impl Iterator<Item = Quirk> {
                std::iter::empty()$(.chain($area::ALL.iter().map(|quirk| Quirk::$area(*quirk))))+
            }

            /// Its area, and its number there.
            pub(crate) fn place(self) -> (Area, u32) {
                match self {
                    $(Quirk::$area(quirk) => (Area::$area, quirk as u32),)+
                }
            }

            /// What is known of it.
            pub fn info(self) -> QuirkInfo {
                let (row, area) = match self {
                    $(Quirk::$area(quirk) => (quirk.row(), $name),)+
                };
                QuirkInfo {
                    quirk: self,
                    name: row.name,
                    roles: row.roles,
                    area,
                    breaks: row.breaks,
                    description: row.description,
                }
            }
        }

        $(
            impl From<$area> for Quirk {
                fn from(quirk: $area) -> Quirk {
                    Quirk::$area(quirk)
                }
            }

            impl InArea for $area {
                const AREA: Area = Area::$area;
                const QUIRKS: &'static [$area] = $area::ALL;
            }
        )+
    };
}

areas! {
    request_check::RequestCheck "request-accepted",
    head_reading::HeadReading "head-misread",
    request_refusal::RequestRefusal "request-refused",
    response_sent::ResponseSent "response-sent",
    refusal_sent::RefusalSent "refusal-sent",
    addressing::Addressing "address",
    request_sent::RequestSent "request-sent",
    response_check::ResponseCheck "response-read",
    opening_flow::OpeningFlow "opening-flow",
    leniency::Leniency "frame-accepted",
    misreading::Misreading "frame-misread",
    unmasking::Unmasking "unmasking",
    segments::Segments "segmentation",
    assembly::Assembly "assembly",
    text_leniency::TextLeniency "text-accepted",
    frame_sent::FrameSent "frame-sent",
    message_sent::MessageSent "message-sent",
    pongs::Pongs "pong",
    closing::ClosingFault "closing",
    failing::Failing "failing",
    deflate_negotiation::DeflateNegotiation "deflate-negotiated",
    deflate_received::DeflateReceived "deflate-received",
    deflate_sent::DeflateSent "deflate-sent",
    whole::Whole "whole",
    rare::Rare "rare",
    death::Mortal "death",
    driven::Driven "driven",
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(name: &str) -> Result<Quirk, UnknownQuirk> {
        Quirk::all().find(|quirk| quirk.info().name == name).ok_or_else(|| UnknownQuirk(name.to_owned()))
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}
