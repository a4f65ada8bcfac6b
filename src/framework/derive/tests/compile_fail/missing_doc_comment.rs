use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    name: String,
}

fn main() {}
