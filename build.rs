//! Cases and requirements are embedded: a change of them is a change of the binary.

fn main() {
    println!("cargo:rerun-if-changed=cases");
}
