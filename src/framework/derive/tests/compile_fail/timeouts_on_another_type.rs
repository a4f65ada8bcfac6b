use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(timeouts(create = "20m"))]
    name: String,
}

fn main() {}
