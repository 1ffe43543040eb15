//! With row-level security: a projection's own tables can have policies too.

use orchestrix::store::{DeadLetterSelection, TenantId};

use super::shelf::{SHELF, cure, fail, parking, read, sell_for, shop};
use crate::fixture::{PATIENCE, execute};
use crate::row_security::{as_role, secure};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_for_an_event_is_of_its_tenant() {
    as_role("tables_tenants", async |database, role| {
        secure(&database, &role).await;
        let mut session = database.session().await;
        execute(
            &mut session,
            &format!(
                "create table shelf (tenant text, book text, copies bigint not null, primary key (tenant, book));
                 create table sales (position bigint primary key);
                 alter table shelf enable row level security;
                 alter table shelf force row level security;
                 create policy own on shelf using (tenant = current_setting('orchestrix.tenants', true));
                 grant all on shelf, sales to {0}; grant create on schema public to {0}",
                role.name
            ),
        )
        .await;
        let store = role.store().await;
        let [acme, zeta] = ["acme", "zeta"].map(|name| TenantId::new(name).unwrap());
        fail("Catharine");
        sell_for(&store, acme.clone(), &[("Emma", 1)]).await;
        sell_for(&store, zeta.clone(), &[("Emma", 10), ("Catharine", 1)]).await;
        let end = sell_for(&store, acme, &[("Emma", 2)]).await;
        let app = shop(store, parking()).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        let letters = app.dead_letters(SHELF).unwrap();
        assert_eq!(letters.count().await.unwrap(), 1);
        cure("Catharine");
        letters.retry(DeadLetterSelection::All).await.unwrap();
        letters.served(PATIENCE).await.unwrap();
        assert_eq!(letters.count().await.unwrap(), 0, "it was consumed");
        let sold = [("Catharine", 1), ("Emma", 3), ("Emma", 10)];
        let mut found = read(&mut session).await;
        found.0.sort();
        assert_eq!(
            found,
            (sold.map(|(book, copies)| (book.to_owned(), copies)).to_vec(), 4)
        );
        app.shutdown().await.unwrap();
    })
    .await;
}
