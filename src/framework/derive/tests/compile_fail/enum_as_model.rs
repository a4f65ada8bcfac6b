use awsbilling_derive::Model;

/// Thing in a small world.
#[derive(Model)]
enum Thing {
    /// Big.
    Big,
}

fn main() {}
