//! Reports, from a stored run to every format. Start reading in `fixture`.

mod baseline;
mod defects;
mod diff;
mod fixture;
mod html;
mod partial;
mod pcapng;
mod render;
mod stored;
mod versions;
