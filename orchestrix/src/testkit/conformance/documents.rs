//! Reading the documents of read models.

use super::checkpoints::at;
use super::opened::Opened;
use super::read_models::{COLLECTION, commit, delete, ensure_documents, put};
use super::samples::HOSTILE_TEXTS;
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    CheckpointMove, DocumentWrite, Payload, ReadModelCommit, ReadModelError, TenantId,
};

/// Asked for by keys, absent documents are left out.
pub async fn absent_documents_are_left_out(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store
        .read_models
        .commit(commit(
            0,
            1,
            vec![put("a", "1")?, put("b", "2")?, put("c", "3")?],
        ))
        .await?;
    for (keys, expected) in [
        (vec![], vec![]),
        (vec!["x"], vec![]),
        (vec!["c", "x", "a"], vec![("a", "1"), ("c", "3")]),
        (vec!["A", "a "], vec![]),
    ] {
        let asked = format!("the documents {keys:?}");
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let found = store
            .read_models
            .documents(COLLECTION, &TenantId::default(), &keys)
            .await?;
        let mut found: Vec<_> = found
            .iter()
            .map(|d| (d.key.as_str(), d.body.as_json().unwrap_or_default()))
            .collect();
        found.sort_unstable();
        ensure_eq(asked, found, expected)?;
    }
    Ok(())
}

/// Documents of two tenants are apart, and one commit writes for both.
pub async fn documents_are_apart_by_tenant(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let tenants = [
        TenantId::default(),
        TenantId::new("acme")?,
        TenantId::new("Acme")?,
    ];
    let mut writes = Vec::new();
    for (tenant, body) in tenants.iter().zip(["1", "2", "3"]) {
        writes.push(DocumentWrite {
            tenant: tenant.clone(),
            ..put("a", body)?
        });
    }
    store.read_models.commit(commit(0, 1, writes)).await?;
    let deleted = DocumentWrite {
        tenant: tenants[1].clone(),
        ..delete("a")
    };
    store
        .read_models
        .commit(commit(1, 2, vec![deleted]))
        .await?;
    for (tenant, expected) in tenants.iter().zip([vec!["1"], vec![], vec!["3"]]) {
        let scanned = store.read_models.scan(COLLECTION, tenant, None, 9).await?;
        let found = store
            .read_models
            .documents(COLLECTION, tenant, &["a".to_owned()])
            .await?;
        for documents in [scanned, found] {
            let bodies: Vec<_> = documents
                .iter()
                .map(|document| document.body.as_json().unwrap_or_default())
                .collect();
            ensure_eq(
                format_args!("the bodies of tenant {tenant}"),
                bodies,
                expected.clone(),
            )?;
        }
    }
    Ok(())
}

/// Documents of two collections are apart.
pub async fn documents_are_apart_by_collection(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for (n, name) in HOSTILE_TEXTS.iter().enumerate() {
        let commit = ReadModelCommit {
            checkpoint: CheckpointMove::new(format!("of {name}"), at(0), at(1)),
            collection: (*name).to_owned(),
            ..commit(0, 1, vec![put("a", &n.to_string())?])
        };
        store.read_models.commit(commit).await?;
    }
    for (n, name) in HOSTILE_TEXTS.iter().enumerate() {
        let found = store
            .read_models
            .scan(name, &TenantId::default(), None, 9)
            .await?;
        let bodies: Vec<_> = found
            .iter()
            .map(|document| document.body.as_json().unwrap_or_default().to_owned())
            .collect();
        ensure_eq(
            format_args!("the bodies in collection {name:?}"),
            bodies,
            vec![n.to_string()],
        )?;
    }
    Ok(())
}

/// A scan gives documents in the order of their keys' bytes, which no collation changes.
pub async fn a_scan_is_in_the_order_of_bytes(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    // The last two change places when compared as UTF-16.
    let mut keys = vec![
        "10", "2", "1", "a", "B", "b", "A", "ab", "a b", "a-b", "Z", "é", "z", "_", "e\u{301}",
        "\u{ff5e}", "😀",
    ];
    let writes: Result<Vec<_>, _> = keys.iter().map(|key| put(key, "1")).collect();
    store.read_models.commit(commit(0, 1, writes?)).await?;
    keys.sort_unstable();
    let scanned = store
        .read_models
        .scan(COLLECTION, &TenantId::default(), None, 100)
        .await?;
    let found: Vec<_> = scanned
        .iter()
        .map(|document| document.key.as_str())
        .collect();
    ensure_eq("the keys", found, keys.clone())?;
    for (n, key) in keys.iter().enumerate() {
        let behind = store
            .read_models
            .scan(COLLECTION, &TenantId::default(), Some(key), 100)
            .await?;
        let found: Vec<_> = behind
            .iter()
            .map(|document| document.key.as_str())
            .collect();
        ensure_eq(
            format_args!("the keys behind {key:?}"),
            found,
            keys[n + 1..].to_vec(),
        )?;
    }
    Ok(())
}

