use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Time limits.
    timeouts: Timeouts,
    /// Other time limits.
    #[attr(timeouts())]
    others: Timeouts,
}

fn main() {}
