use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
struct Thing {
    /// Name of the thing.
    #[attr(identity)]
    name: Secret<String>,
    /// Other name of the thing.
    #[attr(identity)]
    other: Option<Secret<String>>,
    /// Third name of the thing.
    #[attr(identity, sensitive)]
    third: String,
}

fn main() {}
