//! What a row of a table of quirks holds, and the macro that makes the enum of an area from its table.

use crate::roles::Roles;

/// A row of a table: what it says about one quirk.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) roles: Roles,
    pub(crate) breaks: &'static [&'static str],
    pub(crate) description: &'static str,
}

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

            pub(super) fn row(self) -> $crate::quirk::table::Row {
                use $crate::quirk::table::Row;
                use $crate::roles::Roles;
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
