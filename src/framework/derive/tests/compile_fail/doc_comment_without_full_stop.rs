use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing
    name: String,
}

fn main() {}
