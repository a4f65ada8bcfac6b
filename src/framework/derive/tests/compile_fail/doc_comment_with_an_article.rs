use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// The name of the thing.
    name: String,
}

fn main() {}
