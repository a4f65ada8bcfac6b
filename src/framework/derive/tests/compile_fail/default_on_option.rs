use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(default = "x")]
    name: Option<String>,
}

fn main() {}
