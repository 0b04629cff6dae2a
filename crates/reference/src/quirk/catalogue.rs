//! The list of all quirks, put together from the areas. An area is one hook in the reference: its
//! enum holds a row for each fault that the hook can do, and next to it stands what the fault does.

use super::asked;
use std::fmt;
use std::str::FromStr;
use wsgauntlet_wire::Role;

/// In which roles of the reference a quirk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    Client,
    Server,
    Both,
}

impl Roles {
    pub fn contains(self, role: Role) -> bool {
        match self {
            Roles::Client => role == Role::Client,
            Roles::Server => role == Role::Server,
            Roles::Both => true,
        }
    }
}

/// What is known of a quirk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuirkInfo {
    pub quirk: Quirk,
    /// In kebab-case, unique.
    pub name: &'static str,
    pub roles: Roles,
    pub area: &'static str,
    /// The ids of the requirements that it breaks: the first is the one that it is about.
    pub breaks: &'static [&'static str],
    /// One sentence about the endpoint that has it.
    pub description: &'static str,
}

/// A row of an area, without what the area says.
pub struct Row {
    pub name: &'static str,
    pub roles: Roles,
    pub breaks: &'static [&'static str],
    pub description: &'static str,
}

/// A name that no quirk has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no quirk is named {0:?}")]
pub struct UnknownQuirk(pub String);

/// Makes the enum of an area: `/// Description.` then `Variant "name" Roles ["requirement", ...],`.
macro_rules! quirks {
    (
        $(#[$meta:meta])*
        pub enum $area:ident {
            $(
                #[doc = $description:literal]
                $variant:ident $name:literal $roles:ident [$($breaks:literal),+ $(,)?],
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $area {
            $(#[doc = $description] $variant,)+
        }

        impl $area {
            pub(super) const ALL: &'static [$area] = &[$($area::$variant),+];

            pub(super) fn row(self) -> $crate::quirk::catalogue::Row {
                use $crate::quirk::catalogue::{Roles, Row};
                match self {
                    $($area::$variant => Row {
                        name: $name,
                        roles: Roles::$roles,
                        breaks: &[$($breaks),+],
                        description: $description.trim_ascii(),
                    },)+
                }
            }
        }
    };
}
pub(super) use quirks;

/// What all areas are.
pub trait InArea: Copy + Into<Quirk> + 'static {
    const QUIRKS: &'static [Self];

    /// The quirk, if it is one of this area.
    fn of(quirk: Quirk) -> Option<Self>;
}

/// Makes `Quirk` of the areas: `Area accessor "area's name",`. An area whose hooks only ask what would show has no accessor.
macro_rules! areas {
    ($($module:ident::$area:ident $($accessor:ident)? $name:literal,)+) => {
        $(pub use super::$module::$area;)+

        /// One deliberate fault of the reference implementation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Quirk {
            $($area($area),)+
        }

        /// Where a quirk sits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Area {
            $($area,)+
        }

        pub(super) const AREA_COUNT: usize = [$(Area::$area),+].len();

        impl Quirk {
            /// Every quirk, in the order of the areas.
            pub fn all() -> impl Iterator<Item = Quirk> {
                std::iter::empty()$(.chain($area::ALL.iter().map(|quirk| Quirk::$area(*quirk))))+
            }

            /// Its area, and its number there.
            pub(super) fn place(self) -> (Area, u32) {
                match self {
                    $(Quirk::$area(quirk) => (Area::$area, quirk as u32),)+
                }
            }

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

        impl Faults {
            $($(
                /// The fault that this area's hook shall do: the first of the area, where there are several.
                pub fn $accessor(self) -> Option<$area> {
                    asked::mark_area(Area::$area);
                    self.quirks().find_map(|quirk| match quirk {
                        Quirk::$area(quirk) => Some(quirk),
                        _ => None,
                    })
                }
            )?)+
        }

        $(
            impl From<$area> for Quirk {
                fn from(quirk: $area) -> Quirk {
                    Quirk::$area(quirk)
                }
            }

            impl InArea for $area {
                const QUIRKS: &'static [$area] = $area::ALL;

                fn of(quirk: Quirk) -> Option<$area> {
                    match quirk {
                        Quirk::$area(quirk) => Some(quirk),
                        _ => None,
                    }
                }
            }
        )+
    };
}

areas! {
    request_check::RequestCheck request_check "request-accepted",
    head_reading::HeadReading "head-misread",
    request_refusal::RequestRefusal request_refusal "request-refused",
    response_sent::ResponseSent response_sent "response-sent",
    refusal_sent::RefusalSent refusal_sent "refusal-sent",
    addressing::Addressing addressing "address",
    request_sent::RequestSent request_sent "request-sent",
    response_check::ResponseCheck response_check "response-read",
    opening_flow::OpeningFlow opening_flow "opening-flow",
    leniency::Leniency leniency "frame-accepted",
    misreading::Misreading "frame-misread",
    unmasking::Unmasking unmasking "unmasking",
    segments::Segments segments "segmentation",
    assembly::Assembly "assembly",
    text_leniency::TextLeniency text_leniency "text-accepted",
    frame_sent::FrameSent frame_sent "frame-sent",
    message_sent::MessageSent message_sent "message-sent",
    pongs::Pongs pongs "pong",
    closing::ClosingFault closing "closing",
    failing::Failing failing "failing",
    deflate_negotiation::DeflateNegotiation "deflate-negotiated",
    deflate_received::DeflateReceived deflate_received "deflate-received",
    deflate_sent::DeflateSent deflate_sent "deflate-sent",
    whole::Whole whole "whole",
    rare::Rare rare "rare",
    death::Mortal mortal "death",
}

/// How many quirks an endpoint can have at once.
pub const QUIRKS_MAX: usize = 64;

/// The quirks that an endpoint has, as its hooks ask for them. There is no other way to them, so
/// that `asked` knows which areas a play came by.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    quirks: [Option<Quirk>; QUIRKS_MAX],
    len: usize,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults { quirks: [None; QUIRKS_MAX], len: 0 }
    }
}

