//! Reports, from a stored run to every format. Start reading in `fixture`.

mod baseline;
mod fixture;
mod render;
mod stored;
