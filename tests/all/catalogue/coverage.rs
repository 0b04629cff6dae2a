//! The snapshot of coverage, and what must be watched.
use wsgauntlet::embedded;
use wsgauntlet::report::coverage;

/// `reports/coverage.txt` is what `wsgauntlet coverage` prints. `ci/snapshots` writes it.
#[test]
fn the_snapshot_of_coverage_is_fresh() {
    let fresh = coverage::render(embedded::catalogue(), &embedded::library().cases);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/coverage.txt");
    let stored = std::fs::read_to_string(path).expect("reports/coverage.txt");
    assert!(stored == fresh, "reports/coverage.txt is stale: run ci/snapshots");
}
