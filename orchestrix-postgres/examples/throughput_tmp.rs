#![allow(missing_docs)]
use orchestrix::store::*;
use orchestrix_postgres::*;
use std::time::{Duration, Instant};
use std::sync::{Arc, atomic::{AtomicU64, Ordering}};

fn cpu() -> (f64, f64) {
    // seconds: (backends of postgres, self)
    let ticks = |pid: &str| -> Option<(String, f64)> {
        let s = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (a, b) = s.rsplit_once(')')?;
        let f: Vec<&str> = b.split_whitespace().collect();
        Some((a.split_once('(')?.1.to_owned(), (f[11].parse::<f64>().ok()? + f[12].parse::<f64>().ok()?) / 100.0))
    };
    let mut pg = 0.0;
    for e in std::fs::read_dir("/proc").unwrap().flatten() {
        let n = e.file_name().into_string().unwrap();
        if n.parse::<u32>().is_err() { continue }
        let cmd = std::fs::read_to_string(format!("/proc/{n}/cmdline")).unwrap_or_default();
        if cmd.starts_with("postgres:") { if let Some((_, t)) = ticks(&n) { pg += t } }
    }
    (pg, ticks("self").unwrap().1)
}
fn append(n: u64) -> Append {
    let payload = Payload::from_json_text(format!(r#"{{"account":"acc-{n}","pence":500,"note":"{}"}}"#, "x".repeat(150))).unwrap();
    let e = EventData::new("MoneyDeposited", 1, payload).with_metadata(orchestrix::message::Metadata::begin(orchestrix::message::MessageId::new()));
    Append::new(StreamId::new("account", &format!("{n:08}")).unwrap(), ExpectedVersion::NoStream, vec![e])
}

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let schema = format!("bench_{}", std::process::id());
    let store = PostgresStore::connect_with(PostgresOptions::new(&url).with_schema(&schema)).await.unwrap();
    let counter = Arc::new(AtomicU64::new(0));
    for (writers, size) in [(1usize, 1usize), (1, 64), (2, 32), (2, 64), (2, 128), (3, 64), (1,1), (1,64), (2,64)] {
        let before = cpu();
        let start = Instant::now();
        let mut tasks = Vec::new();
        let done = Arc::new(AtomicU64::new(0));
        for _ in 0..writers {
            let (store, counter, done) = (store.clone(), counter.clone(), done.clone());
            tasks.push(tokio::spawn(async move {
                while start.elapsed() < Duration::from_secs(4) {
                    let base = counter.fetch_add(size as u64, Ordering::Relaxed);
                    let batch = (0..size as u64).map(|i| append(base + i)).collect();
                    for o in store.append(batch).await { o.unwrap(); }
                    done.fetch_add(size as u64, Ordering::Relaxed);
                }
            }));
        }
        for t in tasks { t.await.unwrap(); }
        let after = cpu();
        let n = done.load(Ordering::Relaxed) as f64;
        println!("writers {writers} batch {size}: {:.0}/s  server {:.1} us/event, client {:.1} us/event", n / start.elapsed().as_secs_f64(), (after.0 - before.0) * 1e6 / n, (after.1 - before.1) * 1e6 / n);
    }
    let start = Instant::now();
    let (mut after, mut n) = (GlobalPosition::START, 0);
    loop { let p = store.read_all(ReadAll::after(after)).await.unwrap(); n += p.events.len(); after = p.scanned_to; if p.at_head { break } }
    println!("read {n} in {:?}: {:.0}/s", start.elapsed(), n as f64 / start.elapsed().as_secs_f64());
    store.close().await.unwrap();
}
