use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(block, replace)]
    name: Option<Other>,
}

fn main() {}
