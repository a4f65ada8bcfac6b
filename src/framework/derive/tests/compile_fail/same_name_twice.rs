use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(name = "title")]
    name: String,
    /// Title of the thing.
    title: String,
}

fn main() {}
