//! What our peer asks of its transport.

/// One thing that a transport has to do, in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write these octets, as one write.
    Write(Vec<u8>),
    /// Wait before the next write, so that the target reads it apart from the one before: both are pieces of what was cut.
    Pause,
    /// Send the TLS record of the next write in this number of TCP segments.
    Segments(usize),
    /// Close our direction in order: nothing is written after it.
    HalfClose,
    /// Reset the connection.
    Reset,
}