/// Pages of a scan, each behind the last key of the one before, give all documents once.
pub async fn a_scan_is_read_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let keys: Vec<String> = (0..25).map(|n| format!("{n:03}")).collect();
    let writes: Result<Vec<_>, _> = keys.iter().rev().map(|key| put(key, "1")).collect();
    store.read_models.commit(commit(0, 1, writes?)).await?;
    for limit in [1, 7, 24, 25, 26, usize::MAX] {
        let mut found: Vec<String> = Vec::new();
        loop {
            let after = found.last().map(String::as_str);
            let page = store
                .read_models
                .scan(COLLECTION, &TenantId::default(), after, limit)
                .await?;
            ensure(
                page.len() <= limit,
                format_args!("at most {limit} documents"),
                page.len(),
            )?;
            if page.is_empty() || found.len() > keys.len() {
                break;
            }
            found.extend(page.into_iter().map(|document| document.key));
        }
        ensure_eq(format_args!("the keys in pages of {limit}"), &found, &keys)?;
    }
    // A key that is not there bounds a scan as well.
    let behind = store
        .read_models
        .scan(COLLECTION, &TenantId::default(), Some("0225"), 9)
        .await?;
    ensure_eq(
        "the first key behind \"0225\"",
        behind.first().map(|d| d.key.as_str()),
        Some("023"),
    )
}

/// Any text is a key, the empty one included.
pub async fn hostile_keys_are_kept_apart(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let long = "k".repeat(500);
    let keys = || {
        HOSTILE_TEXTS
            .iter()
            .copied()
            .chain(["", "\n", "\t", long.as_str()])
    };
    let mut expected: Vec<(String, String)> = keys()
        .enumerate()
        .map(|(n, key)| (key.to_owned(), n.to_string()))
        .collect();
    let writes: Result<Vec<_>, _> = expected.iter().map(|(key, body)| put(key, body)).collect();
    store.read_models.commit(commit(0, 1, writes?)).await?;
    expected.sort();
    for (key, body) in &expected {
        let keys = std::slice::from_ref(key);
        let found = store
            .read_models
            .documents(COLLECTION, &TenantId::default(), keys)
            .await?;
        let found: Vec<_> = found
            .into_iter()
            .map(|d| (d.key, d.body.as_json().unwrap_or_default().to_owned()))
            .collect();
        ensure_eq(
            format_args!("the document {key:?}"),
            found,
            vec![(key.clone(), body.clone())],
        )?;
    }
    let expected: Vec<_> = expected
        .iter()
        .map(|(k, b)| (k.as_str(), b.as_str()))
        .collect();
    ensure_documents(&store, &expected).await
}

/// A commit of a thousand documents is written whole, and they are found by their keys in one call.
pub async fn a_thousand_documents_in_one_commit(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let keys: Vec<String> = (0..1_000).map(|n| format!("{n:04}")).collect();
    let writes: Result<Vec<_>, _> = keys.iter().map(|key| put(key, "1")).collect();
    store.read_models.commit(commit(0, 1, writes?)).await?;
    let writes: Result<Vec<_>, Violation> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| {
            if n % 2 == 0 {
                put(key, "2")
            } else {
                Ok(delete(key))
            }
        })
        .collect();
    store.read_models.commit(commit(1, 2, writes?)).await?;
    let mut found = store
        .read_models
        .documents(COLLECTION, &TenantId::default(), &keys)
        .await?;
    found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let found: Vec<_> = found.into_iter().map(|document| document.key).collect();
    let expected: Vec<_> = keys.into_iter().step_by(2).collect();
    ensure_eq("the keys that are left", found, expected)
}

/// Bodies come back to the byte.
pub async fn bodies_come_back_to_the_byte(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let bodies = [
        "null",
        "1e400",
        "{ \"b\":1,\"a\":2, \"a\":3}",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"🦀\u{feff}é\"",
        "1.10",
        "\n[]\n",
        &large,
    ];
    let keys: Vec<String> = (0..bodies.len()).map(|n| n.to_string()).collect();
    let writes: Result<Vec<_>, _> = keys
        .iter()
        .zip(bodies)
        .map(|(key, body)| put(key, body))
        .collect();
    store.read_models.commit(commit(0, 1, writes?)).await?;
    let scanned = store
        .read_models
        .scan(COLLECTION, &TenantId::default(), None, 100)
        .await?;
    let mut found = store
        .read_models
        .documents(COLLECTION, &TenantId::default(), &keys)
        .await?;
    found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    for documents in [scanned, found] {
        let found: Vec<_> = documents
            .iter()
            .map(|document| document.body.as_json().unwrap_or_default())
            .collect();
        ensure_eq("the bodies", found, bodies.to_vec())?;
    }
    Ok(())
}

/// A document is JSON: a binary body is refused, with all that is committed together with it.
pub async fn a_binary_body_is_refused(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut binary = put("binary", "1")?;
    binary.body = Some(Payload::binary(vec![b'1']));
    let writes = vec![put("json", "1")?, binary];
    let refused = store.read_models.commit(commit(0, 1, writes)).await;
    ensure(
        matches!(refused, Err(ReadModelError::Failed { .. })),
        "Failed for a binary body",
        &refused,
    )?;
    let left = store
        .read_models
        .scan(COLLECTION, &TenantId::default(), None, 100)
        .await?;
    ensure_eq("the documents that were stored", left, Vec::new())
}