impl Faults {
    /// Those of the list, up to [`QUIRKS_MAX`].
    pub fn new(quirks: impl IntoIterator<Item = Quirk>) -> Faults {
        let mut faults = Faults::default();
        for quirk in quirks.into_iter().take(QUIRKS_MAX) {
            faults.quirks[faults.len] = Some(quirk);
            faults.len += 1;
        }
        faults
    }

    fn quirks(&self) -> impl Iterator<Item = Quirk> {
        self.quirks[..self.len].iter().copied().flatten()
    }

    /// All faults of an area, for a hook that can do several of them, one after the other.
    pub fn each<A: InArea>(self) -> impl Iterator<Item = A> {
        if asked::is_listening() {
            A::QUIRKS.iter().for_each(|quirk| asked::mark((*quirk).into()));
        }
        self.quirks.into_iter().take(self.len).flatten().filter_map(A::of)
    }

    pub fn has(self, quirk: impl Into<Quirk>) -> bool {
        let quirk = quirk.into();
        asked::mark(quirk);
        self.quirks().any(|own| own == quirk)
    }

    /// The fault of an area, if it makes a difference here. `shows` tells that of each, and depends on nothing that a fault
    /// did before: so `asked` learns of those alone that could have shown.
    pub fn showing<A: InArea>(self, shows: impl Fn(A) -> bool) -> Option<A> {
        if asked::is_listening() {
            A::QUIRKS.iter().filter(|quirk| shows(**quirk)).for_each(|quirk| asked::mark((*quirk).into()));
        }
        self.quirks().filter_map(A::of).find(|quirk| shows(*quirk))
    }

    /// The fault, if it is one of these.
    pub fn among<A: Copy + Into<Quirk>>(self, quirks: &[A]) -> Option<A> {
        quirks.iter().copied().find(|quirk| self.has(*quirk))
    }
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
