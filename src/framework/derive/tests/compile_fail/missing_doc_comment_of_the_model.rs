use awsbilling_derive::Model;

#[derive(Model)]
struct Thing {
    /// Name of the thing.
    name: String,
}

fn main() {}
