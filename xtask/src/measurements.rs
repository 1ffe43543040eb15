//! What criterion measured, read from the files it leaves behind.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// One benchmark's result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurement {
    pub(crate) group: String,
    pub(crate) function: String,
    /// What the function was measured with, for example the number of concurrent writers.
    pub(crate) parameter: Option<String>,
    /// The median time of one iteration, in nanoseconds.
    pub(crate) median: f64,
    pub(crate) work: Option<Work>,
}

/// How much one iteration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Elements(u64),
    Bytes(u64),
}

impl Measurement {
    /// The benchmark's name within its group.
    pub(crate) fn name(&self) -> String {
        match &self.parameter {
            Some(parameter) => format!("{}/{parameter}", self.function),
            None => self.function.clone(),
        }
    }
}

/// A file of criterion's that is not as expected.
#[derive(Debug)]
pub(crate) struct ReadError {
    file: PathBuf,
    cause: io::Error,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read {}: {}", self.file.display(), self.cause)
    }
}

/// Every benchmark below `folder` that was measured at `since` or later, by group, baselines first, then by name with numbers in
/// their order. A folder that does not exist holds none.
pub(crate) fn read(folder: &Path, since: SystemTime) -> Result<Vec<Measurement>, ReadError> {
    let mut measured = Vec::new();
    if folder.exists() {
        collect(folder, since, &mut measured)?;
    }
    measured.sort_by_key(|one: &Measurement| {
        let number = one
            .parameter
            .as_ref()
            .and_then(|parameter| parameter.parse::<u64>().ok());
        let baseline = one.function.starts_with("baseline");
        (
            one.group.clone(),
            !baseline,
            one.function.clone(),
            number,
            one.parameter.clone(),
        )
    });
    Ok(measured)
}

/// Looks for folders called `new`: `base` holds an earlier run, `report` pictures.
fn collect(
    folder: &Path,
    since: SystemTime,
    measured: &mut Vec<Measurement>,
) -> Result<(), ReadError> {
    let at = |file: &Path| {
        let file = file.to_owned();
        move |cause| ReadError { file, cause }
    };
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if !path.is_dir() {
            continue;
        }
        let (benchmark, estimates) = (path.join("benchmark.json"), path.join("estimates.json"));
        if path.file_name().is_some_and(|name| name == "new")
            && benchmark.is_file()
            && estimates.is_file()
        {
            let written = fs::metadata(&estimates)
                .and_then(|found| found.modified())
                .map_err(at(&estimates))?;
            if written >= since {
                let benchmark = parse(&benchmark).map_err(at(&benchmark))?;
                let estimates = parse(&estimates).map_err(at(&estimates))?;
                measured.push(Measurement::new(benchmark, &estimates));
            }
        } else {
            collect(&path, since, measured)?;
        }
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(file: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

/// The parts of `benchmark.json` that are of use.
#[derive(Debug, Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<Value>,
}

/// The parts of `estimates.json` that are of use.
#[derive(Debug, Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    point_estimate: f64,
}

impl Measurement {
    fn new(benchmark: Benchmark, estimates: &Estimates) -> Self {
        Self {
            // A benchmark outside of a group is its own group.
            function: benchmark
                .function_id
                .unwrap_or_else(|| benchmark.group_id.clone()),
            group: benchmark.group_id,
            parameter: benchmark.value_str,
            median: estimates.median.point_estimate,
            work: benchmark.throughput.as_ref().and_then(Work::from_criterion),
        }
    }
}

impl Work {
    /// Reads `{"Elements": 64}` and its siblings; a kind that is not known here is not reported.
    fn from_criterion(throughput: &Value) -> Option<Self> {
        let number = |kind: &str| throughput.get(kind).and_then(Value::as_u64);
        let both = throughput
            .get("ElementsAndBytes")
            .and_then(|both| both.get("elements")?.as_u64());
        number("Elements").or(both).map(Self::Elements).or_else(|| {
            number("Bytes")
                .or_else(|| number("BytesDecimal"))
                .map(Self::Bytes)
        })
    }
}
