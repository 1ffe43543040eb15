//! Writing the places of documents in indexes, in the statement that writes the documents.

use orchestrix::store::DocumentWrite;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;

use crate::schema::{Schema, Statement};

/// How the statements end that move a checkpoint and write documents.
const END: &str = "\nselect 1 from moved";

/// A statement that writes documents, and the same that writes their places in indexes, too: those who have none do not
/// pay for it.
#[derive(Debug)]
pub(crate) struct Writing {
    plain: Statement,
    indexed: Statement,
}

impl Writing {
    /// Of a statement that has the documents as `write`, their collection as `target` and the moved checkpoint as `moved`.
    /// The parameters of the indexes come after its own.
    pub(crate) fn new(schema: &Schema, text: &str) -> Self {
        let first = last_parameter(text) + 1;
        let mut writing = include_str!("write_indexes.sql").to_owned();
        for (name, number) in ["{indexes}", "{tenants}", "{keys}", "{names}", "{values}"]
            .iter()
            .zip(first..)
        {
            writing = writing.replace(name, &format!("${number}"));
        }
        let begun = text.trim_end().strip_suffix(END).unwrap_or_default();
        Self {
            plain: schema.statement(text),
            indexed: schema.statement(&format!("{begun}{}{END}", writing.trim_end())),
        }
    }

    /// The statement for these places.
    pub(crate) fn statement(&self, places: &Places<'_>) -> &Statement {
        match places.indexes.is_empty() {
            true => &self.plain,
            false => &self.indexed,
        }
    }
}

/// The highest number of a parameter.
fn last_parameter(text: &str) -> usize {
    let after = text.split('$').skip(1);
    let numbers = after.map(|after| {
        let end = after.find(|letter: char| !letter.is_ascii_digit());
        let number = end.and_then(|end| after.get(..end)).unwrap_or(after);
        number.parse().unwrap_or(0)
    });
    numbers.max().unwrap_or(0)
}

/// The places of all documents of a commit.
#[derive(Debug, Default)]
pub(crate) struct Places<'a> {
    indexes: &'a [String],
    tenants: Vec<&'a str>,
    keys: Vec<&'a str>,
    names: Vec<&'a str>,
    values: Vec<&'a [u8]>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(indexes: &'a [String], writes: &'a [DocumentWrite]) -> Self {
        let mut places = Self {
            indexes,
            ..Self::default()
        };
        for write in writes {
            for (name, value) in indexes.iter().zip(&write.index_values) {
                places.tenants.push(write.tenant.as_str());
                places.keys.push(&write.key);
                places.names.push(name);
                places.values.push(value);
            }
        }
        places
    }

    /// Binds them after all else, also where there are none.
    pub(crate) fn bind_all<'q>(
        self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments>
    where
        'a: 'q,
    {
        query
            .bind(self.indexes)
            .bind(self.tenants)
            .bind(self.keys)
            .bind(self.names)
            .bind(self.values)
    }

    /// Binds them after all else, where there are any indexes.
    pub(crate) fn bind<'q>(
        self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Query<'q, Postgres, PgArguments>
    where
        'a: 'q,
    {
        match self.indexes.is_empty() {
            true => query,
            false => self.bind_all(query),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{END, last_parameter};

    #[test]
    fn parameters_of_indexes_come_behind_the_others() {
        assert_eq!(last_parameter("select $1, $12::text[], $3"), 12);
        assert_eq!(last_parameter("select $1"), 1);
        assert_eq!(last_parameter("select 1"), 0);
    }

    #[test]
    fn all_statements_that_write_documents_can_write_indexes() {
        for text in [
            include_str!("commit.sql"),
            include_str!("../dead_letter/move.sql"),
        ] {
            assert!(text.trim_end().ends_with(END), "{text}");
            for part in ["\nmoved as (", "\ntarget as (", "\nwrite as ("] {
                assert!(text.replacen("with ", "\n", 1).contains(part), "{part}");
            }
        }
    }
}
