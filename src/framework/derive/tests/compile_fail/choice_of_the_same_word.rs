use awsbilling_derive::Choice;

/// How it is handled.
#[derive(Clone, Copy, Choice)]
enum Handling {
    /// Without force.
    Gentle,
    /// Without much force.
    #[choice("gentle")]
    Careful,
}

fn main() {}
