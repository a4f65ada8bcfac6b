use awsbilling_derive::Choice;

/// How it is handled.
#[derive(Choice)]
struct Handling;

fn main() {}
