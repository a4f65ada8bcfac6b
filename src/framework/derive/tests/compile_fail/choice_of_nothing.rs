use awsbilling_derive::Choice;

/// How it is handled.
#[derive(Choice)]
enum Handling {}

fn main() {}
