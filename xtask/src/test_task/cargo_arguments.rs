//! The cargo commands that build and run the tests, given what the caller adds to them.

#[cfg(test)]
mod tests;

/// What the caller wrote after `--`, split where the arguments of the test programs begin.
#[derive(Debug)]
pub(super) struct CargoArguments<'a> {
    for_cargo: &'a [String],
    for_programs: &'a [String],
}

impl<'a> CargoArguments<'a> {
    pub(super) fn new(added: &'a [String]) -> Self {
        let split = added
            .iter()
            .position(|word| word == "--")
            .unwrap_or(added.len());
        let (for_cargo, for_programs) = added.split_at(split);
        Self {
            for_cargo,
            for_programs,
        }
    }

    /// Builds without running, so that the time of both is known; `None` for doc tests alone, which cargo cannot build
    /// beforehand.
    pub(super) fn build(&self) -> Option<Vec<String>> {
        if self.has(&["--doc", "--no-run"]) {
            return None;
        }
        Some(self.command(&["--no-run"]))
    }

    /// Runs the tests, all of them also when some fail.
    pub(super) fn test(&self) -> Vec<String> {
        let own: &[&str] = if self.has(&["--no-fail-fast"]) {
            &[]
        } else {
            &["--no-fail-fast"]
        };
        let mut words = self.command(own);
        words.extend_from_slice(self.for_programs);
        words
    }

    fn command(&self, own: &[&str]) -> Vec<String> {
        let mut words = vec!["test".to_owned()];
        if !self.selects_packages() {
            words.push("--workspace".to_owned());
        }
        words.extend(own.iter().map(|word| (*word).to_owned()));
        words.extend_from_slice(self.for_cargo);
        words
    }

    /// Whether the caller says which packages are meant: `--workspace` would be in the way of that.
    fn selects_packages(&self) -> bool {
        let selects = |word: &String| {
            let long = word == "--package" || word.starts_with("--package=");
            long || word == "--workspace"
                || word == "--all"
                || (word.starts_with("-p") && !word.starts_with("--"))
        };
        self.for_cargo.iter().any(selects)
    }

    fn has(&self, options: &[&str]) -> bool {
        self.for_cargo
            .iter()
            .any(|word| options.contains(&word.as_str()))
    }
}
