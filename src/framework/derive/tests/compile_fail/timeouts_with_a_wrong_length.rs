use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Time limits.
    #[attr(timeouts(create = "soon"))]
    timeouts: Timeouts,
}

fn main() {}
