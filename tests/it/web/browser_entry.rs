//! Entry in a real browser.
