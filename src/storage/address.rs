//! What may be said of the address of a database.

use diesel::ConnectionError;

/// What libpq says of an address that it cannot make out, or of a server that it cannot reach, unless it quotes of the address what is
/// nobody's business: a password in which `%`, `@` or `/` was not written as `%XX` is taken apart, and its pieces are named.
pub(super) fn discreet(url: &str, error: ConnectionError) -> ConnectionError {
    let told = error.to_string();
    let behind_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let secrets = match behind_scheme.rsplit_once('@') {
        Some((user, _)) => user.split_once(':').map_or("", |(_, password)| password),
        // It has no end that could be told.
        None if behind_scheme.is_empty() => url,
        None => behind_scheme
            .split_once(':')
            .map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or("")),
    };
    let is_port =
        |piece: &str| piece.len() <= 5 && piece.bytes().all(|b| b.is_ascii_digit()) && !behind_scheme.contains('@');
    let mut pieces = secrets
        .split(|c: char| !c.is_alphanumeric())
        .filter(|piece| piece.chars().count() > 2 && !is_port(piece));
    let is_told = told.contains(url) || pieces.any(|piece| told.contains(piece));
    if is_told {
        ConnectionError::BadConnection(
            "the address of the database cannot be made out: in user name and password, write %, @, :, / and blanks as %XX".into(),
        )
    } else {
        error
    }
}
