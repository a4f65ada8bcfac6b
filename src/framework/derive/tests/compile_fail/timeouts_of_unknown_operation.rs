use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Time limits.
    #[attr(timeouts(paint = "20m"))]
    timeouts: Timeouts,
}

fn main() {}
