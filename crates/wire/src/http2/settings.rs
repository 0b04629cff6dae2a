//! The parameters of SETTINGS, RFC 9113 §6.5.2 and RFC 8441 §3.

use std::fmt;

/// The identifier of a setting: any 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u16);

impl SettingId {
    /// 0x1: the most octets of the dynamic table of the peer's encoder.
    pub const HEADER_TABLE_SIZE: SettingId = SettingId(0x1);
    /// 0x2: 0 or 1.
    pub const ENABLE_PUSH: SettingId = SettingId(0x2);
    /// 0x3: how many streams the peer may have open.
    pub const MAX_CONCURRENT_STREAMS: SettingId = SettingId(0x3);
    /// 0x4: the first flow-control window of each stream, in octets, up to 2^31 - 1.
    pub const INITIAL_WINDOW_SIZE: SettingId = SettingId(0x4);
    /// 0x5: the largest payload of a frame, in octets, 2^14 to 2^24 - 1.
    pub const MAX_FRAME_SIZE: SettingId = SettingId(0x5);
    /// 0x6: the largest field section, in octets.
    pub const MAX_HEADER_LIST_SIZE: SettingId = SettingId(0x6);
    /// 0x8: 1 where the sender takes extended CONNECT, RFC 8441 §3.
    pub const ENABLE_CONNECT_PROTOCOL: SettingId = SettingId(0x8);

    /// Its name, if it has one.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            SettingId::HEADER_TABLE_SIZE => "SETTINGS_HEADER_TABLE_SIZE",
            SettingId::ENABLE_PUSH => "SETTINGS_ENABLE_PUSH",
            SettingId::MAX_CONCURRENT_STREAMS => "SETTINGS_MAX_CONCURRENT_STREAMS",
            SettingId::INITIAL_WINDOW_SIZE => "SETTINGS_INITIAL_WINDOW_SIZE",
            SettingId::MAX_FRAME_SIZE => "SETTINGS_MAX_FRAME_SIZE",
            SettingId::MAX_HEADER_LIST_SIZE => "SETTINGS_MAX_HEADER_LIST_SIZE",
            SettingId::ENABLE_CONNECT_PROTOCOL => "SETTINGS_ENABLE_CONNECT_PROTOCOL",
            _ => return None,
        })
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "setting 0x{:x}", self.0),
        }
    }
}

/// A parameter and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Which parameter.
    pub id: SettingId,
    /// Any value, whether the parameter allows it or not.
    pub value: u32,
}

impl Setting {
    /// A parameter with this value.
    pub fn new(id: SettingId, value: u32) -> Setting {
        Setting { id, value }
    }
}
