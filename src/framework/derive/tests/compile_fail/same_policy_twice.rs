use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(default = 1, default = 2)]
    name: i64,
}

fn main() {}
