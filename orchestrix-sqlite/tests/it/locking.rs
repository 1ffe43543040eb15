//! Locks among stores and processes that share a file.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use orchestrix::store::{Lock, LockError, LockStore};
use orchestrix_sqlite::{DriverError, SqliteStore};

use crate::fixture::{Place, lock_key};

const LONG: Duration = Duration::from_secs(30);
/// Names the database to the process that a test starts.
const DATABASE: &str = "ORCHESTRIX_LOCKED_DATABASE";
const HELD: &str = "the lock is held";

fn folder(place: &Place) -> PathBuf {
    let mut name = place.path.clone().into_os_string();
    name.push("-locks");
    name.into()
}

fn files(place: &Place) -> usize {
    std::fs::read_dir(folder(place)).map_or(0, |files| files.count())
}

#[tokio::test]
async fn two_stores_on_one_file_exclude_each_other() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    let key = lock_key("report");
    let held = one.try_lock(&key).await.expect("a try").expect("free");
    assert!(held.is_held().await.expect("an answer"));
    assert_eq!(files(&place), 1);
    for store in [&one, &other] {
        assert!(store.try_lock(&key).await.expect("a try").is_none());
        let error = store
            .lock(&key, Duration::from_millis(5))
            .await
            .expect_err("held");
        assert!(matches!(error, LockError::TimedOut { .. }), "{error:?}");
    }
    assert_eq!((one.held_locks(), other.held_locks()), (1, 0));
    let another = other.try_lock(&lock_key("import")).await.expect("a try");
    another
        .expect("it is another lock")
        .release()
        .await
        .expect("it was held");

    held.release().await.expect("it was held");
    assert_eq!(files(&place), 0, "the folder is empty");
    let held = other.try_lock(&key).await.expect("a try").expect("free");
    drop(held);
    assert_eq!(files(&place), 0, "the folder is empty");
    let again = one.try_lock(&key).await.expect("a try");
    assert!(again.is_some(), "it was released when it was dropped");
}

#[tokio::test]
async fn locks_of_other_files_are_other_locks() {
    let (here, there) = (Place::new(), Place::new());
    let key = lock_key("report");
    let (one, other) = (here.open().await, there.open().await);
    let first = one.try_lock(&key).await.expect("a try");
    let second = other.try_lock(&key).await.expect("a try");
    assert!(first.is_some() && second.is_some());
    let memory = SqliteStore::in_memory().await.expect("the store opens");
    let third = memory.try_lock(&key).await.expect("a try");
    assert!(third.is_some() && memory.try_lock(&key).await.expect("a try").is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn who_comes_by_a_link_meets_the_others() {
    let place = Place::new();
    let one = place.open().await;
    let link = place.path.with_file_name("link.db");
    std::os::unix::fs::symlink(&place.path, &link).expect("a link");
    let other = SqliteStore::open(&link).await.expect("the store opens");
    let key = lock_key("report");
    let _held = one.try_lock(&key).await.expect("a try").expect("free");
    assert!(other.try_lock(&key).await.expect("a try").is_none());
}

/// Each takes and releases the same lock, whose file comes and goes meanwhile; nobody is alone by mistake.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_at_a_time_also_while_files_are_removed() {
    let place = Place::new();
    let inside = Arc::new(AtomicUsize::new(0));
    let mut working = Vec::new();
    for _ in 0..4 {
        let (store, inside) = (place.open().await, inside.clone());
        working.push(tokio::spawn(async move {
            for _ in 0..300 {
                let lock = lock_without_pause(&store).await;
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                lock.release().await.expect("it was held");
            }
        }));
    }
    for worker in working {
        worker.await.expect("one at a time");
    }
    assert_eq!(files(&place), 0);
}

/// Tries so often that files are removed between being opened and being locked.
async fn lock_without_pause(store: &SqliteStore) -> Lock {
    let deadline = Instant::now() + LONG;
    loop {
        assert!(Instant::now() < deadline, "nobody releases the lock");
        if let Some(lock) = store.try_lock(&lock_key("report")).await.expect("a try") {
            return lock;
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_lock_whose_file_was_removed_is_lost() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    let key = lock_key("report");
    let held = one.try_lock(&key).await.expect("a try").expect("free");
    std::fs::remove_dir_all(folder(&place)).expect("somebody tidies up");
    assert!(!held.is_held().await.expect("an answer"));
    let second = other.try_lock(&key).await.expect("a try").expect("free");
    let error = held.release().await.expect_err("it was lost");
    assert!(matches!(error, LockError::Lost { .. }), "{error:?}");
    assert!(
        second.is_held().await.expect("an answer"),
        "the file of the second was left alone"
    );
    second.release().await.expect("it was held");
    assert_eq!((one.held_locks(), other.held_locks()), (0, 0));
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_named() {
    let place = Place::new();
    let store = place.open().await;
    std::fs::write(folder(&place), "in the way").expect("a file");
    let error = store
        .try_lock(&lock_key("report"))
        .await
        .expect_err("no folder");
    let LockError::Failed { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::LockFile { action: "open", path, .. })
            if path.starts_with(folder(&place))),
        "{source:?}"
    );
    assert_eq!(store.held_locks(), 0);
}

/// This test is also what the process does that it starts and kills.
#[tokio::test]
async fn the_locks_of_a_killed_process_are_released() {
    if let Some(database) = std::env::var_os(DATABASE) {
        return hold_until_killed(database.into()).await;
    }
    let place = Place::new();
    let store = place.open().await;
    let key = lock_key("report");
    let mut holder = start_holder(&place);
    assert!(store.try_lock(&key).await.expect("a try").is_none());
    // By SIGKILL where there are signals.
    holder.kill().expect("the process is killed");
    holder.wait().expect("the process has ended");
    assert_eq!(files(&place), 1, "it had no time to tidy up");
    let lock = store.try_lock(&key).await.expect("a try");
    lock.expect("free").release().await.expect("it was held");
    assert_eq!(files(&place), 0);
}

async fn hold_until_killed(database: PathBuf) {
    let store = SqliteStore::open(database).await.expect("the store opens");
    let _held = store
        .try_lock(&lock_key("report"))
        .await
        .expect("a try")
        .expect("free");
    println!("{HELD}");
    // Ends with the test that started it, should that be killed itself.
    let _end = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Returns when it holds the lock.
fn start_holder(place: &Place) -> Child {
    let test = "locking::the_locks_of_a_killed_process_are_released";
    let mut holder = Command::new(std::env::current_exe().expect("this program"))
        .args([test, "--exact", "--nocapture"])
        .env(DATABASE, &place.path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the process starts");
    let output = holder.stdout.take().expect("its output is piped");
    let told = BufReader::new(output)
        .lines()
        .any(|line| line.is_ok_and(|line| line.contains(HELD)));
    assert!(told, "the process ended without the lock");
    holder
}
