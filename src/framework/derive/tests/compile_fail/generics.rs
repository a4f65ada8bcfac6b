use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing<T> {
    /// Name of the thing.
    name: T,
}

fn main() {}
