//! Payloads of another encoding than JSON.

use super::opened::Opened;
use super::payloads::come_back;
use super::samples::{event, event_with, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{Append, ExpectedVersion, Payload};

/// Bytes that are no text come back as they are: every byte there is, none at all, and what looks like JSON or an escape.
pub async fn binary_payloads_come_back_to_the_byte(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let every: Vec<u8> = (0..=u8::MAX).collect();
    let samples: [&[u8]; 10] = [
        &every,
        &[],
        &[0],
        &[0; 64],
        b"\\x00ff",
        b"{\"n\":1}",
        b"null",
        b" trailing \n",
        "\u{feff}text".as_bytes(),
        &[0xc3, 0x28, 0xed, 0xa0, 0x80],
    ];
    let events: Result<Vec<_>, _> = samples
        .iter()
        .map(|bytes| event_with(Payload::binary(bytes.to_vec())))
        .collect();
    let stored = come_back(subject, events?).await?;
    for (stored, bytes) in stored.iter().zip(samples) {
        let payload = &stored.data.payload;
        ensure_eq("the bytes", payload.as_bytes(), bytes)?;
        let expected = format!("{bytes:?} to be binary");
        ensure(
            payload.is_binary() && payload.as_json().is_none(),
            expected,
            "JSON",
        )?;
    }
    Ok(())
}

/// A binary payload of a megabyte is no special case.
pub async fn a_binary_payload_of_a_megabyte_comes_back(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let bytes: Vec<u8> = (0..1_u32 << 20)
        .map(|n| (n.wrapping_mul(0x9e37_79b1) >> 24) as u8)
        .collect();
    let large = event_with(Payload::binary(bytes.clone()))?;
    let stored = come_back(subject, vec![event()?, large, event()?]).await?;
    let same = stored[1].data.payload.as_bytes() == bytes;
    ensure(same, "the bytes as they were given", "others")
}

/// JSON and binary payloads stand side by side in one append, each as it was given, though their bytes are the same.
pub async fn json_and_binary_stand_side_by_side(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let json = Payload::from_json_text("{\"n\":1}")?;
    let binary = Payload::binary(json.as_bytes().to_vec());
    ensure(json != binary, "payloads of two encodings to differ", &json)?;
    let payloads = [&json, &binary, &binary, &json, &binary];
    let events = |payloads: &[&Payload]| -> Result<Vec<_>, Violation> {
        payloads
            .iter()
            .map(|payload| event_with((*payload).clone()))
            .collect()
    };
    let (one, two) = (stream("1")?, stream("2")?);
    let append = Append::new(one, ExpectedVersion::Any, events(&payloads[..2])?).and(
        two,
        ExpectedVersion::Any,
        events(&payloads[2..])?,
    );
    store.append(append).await?;
    let log = store.log().await?;
    let found: Vec<_> = log
        .iter()
        .map(|event| event.data.payload.is_binary())
        .collect();
    ensure_eq(
        "which payloads are binary",
        found,
        vec![false, true, true, false, true],
    )?;
    for (event, given) in log.iter().zip(payloads) {
        ensure_eq("the bytes", event.data.payload.as_bytes(), given.as_bytes())?;
    }
    Ok(())
}
