//! What the errors of all rooms share.

/// A foreign cause, kept behind `source()`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// An error and all of its causes in one line, for logs and for people.
///
/// ```
/// use orchestrix::error::chain;
/// let error = "x".parse::<i32>().unwrap_err();
/// assert_eq!(chain(&error), "invalid digit found in string");
/// ```
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Transparent wrappers repeat their cause word for word.
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
