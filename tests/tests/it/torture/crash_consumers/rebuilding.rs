//! A process that also builds its read models anew, one after the other, is killed again and again: each read model is what
//! its checkpoint says, in the middle of builds and after them.

use orchestrix::error::BoxError;
use tests::crash_bank::{Bank, BankPlace, read_models};

use super::super::in_database::{in_database, on_runtime};
use super::super::work::{PATIENCE, amount, seen};
use super::verdict::Extent;
use super::{CATCH_UP, FULL_KILLS, MORE_KILLS, Torture};

#[test]
fn kills_amid_rebuilds_leave_no_half_built_views_in_sqlite() -> Result<(), BoxError> {
    const TEST: &str = "kills_amid_rebuilds_leave_no_half_built_views_in_sqlite";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let place = BankPlace::Sqlite(folder.path().join("bank.db"));
    on_runtime(run(place, kills))
}

#[test]
fn kills_amid_rebuilds_leave_no_half_built_views_in_postgres() -> Result<(), BoxError> {
    const TEST: &str = "kills_amid_rebuilds_leave_no_half_built_views_in_postgres";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    in_database(TEST, |url| run(BankPlace::Postgres(url.into()), kills))
}

async fn run(place: BankPlace, kills: usize) -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let mut torture = Torture::on(place, folder.path());
    torture.rebuilding = true;
    let (mut kill, mut amid) = (0, 0);
    while kill < kills || (amid == 0 && kill < kills + MORE_KILLS) {
        kill += 1;
        torture.kill_one().await?;
        torture.judge(kill, Extent::AsFarAsTheySay).await?;
        amid += usize::from(torture.is_building().await?);
        if torture.random.below(CATCH_UP) == 0 {
            torture.end_builds().await?;
            torture.judge(kill, Extent::ToTheEnd).await?;
        }
    }
    torture.end_builds().await?;
    let counts = torture.judge(kill, Extent::ToTheEnd).await?;
    let builds = torture.builds().await?;
    eprintln!(
        "{kill} kills, {amid} of them amid a build, {} events in the log, builds {builds:?}",
        counts.logged
    );
    match amid > 0 && builds.iter().all(|build| *build > 0) {
        true => Ok(()),
        false => Err("the run was too weak to count: it never came between".into()),
    }
}

impl Torture {
    /// Whether something was being built when it was killed.
    async fn is_building(&self) -> Result<bool, BoxError> {
        let store = self.place.open().await?;
        let upkeep = store.ports().read_models.upkeep().await;
        store.close().await?;
        Ok(!upkeep?.rebuilds.is_empty())
    }

    /// Starts the app here, without writers, and waits until what was being built has taken its place, what it took the place
    /// of is deleted, and all is consumed.
    async fn end_builds(&mut self) -> Result<(), BoxError> {
        let file = self.handled(self.runs.len() as u64);
        let app = self.place.start(Bank::noting_in(&file)?).await?;
        // The next ones: those that a process died over come to their ends, and others after them.
        for name in read_models() {
            app.rebuild(&name).await?.switched(PATIENCE).await?;
        }
        let head = app.store().head().await?;
        app.caught_up(head, PATIENCE).await?;
        let store = self.place.open().await?;
        let read_models = store.ports().read_models;
        let cleared = seen("the old documents are deleted", async || {
            Ok(read_models.upkeep().await?.dropped.is_empty())
        });
        let cleared = cleared.await;
        store.close().await?;
        cleared?;
        app.shutdown().await?;
        self.runs.push(super::noted(&file)?);
        Ok(())
    }

    /// Which builds are read.
    async fn builds(&self) -> Result<Vec<u64>, BoxError> {
        let store = self.place.open().await?;
        let ports = store.ports();
        let mut builds = Vec::new();
        for name in read_models() {
            builds.push(ports.read_models.read_model_build(&name).await?);
        }
        store.close().await?;
        Ok(builds)
    }
}
