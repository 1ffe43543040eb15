//! The rules of the specification for the values of attributes.

use super::error::excerpt;
use super::{CloudEvent, CloudEventError, ExtensionValue};

/// The names which no extension attribute may have.
pub(super) const CORE_NAMES: [&str; 9] = [
    "id",
    "source",
    "specversion",
    "type",
    "datacontenttype",
    "dataschema",
    "subject",
    "time",
    "data",
];

/// A string with something in it.
pub(super) fn text(attribute: &str, value: &str) -> Result<(), CloudEventError> {
    const EXPECTED: &str = "a non-empty string without control characters";

    if value.is_empty() {
        return Err(invalid(attribute, "is empty", EXPECTED));
    }
    characters(attribute, value, EXPECTED)
}

/// RFC 3986, section 4.1, with a little more freedom: brackets may stand everywhere. The empty
/// reference is refused.
pub(super) fn uri_reference(attribute: &str, value: &str) -> Result<(), CloudEventError> {
    const EXPECTED: &str = "a non-empty URI reference of RFC 3986";

    if value.is_empty() {
        return Err(invalid(attribute, "is empty", EXPECTED));
    }
    uri_characters(attribute, value, EXPECTED)?;
    // A colon before the first slash, question mark or number sign ends a scheme.
    match scheme(value) {
        Some(scheme) if !is_scheme(scheme) => {
            Err(invalid(attribute, "has a malformed scheme", EXPECTED))
        }
        _ => Ok(()),
    }
}

/// RFC 3986, section 3, with a little more freedom: brackets may stand everywhere.
pub(super) fn absolute_uri(attribute: &str, value: &str) -> Result<(), CloudEventError> {
    const EXPECTED: &str = "a URI of RFC 3986 with its scheme";

    if value.is_empty() {
        return Err(invalid(attribute, "is empty", EXPECTED));
    }
    uri_characters(attribute, value, EXPECTED)?;
    match scheme(value) {
        Some(scheme) if is_scheme(scheme) => Ok(()),
        Some(_) => Err(invalid(attribute, "has a malformed scheme", EXPECTED)),
        None => Err(invalid(attribute, "has no scheme", EXPECTED)),
    }
}

/// `type/subtype` and parameters, RFC 2046 and 2045.
pub(super) fn media_type(attribute: &str, value: &str) -> Result<(), CloudEventError> {
    const EXPECTED: &str = "a media type of RFC 2046, as in application/json";

    let (essence, parameters) = value
        .split_once(';')
        .map_or((value, None), |(left, right)| (left, Some(right)));
    let is_essence = essence
        .trim_end_matches([' ', '\t'])
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    if is_essence && parameters.is_none_or(are_parameters) {
        Ok(())
    } else {
        Err(invalid(attribute, "is not a media type", EXPECTED))
    }
}

/// Lower-case letters and digits of ASCII.
pub(super) fn name(name: &str) -> Result<(), CloudEventError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty() || !name.bytes().all(is_allowed) {
        return Err(CloudEventError::IllegalName {
            name: excerpt(name),
        });
    }
    Ok(())
}

/// Name and value of an extension attribute, and the stricter rules of those known here.
pub(super) fn extension(attribute: &str, value: &ExtensionValue) -> Result<(), CloudEventError> {
    name(attribute)?;
    if CORE_NAMES.contains(&attribute) {
        return Err(CloudEventError::ReservedName {
            name: attribute.to_owned(),
        });
    }
    let is_identity = [
        CloudEvent::CORRELATION_ID,
        CloudEvent::CAUSATION_ID,
        CloudEvent::TENANT_ID,
    ]
    .contains(&attribute);
    let is_trace = [CloudEvent::TRACEPARENT, CloudEvent::TRACESTATE].contains(&attribute);
    match value {
        ExtensionValue::String(value) if is_identity => text(attribute, value),
        ExtensionValue::String(value) => {
            characters(attribute, value, "a string without control characters")
        }
        ExtensionValue::Boolean(_) | ExtensionValue::Integer(_) if is_identity || is_trace => {
            Err(CloudEventError::WrongKind {
                attribute: attribute.to_owned(),
                found: match value {
                    ExtensionValue::Boolean(_) => "a boolean",
                    _ => "a number",
                },
                expected: "a string",
            })
        }
        ExtensionValue::Boolean(_) | ExtensionValue::Integer(_) => Ok(()),
    }
}

pub(super) fn invalid(
    attribute: &str,
    problem: &'static str,
    expected: &'static str,
) -> CloudEventError {
    CloudEventError::Invalid {
        attribute: excerpt(attribute),
        problem,
        expected,
    }
}

/// Control characters and Unicode's noncharacters are forbidden in strings.
fn characters(attribute: &str, value: &str, expected: &'static str) -> Result<(), CloudEventError> {
    let is_noncharacter = |character: char| {
        matches!(character, '\u{fdd0}'..='\u{fdef}') || u32::from(character) & 0xfffe == 0xfffe
    };
    if value.chars().any(char::is_control) {
        return Err(invalid(attribute, "has a control character", expected));
    }
    if value.chars().any(is_noncharacter) {
        return Err(invalid(attribute, "has a Unicode noncharacter", expected));
    }
    Ok(())
}

fn uri_characters(
    attribute: &str,
    value: &str,
    expected: &'static str,
) -> Result<(), CloudEventError> {
    const PUNCTUATION: &[u8] = b"-._~:/?#[]@!$&'()*+,;=%";

    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte);
    if !value.bytes().all(is_allowed) {
        let problem = "has a character which a URI has to percent-encode";
        return Err(invalid(attribute, problem, expected));
    }
    let is_encoded = |encoded: &str| {
        encoded
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !value.split('%').skip(1).all(is_encoded) {
        let problem = "has a `%` without two hexadecimal digits";
        return Err(invalid(attribute, problem, expected));
    }
    if value.matches('#').count() > 1 {
        return Err(invalid(attribute, "has more than one `#`", expected));
    }
    Ok(())
}

/// What stands before the colon that ends a scheme, if there is such a colon.
fn scheme(value: &str) -> Option<&str> {
    let delimiter = value.find([':', '/', '?', '#'])?;
    value[delimiter..]
        .starts_with(':')
        .then_some(&value[..delimiter])
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_token(token: &str) -> bool {
    !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Parameters after the first semicolon; empty ones are allowed, as in HTTP.
fn are_parameters(parameters: &str) -> bool {
    let mut rest = parameters.trim_start_matches([' ', '\t']);
    loop {
        if rest.is_empty() {
            return true;
        }
        if !rest.starts_with(';') {
            let Some((name, value)) = rest.split_once('=') else {
                return false;
            };
            let Some(length) = parameter_value_length(value) else {
                return false;
            };
            if !is_token(name) {
                return false;
            }
            rest = value[length..].trim_start_matches([' ', '\t']);
        }
        rest = match rest.strip_prefix(';') {
            Some(next) => next.trim_start_matches([' ', '\t']),
            None => return rest.is_empty(),
        };
    }
}

/// The length of the token or quoted string at the beginning, in bytes.
fn parameter_value_length(value: &str) -> Option<usize> {
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find([';', ' ', '\t']).unwrap_or(value.len());
        return is_token(&value[..end]).then_some(end);
    };
    let mut is_escaped = false;
    for (index, character) in quoted.char_indices() {
        match character {
            _ if character.is_control() && character != '\t' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(index + 2),
            _ => {}
        }
    }
    None
}
