//! What the derives refuse, and in which words.
//!
//! A refusal comes before any code that needs the framework, so these cases compile against the derive
//! alone and the test stays quick.

#[test]
fn senseless_declarations_are_refused_in_plain_words() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
