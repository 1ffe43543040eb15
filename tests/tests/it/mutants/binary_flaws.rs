//! Flaws in what is kept of payloads that are not JSON.

use orchestrix::store::Payload;

use super::mutant::Mutant;
use super::{Flaw, flaw};

pub(super) fn flaws() -> Vec<Flaw> {
    vec![
        flaw(
            "binary payloads are kept as text",
            &[
                "binary_payloads_come_back_to_the_byte",
                "a_binary_payload_of_a_megabyte_comes_back",
            ],
            |mutant| {
                keeping(mutant, |bytes| {
                    Payload::binary(String::from_utf8_lossy(bytes).into_owned())
                })
            },
        ),
        flaw(
            "binary payloads end at NUL",
            &["binary_payloads_come_back_to_the_byte"],
            |mutant| {
                keeping(mutant, |bytes| {
                    let kept = bytes.split(|byte| *byte == 0).next();
                    Payload::binary(kept.unwrap_or_default().to_vec())
                })
            },
        ),
        flaw(
            "binary payloads are cut at 64 KiB",
            &["a_binary_payload_of_a_megabyte_comes_back"],
            |mutant| {
                keeping(mutant, |bytes| {
                    Payload::binary(bytes[..bytes.len().min(1 << 16)].to_vec())
                })
            },
        ),
        flaw(
            "binary payloads that look like JSON become JSON",
            &[
                "binary_payloads_come_back_to_the_byte",
                "json_and_binary_stand_side_by_side",
            ],
            |mutant| {
                keeping(mutant, |bytes| {
                    let text = String::from_utf8(bytes.to_vec()).ok();
                    let json = text.and_then(|text| Payload::from_json_text(text).ok());
                    json.unwrap_or_else(|| Payload::binary(bytes.to_vec()))
                })
            },
        ),
    ]
}

fn keeping(mutant: Mutant, change: fn(&[u8]) -> Payload) -> Mutant {
    mutant.storing(move |event| {
        if event.payload.is_binary() {
            event.payload = change(event.payload.as_bytes());
        }
    })
}
