//! What the server's SETTINGS and WINDOW_UPDATE allow our client, RFC 9113 §5.2 and §6.9.

use wsgauntlet_wire::http2::{FRAME_LEN_DEFAULT, Setting, SettingId, WINDOW_DEFAULT};

/// The limits of what our client sends.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    /// Whether extended CONNECT is allowed, once SETTINGS have come.
    pub(super) connect_allowed: Option<bool>,
    frame_len_max: u32,
    /// SETTINGS_INITIAL_WINDOW_SIZE as it was last.
    initial: u32,
    /// May become negative, §6.9.2.
    stream: i64,
    connection: i64,
}

impl Default for Windows {
    fn default() -> Windows {
        let window = i64::from(WINDOW_DEFAULT);
        Windows {
            connect_allowed: None,
            frame_len_max: FRAME_LEN_DEFAULT,
            initial: WINDOW_DEFAULT,
            stream: window,
            connection: window,
        }
    }
}

impl Windows {
    pub(super) fn settings(&mut self, settings: &[Setting]) {
        let allowed = self.connect_allowed.get_or_insert(false);
        for setting in settings {
            match setting.id {
                SettingId::ENABLE_CONNECT_PROTOCOL => *allowed = setting.value == 1,
                SettingId::MAX_FRAME_SIZE => self.frame_len_max = setting.value.max(FRAME_LEN_DEFAULT),
                SettingId::INITIAL_WINDOW_SIZE => {
                    self.stream += i64::from(setting.value) - i64::from(self.initial);
                    self.initial = setting.value;
                }
                _ => {}
            }
        }
    }

    /// Credit for the stream of the lane, or for the connection.
    pub(super) fn credit(&mut self, octets: u32, is_ours: bool) {
        match is_ours {
            true => self.stream += i64::from(octets),
            false => self.connection += i64::from(octets),
        }
    }

    /// How many of `len` octets may be sent in one DATA frame now.
    pub(super) fn room(&self, len: usize) -> usize {
        let window = self.stream.min(self.connection).max(0);
        len.min(usize::try_from(window).unwrap_or(0)).min(self.frame_len_max as usize)
    }

    pub(super) fn sent(&mut self, len: usize) {
        self.stream -= len as i64;
        self.connection -= len as i64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// §6.9.2: a smaller initial window can make the window of a stream negative; credit then opens it again.
    #[test]
    fn a_window_may_become_negative() {
        let mut windows = Windows::default();
        windows.sent(60_000);
        windows.settings(&[Setting::new(SettingId::INITIAL_WINDOW_SIZE, 10_000)]);
        assert_eq!(windows.room(1), 0);
        windows.credit(50_001, true);
        assert_eq!(windows.room(5), 1);
        windows.credit(1 << 20, true);
        // Now the window of the connection holds it back.
        assert_eq!(windows.room(1 << 20), 5_535);
    }
}
