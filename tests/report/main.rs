//! Reports, from a stored run to every format. Start reading in `fixture`.

mod baseline;
mod fixture;
mod html;
mod render;
mod stored;
