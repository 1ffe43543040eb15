use std::time::Instant;
use orchestrix::store::*;
use orchestrix_sqlite::SqliteStore;

fn hand(path: &std::path::Path, txs: usize, per: usize, sql: &str) -> f64 {
    let c = rusqlite::Connection::open(path).unwrap();
    c.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    c.pragma_update(None, "synchronous", "full").unwrap();
    c.execute_batch(sql).unwrap();
    let body = serde_json::json!({"owner":"Ada Lovelace","pence":12345,"note":"some text of usual size, about a hundred bytes in all ...."}).to_string();
    let t = Instant::now();
    for i in 0..txs {
        c.execute_batch("BEGIN IMMEDIATE").unwrap();
        let stream = format!("account-{i}");
        let v: Option<i64> = c.prepare_cached("SELECT max(version) FROM events WHERE tenant='default' AND stream=?1").unwrap().query_row([&stream], |r| r.get(0)).unwrap();
        let v = v.unwrap_or(0);
        {
        let mut s = c.prepare_cached("INSERT INTO events (tenant, stream, category, version, event_id, event_type, schema_version, occurred_at, metadata, payload) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)").unwrap();
        for n in 0..per {
            let id = uuid::Uuid::now_v7();
            s.execute(rusqlite::params!["default", stream, "account", v + 1 + n as i64, &id.as_bytes()[..], "AccountOpened", 1, 1_700_000_000_000_000i64, "{}", body]).unwrap();
        }
        }
        c.execute_batch("COMMIT").unwrap();
    }
    (txs * per) as f64 / t.elapsed().as_secs_f64()
}

fn make(per: usize, stream: String, payload: &Payload) -> Append {
    Append::new(StreamId::new("account", &stream).unwrap(), ExpectedVersion::NoStream,
        (0..per).map(|_| EventData::new("AccountOpened", 1, payload.clone())).collect())
}

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir_in(".").unwrap();
    let payload = Payload::of(&serde_json::json!({"owner":"Ada Lovelace","pence":12345,"note":"some text of usual size, about a hundred bytes in all ...."})).unwrap();
    let ours = include_str!("../migrations/0001_events_checkpoints_documents.sql");
    let tenant_first = ours.replace("(stream, tenant, version)", "(tenant, stream, version)").replace("(event_id, tenant)", "(tenant, event_id)");
    let auto = ours.replace("INTEGER PRIMARY KEY,", "INTEGER PRIMARY KEY AUTOINCREMENT,");
    for round in 0..3 {
        for (name, sql) in [("ours", ours), ("tenant first", &tenant_first), ("autoincrement", &auto)] {
            let h = hand(&dir.path().join(format!("h{name}{round}.db")), 3000, 100, sql);
            println!("hand 100/tx {name}: {h:.0} ev/s");
        }
        let store = SqliteStore::open(dir.path().join(format!("s{round}.db"))).await.unwrap();
        let t = Instant::now();
        for i in 0..3000 { store.append(vec![make(100, format!("x{i}"), &payload)]).await[0].as_ref().unwrap(); }
        println!("store 100/append, one caller: {:.0} ev/s", 300_000.0 / t.elapsed().as_secs_f64());
        let store = SqliteStore::open(dir.path().join(format!("t{round}.db"))).await.unwrap();
        let t = Instant::now();
        let tasks: Vec<_> = (0..4).map(|w| { let store = store.clone(); let payload = payload.clone(); tokio::spawn(async move {
            for i in 0..750 { store.append(vec![make(100, format!("x{w}-{i}"), &payload)]).await[0].as_ref().unwrap(); } }) }).collect();
        for t in tasks { t.await.unwrap(); }
        println!("store 100/append, 4 callers: {:.0} ev/s", 300_000.0 / t.elapsed().as_secs_f64());
        let h1 = hand(&dir.path().join(format!("g{round}.db")), 20000, 1, ours);
        println!("hand 1/tx: {h1:.0} ev/s");
        let t = Instant::now();
        for i in 0..20000 { store.append(vec![make(1, format!("y{i}"), &payload)]).await[0].as_ref().unwrap(); }
        println!("store 1/append, one caller: {:.0} ev/s", 20_000.0 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        let tasks: Vec<_> = (0..64).map(|w| { let store = store.clone(); let payload = payload.clone(); tokio::spawn(async move {
            for i in 0..1500 { store.append(vec![make(1, format!("z{w}-{i}"), &payload)]).await[0].as_ref().unwrap(); } }) }).collect();
        for t in tasks { t.await.unwrap(); }
        println!("store 1/append, 64 callers: {:.0} ev/s", 96_000.0 / t.elapsed().as_secs_f64());
        let t = Instant::now(); let mut n = 0; let mut after = GlobalPosition::START;
        loop { let p = store.read_all(ReadAll::after(after)).await.unwrap(); n += p.events.len(); after = p.scanned_to; if p.at_head { break } }
        println!("read_all: {:.0} ev/s", n as f64 / t.elapsed().as_secs_f64());
        let t = Instant::now(); let mut after = GlobalPosition::START;
        loop { let p = store.read_all(ReadAll::after(after).filter(Filter::all().event_types(["None"]).categories(["account"]))).await.unwrap(); after = p.scanned_to; if p.at_head { break } }
        println!("filtered, nothing matches: {:.0} ev/s", n as f64 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        for i in 0..20000 { store.read_stream(ReadStream::forward(StreamId::new("account", &format!("y{i}")).unwrap())).await.unwrap(); }
        println!("read_stream of 1: {:.0} /s", 20_000.0 / t.elapsed().as_secs_f64());
    }
}
