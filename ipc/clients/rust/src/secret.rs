//! Text that must not be printed or left behind in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{compiler_fence, Ordering};

/// Values by the name of their field.
pub type Fields = BTreeMap<String, Secret>;

/// Fields from pairs: `fields([("api_key", "sk-...")])`.
pub fn fields<N: Into<String>, V: Into<Secret>, const COUNT: usize>(pairs: [(N, V); COUNT]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// Owns a secret text. It prints as `***`, and its bytes are overwritten when it is dropped.
///
/// [`reveal`](Secret::reveal) is the only way to the text. Libraries that it is handed to (the JSON parser among them)
/// may keep copies of their own for a while: the promise is a short way and few copies, not "never in memory".
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Takes the text over, without a copy.
    pub fn new(text: String) -> Self {
        Secret(text)
    }

    /// The text itself. Do not log it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe_text(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::new(text.to_owned())
    }
}

/// Overwrites bytes with zeros in a way that the optimiser may not remove.
pub(crate) fn wipe(bytes: &mut [u8]) {
    for byte in bytes {
        // SAFETY: a reference is valid for a write of its own type. Volatile, because nobody reads the zero later.
        unsafe { std::ptr::write_volatile(byte, 0) };
    }
    compiler_fence(Ordering::SeqCst);
}

/// Overwrites the text with NUL characters and empties it.
pub(crate) fn wipe_text(text: &mut String) {
    // SAFETY: zero bytes are valid UTF-8, so the string is whole again when the borrow ends.
    wipe(unsafe { text.as_bytes_mut() });
    text.clear();
}

/// A buffer that is overwritten on every way out of a function.
pub(crate) struct Wiped(pub Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_masked() {
        let value = Secret::from("canary");
        assert_eq!(format!("{value} {value:?} {value:#?} {:?}", Some(&value)), "*** *** *** Some(***)");
        assert_eq!(value.reveal(), "canary");
    }

    #[test]
    fn wiping_overwrites_the_bytes_in_place() {
        let mut text = String::from("canary");
        let (start, length) = (text.as_ptr(), text.len());
        wipe_text(&mut text);
        // SAFETY: the string still owns the buffer, and its first bytes were written just now.
        let left = unsafe { std::slice::from_raw_parts(start, length) };
        assert_eq!(left, [0; 6]);
        assert!(text.is_empty());
    }
}
