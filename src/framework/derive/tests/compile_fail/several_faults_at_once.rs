use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    name: String,
    /// Title of the thing
    #[attr(default = "x", stable)]
    title: Option<String>,
}

fn main() {}
