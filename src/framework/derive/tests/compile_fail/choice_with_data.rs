use awsbilling_derive::Choice;

/// How it is handled.
#[derive(Choice)]
enum Handling {
    /// Without force.
    Gentle(u8),
    Rough,
}

fn main() {}
